"""Compares the decorators on a large frame."""

from __future__ import annotations

import time
from statistics import median

import numpy as np
import pandas as pd
import streamlit as st

from chapter import AnyCached, begin, finish
from counts import ran
from reprise import cache_data, cache_resource

BEGAN = begin(
    "Large data",
    "Where every copy is a pickle, a large frame calls for `cache_resource`, and for care with "
    "what everybody shares. Here a hit of `cache_data` takes no longer for more rows, for memory "
    "is copied only where somebody writes: the frame below is yours, at the speed of a shared one.",
)


@cache_data(show_spinner="Making a frame...", max_entries=1)
def frame_as_data(rows: int) -> pd.DataFrame:
    """Four columns of numbers."""
    ran("frame_as_data")
    return pd.DataFrame(np.random.default_rng(1).random((rows, 4)), columns=list("abcd"))


@cache_resource(show_spinner="Making a frame...", max_entries=1)
def frame_as_resource(rows: int) -> pd.DataFrame:
    """Four columns of numbers."""
    ran("frame_as_resource")
    return pd.DataFrame(np.random.default_rng(1).random((rows, 4)), columns=list("abcd"))


def milliseconds_of_a_hit(function: AnyCached, rows: int) -> float:
    """Measure a hit.

    Args:
        function: A cached function.
        rows: Its argument.

    Returns:
        The median of some hits, in milliseconds.
    """
    taken = []
    function(rows)
    for _ in range(9):
        began = time.perf_counter()
        function(rows)
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


rows = st.select_slider("Rows", [10_000, 300_000, 1_000_000, 10_000_000], value=300_000)
hits = [milliseconds_of_a_hit(function, rows) for function in (frame_as_data, frame_as_resource)]
began = time.perf_counter()
mine = frame_as_data(rows).copy(deep=True)
copying = 1000 * (time.perf_counter() - began)
places = st.columns(3)
places[0].metric("Hit, cache_data", f"{hits[0]:.3f} ms")
places[1].metric("Hit, cache_resource", f"{hits[1]:.3f} ms")
places[2].metric("One copy, for comparison", f"{copying:.1f} ms")

mine = frame_as_data(rows)
mine.loc[0, "a"] = -1.0
left, right = st.columns(2)
left.metric("First number, in my copy", f"{mine.loc[0, 'a']:.3f}")
right.metric("The same, in the cache", f"{frame_as_data(rows).loc[0, 'a']:.3f}")

finish(BEGAN, frame_as_data, frame_as_resource)
