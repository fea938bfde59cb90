"""An app written for Streamlit's own decorators."""

from __future__ import annotations

import streamlit as st
from calls import note

import reprise

reprise.install()


@st.cache_data(ttl="1h", show_spinner="Reading...")
def table() -> dict[str, int]:
    """Shows something as well."""
    note("table")
    st.text("shown inside")
    return {"rows": 3}


@st.cache_resource
def connection() -> list[str]:
    """Shared by all."""
    note("connection")
    return ["connection"]


mine = table()
mine["rows"] += 1
st.text(f"rows: {mine['rows']}")
st.text(f"shared: {connection() is connection()}")
st.text(f"ours: {all(hasattr(function, 'peek') for function in (table, connection))}")
