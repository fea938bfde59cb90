"""Caches a computation on arrays."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data

BEGAN = begin(
    "Computing with arrays",
    "Two waves are drawn anew in every run; their sum is computed once for each pair of waves. "
    "What counts is the content of the arrays: their type, their shape and each number.",
)


@cache_data
def add(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adds two waves."""
    ran("add")
    take(1)
    return first + second


x = np.linspace(0, 4 * np.pi, 400)
pitch = st.slider("Pitch of the second wave", 1, 8, 3)
wave, overtone = np.sin(x), 0.4 * np.sin(pitch * x)
st.line_chart(
    {"sum": add(wave, overtone), "first": wave, "second": overtone},
    color=["#D9541E", "#0B5C8F", "#A9CBE2"],
    height=260,
)
st.button("Rerun")

finish(BEGAN, add)
