"""Lets results grow old."""

from __future__ import annotations

import datetime

import streamlit as st

from chapter import begin, finish
from counts import ran, runs_of
from reprise import cache_data, cache_resource

BEGAN = begin(
    "How long a result counts",
    "A result older than its `ttl` is not served any more: the function runs again. It is given "
    "in seconds, as a `timedelta`, or as text. Press **Rerun** now and again: the number of the "
    "first fetch changes every ten seconds, the others stay for an hour.",
)


@cache_data(ttl=10)
def every_ten_seconds() -> int:
    """Is fetched again after ten seconds."""
    ran("every_ten_seconds")
    return runs_of("every_ten_seconds")


@cache_data(ttl=3600)
def in_seconds() -> int:
    """Counts for an hour."""
    ran("in_seconds")
    return runs_of("in_seconds")


@cache_data(ttl=datetime.timedelta(hours=1))
def as_timedelta() -> int:
    """Counts for an hour."""
    ran("as_timedelta")
    return runs_of("as_timedelta")


@cache_resource(ttl="1h")
def as_text() -> list[int]:
    """Counts for an hour; resources may grow old as well."""
    ran("as_text")
    return [runs_of("as_text")]


places = st.columns(4)
places[0].metric("ttl=10", f"fetch {every_ten_seconds()}")
places[1].metric("ttl=3600", f"fetch {in_seconds()}")
places[2].metric("timedelta(hours=1)", f"fetch {as_timedelta()}")
places[3].metric('ttl="1h"', f"fetch {as_text()[0]}")
st.button("Rerun")

finish(BEGAN, every_ten_seconds, in_seconds, as_timedelta, as_text)
