"""Passes arrays of texts, as ``unique()`` gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data

BEGAN = begin(
    "Arrays of texts",
    "`unique()` gives an array of Python's own texts, another one in each run. It counts by the "
    "texts in it, so that **Rerun** is a hit, without `hash_funcs`. With `hash_funcs={...: str}` "
    "it is one as well, but NumPy writes long arrays with dots in the middle: what hides behind "
    "the dots would not count.",
)


@cache_data
def table() -> pd.DataFrame:
    """A small table."""
    ran("table")
    return pd.DataFrame({"number": [112, 112, 2, 3], "text": ["be", "a", "be", "c"]})


@cache_data
def shown(texts: Any) -> Any:
    """Takes two seconds."""
    ran("shown")
    take(2)
    return texts


@cache_data(hash_funcs={np.ndarray: str})
def shown_by_text(texts: Any) -> Any:
    """Takes two seconds; an array counts by how it is written."""
    ran("shown_by_text")
    take(2)
    return texts


texts = table()["text"].astype(object).unique()
left, right = st.columns(2)
left.dataframe(shown(texts))
right.dataframe(shown_by_text(texts))
st.button("Rerun")

finish(BEGAN, table, shown, shown_by_text)
