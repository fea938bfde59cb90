"""Functions that are edited while the app runs, or whose helper is, and one that is not."""

from __future__ import annotations

import streamlit as st
from calls import note
from rates import rate

from reprise import cache_data


@cache_data
def edited() -> str:
    """Gives another answer after the edit."""
    note("edited")
    return "before"


@cache_data
def untouched() -> str:
    """Stays as it is."""
    note("untouched")
    return "same"


@cache_data
def helped() -> str:
    """Gives another answer after an edit of the helper in another file."""
    note("helped")
    return rate()


st.text(f"edited: {edited()}")
st.text(f"untouched: {untouched()}")
st.text(f"helped: {helped()}")
