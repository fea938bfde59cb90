"""Lets results grow old."""

from __future__ import annotations

import datetime

import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data, cache_resource

BEGAN = begin(
    "How long a result counts",
    "A result older than its `ttl` is not served any more: the function runs again. It is given "
    "in seconds, as a `timedelta`, or as text. Press **Rerun** now and again: the first time of "
    "day is replaced when it is ten seconds old, the others stay for an hour.",
)


def now() -> str:
    """The time of day."""
    return f"{datetime.datetime.now():%H:%M:%S}"  # noqa: DTZ005 - as the reader's clock has it


@cache_data(ttl=10)
def every_ten_seconds() -> str:
    """Is fetched again after ten seconds."""
    ran("every_ten_seconds")
    return now()


@cache_data(ttl=3600)
def in_seconds() -> str:
    """Counts for an hour."""
    ran("in_seconds")
    return now()


@cache_data(ttl=datetime.timedelta(hours=1))
def as_timedelta() -> str:
    """Counts for an hour."""
    ran("as_timedelta")
    return now()


@cache_resource(ttl="1h")
def as_text() -> list[str]:
    """Counts for an hour; resources may grow old as well."""
    ran("as_text")
    return [now()]


places = st.columns(4)
places[0].metric("ttl=10", every_ten_seconds())
places[1].metric("ttl=3600", in_seconds())
places[2].metric("timedelta(hours=1)", as_timedelta())
places[3].metric('ttl="1h"', as_text()[0])
st.button("Rerun")

finish(BEGAN, every_ten_seconds, in_seconds, as_timedelta, as_text)
