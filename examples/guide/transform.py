"""Caches what is made out of a frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data

BEGAN = begin(
    "Transforming a frame",
    "The frame itself is the argument, and *all* of it counts: change one number in the last of "
    "60,000 rows, and the function runs. An equal frame, made anew in each run, is a hit.",
)


@cache_data
def totals(frame: pd.DataFrame) -> pd.Series:
    """Sums two of the columns."""
    ran("totals")
    take(1)
    chosen = frame.filter(items=["one", "three"])
    return chosen.apply(np.sum, axis=0)


@cache_data
def largest(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Sorts by a column."""
    ran("largest")
    take(1)
    return frame.sort_values(column, ascending=False).head(3)


extra = st.slider("Added to the last row", 0, 10, 0)
numbers = np.arange(60_000, dtype="int64")
frame = pd.DataFrame({"one": numbers, "two": numbers % 7, "three": numbers % 1000})
frame.loc[frame.index[-1], "three"] += extra

sums = totals(frame)
left, right = st.columns(2)
left.metric("Sum of one", f"{sums['one']:,}")
right.metric("Sum of three", f"{sums['three']:,}")
column = st.segmented_control("Largest by", ["one", "two", "three"], default="one")
st.dataframe(largest(frame, column or "one"), hide_index=True)

finish(BEGAN, totals, largest)
