"""Bounds how many results are kept."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from chapter import begin, finish
from counts import ran, take
from reprise import MISSING, cache_data

BEGAN = begin(
    "How many results are kept",
    "Of these large arrays three are kept. When a fourth comes, the oldest that nobody has asked "
    "for again goes: one that is in use stays, however old it is.",
)


@cache_data(max_entries=3, show_spinner=False)
def large_array(seed: int) -> NDArray[np.float64]:
    """A hundred thousand numbers."""
    ran("large_array")
    take(0.5)
    return np.random.default_rng(seed).random(100_000)


seed = st.segmented_control("Seed", range(1, 7), default=1, required=True)
array = large_array(seed)
kept = [number for number in range(1, 7) if large_array.peek(number) is not MISSING]
left, right = st.columns(2)
left.metric("Mean", f"{array.mean():.4f}")
right.metric("Kept", ", ".join(map(str, kept)))

finish(BEGAN, large_array)
