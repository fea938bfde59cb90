"""Lets two users change what a cached function returned."""

from __future__ import annotations

import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data, cache_resource

BEGAN = begin(
    "Two users at once",
    "Each run of this page adds one to the first number of two lists. Open the page in a second "
    "window and run it here and there: the list of `cache_data` begins anew each time, while that "
    "of `cache_resource` goes up, whoever runs the page.",
)


@cache_data
def own_list() -> list[int]:
    """Each caller gets a list of its own."""
    ran("own_list")
    return [1, 2, 3]


@cache_resource
def shared_list() -> list[int]:
    """All callers get the same list."""
    ran("shared_list")
    return [1, 2, 3]


own, shared = own_list(), shared_list()
own[0] += 1
shared[0] += 1
left, right = st.columns(2)
left.metric("cache_data", str(own))
right.metric("cache_resource", str(shared))
left, right = st.columns(2)
left.button("Rerun", width="stretch")
right.button("Forget the shared list", on_click=shared_list.clear, width="stretch")

finish(BEGAN, own_list, shared_list)
