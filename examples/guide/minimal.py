"""The smallest example: one slow function with two parameters."""

from __future__ import annotations

import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data

BEGAN = begin(
    "A first cached function",
    "`product` takes two seconds, but only once for each pair of numbers. Press **Rerun**: the "
    "answer is there at once. Change a number: the function runs. Change it back: it does not. "
    "Edit the function while the page is open, and it runs anew for each pair.",
)


@cache_data
def product(first: int, second: int) -> int:
    """Multiplies, slowly."""
    ran("product")
    take(2)
    return first * second


left, right = st.columns(2)
first = left.number_input("First number", value=6, step=1)
second = right.number_input("Second number", value=7, step=1)
st.metric("Product", product(int(first), int(second)))
st.button("Rerun")

finish(BEGAN, product)
