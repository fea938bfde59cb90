"""Keeps results on disk, where they outlive the server."""

from __future__ import annotations

import datetime
import os

import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data
from sources import service

STORE = os.environ.get("GUIDE_STORE") or "disk"

BEGAN = begin(
    "Results that outlive the server",
    "With `persist` results are kept on disk as well, together with what the function put on the "
    "page. Stop the server, start it again and come back within a day: what is framed below is "
    "there, and the function has not run. The service has another address after each start, so "
    "the name of that parameter begins with an underscore, and it does not count.",
)


@cache_data(persist=STORE, ttl="1 day", show_spinner="Asking the service...")
def rides_by_hour(zone: str, _address: str) -> pd.DataFrame:
    """Downloads the rides, sums them up, and shows what it found."""
    ran("rides_by_hour")
    take(2)
    rides = pd.read_csv(f"{_address}/pickups.csv")
    hours = rides[rides["Zone"] == zone].groupby("Hour", as_index=False).size()
    hours = hours.rename(columns={"size": "Rides"})
    with st.container(border=True):
        st.bar_chart(hours, x="Hour", y="Rides", height=220, color="#0B5C8F")
        busiest, server = st.columns(2)
        busiest.metric("Busiest hour", f"{hours.set_index('Hour')['Rides'].idxmax()}:00")
        server.metric("Computed by server", os.getpid())
        st.caption(f"Computed at {datetime.datetime.now():%H:%M:%S}")  # noqa: DTZ005 - the reader's
    return hours


zone = st.radio("Zone", ["East", "West"], horizontal=True)
hours = rides_by_hour(zone, service())
total, server = st.columns(2)
total.metric("Rides", f"{hours['Rides'].sum():,}")
server.metric("This server", os.getpid())
again, these, everything = st.columns(3)
again.button("Rerun")
these.button("Forget these rides", on_click=rides_by_hour.clear)
everything.button("Forget all data", on_click=cache_data.clear)
st.markdown("What is forgotten leaves the disk, too. This command lists what is there:")
st.code("reprise ls" if STORE == "disk" else f"reprise ls --store '{STORE}'", language="bash")

finish(BEGAN, rides_by_hour)
