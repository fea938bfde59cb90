"""An app that knows nothing of Reprise."""

from __future__ import annotations

import sys

import streamlit as st
from calls import note


@st.cache_data(ttl="1h")
def table(name: str) -> list[str]:
    """Shows something as well."""
    note("table")
    st.text(f"shown inside: {name}")
    return [name]


@st.cache_data
def refused(connection: object) -> object:
    """Is called with what has no key."""
    return connection


mine = table("flights")
mine.append("mine alone")
st.text(f"rows: {mine}")
st.text(f"ours: {hasattr(table, 'peek')}")
st.text(f"arguments: {sys.argv[1:]}")
if st.checkbox("Go wrong"):
    refused(line for line in sys.argv)
