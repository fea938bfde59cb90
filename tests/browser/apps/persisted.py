"""An app whose function is slow, so that its results are to outlive the server."""

from __future__ import annotations

import numpy as np
import streamlit as st
from calls import note

from reprise import cache_data


@cache_data(persist=True)
def report(year: int) -> str:
    """Show a year, and where the user comes from."""
    note(f"report {year}")
    st.sidebar.caption(f"aside: {year}")
    left, right = st.columns(2)
    left.metric("total", year)
    right.image(np.full((8, 8, 3), year % 256, np.uint8), caption="a picture")
    with st.expander("more", expanded=True):
        st.text(f"came by: {st.query_params.get('by', 'chance')}")
    return f"report of {year}"


st.text(f"above: {st.session_state.get('runs', 0)}")
st.text(f"returned: {report(2026)}")
