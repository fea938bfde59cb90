"""Two functions, one of which is edited while the app runs."""

from __future__ import annotations

import streamlit as st
from calls import note

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


st.text(f"edited: {edited()}")
st.text(f"untouched: {untouched()}")
