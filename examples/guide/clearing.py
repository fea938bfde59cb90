"""Forgets results: all, those of one function, one."""

from __future__ import annotations

import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data, cache_resource

BEGAN = begin(
    "Forgetting",
    "The buttons forget what the two functions returned for 1 and for 2: all data, all results of "
    "one function, or one of them. The table at the foot shows what ran again. A resource is "
    "not data and is forgotten by `cache_resource.clear()`.",
)


@cache_data
def square(x: int) -> int:
    """The second power."""
    ran("square")
    st.caption(f"square({x}) = {x**2}")
    return x**2


@cache_data
def cube(x: int) -> int:
    """The third power."""
    ran("cube")
    st.caption(f"cube({x}) = {x**3}")
    return x**3


@cache_resource
def notebook() -> list[int]:
    """One for all."""
    ran("notebook")
    return []


with st.container(horizontal=True):
    if st.button("All data"):
        cache_data.clear()
    st.button("All of square", on_click=square.clear)
    if st.button("square(1) alone"):
        square.clear(1)
    if st.button("All resources"):
        cache_resource.clear()
notebook()
for function in (square, cube):
    for x in (1, 2):
        function(x)

finish(BEGAN, square, cube, notebook)
