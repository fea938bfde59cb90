"""Reads a table from a web service, with code that was written for Streamlit's own decorator."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import reprise
from chapter import begin, finish
from counts import ran
from sources import service

reprise.install()

BEGAN = begin(
    "Loading a table",
    "A table of taxi rides comes from a web service that takes its time. With the decorator it is "
    "asked once; **Rerun** and every other user get the table from the cache. The code says "
    "`st.cache_data`, as any Streamlit app does: `reprise.install()` in its first lines is all "
    "that was added.",
)


@st.cache_data(show_spinner="Asking the service...")
def load_rides(url: str) -> pd.DataFrame:
    """Downloads and reads a table."""
    ran("load_rides")
    return pd.read_csv(url)


rides = load_rides(f"{service()}/pickups.csv")
left, right = st.columns(2)
left.metric("Rides", f"{len(rides):,}")
right.metric("Cached by", "Reprise" if hasattr(load_rides, "explain") else "Streamlit")
st.dataframe(rides.head(200), height=250)
st.button("Rerun")

finish(BEGAN, load_rides)
