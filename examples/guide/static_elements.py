"""Displays things inside cached functions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data, cache_resource
from sources import service

BEGAN = begin(
    "What a cached function shows",
    "These functions do not only return something, they also put it on the page. A hit brings it "
    "back, in its place, without running the function: press **Rerun**, hide the part and show it "
    "again, or open the page a second time.",
)


@cache_data
def fetched_rides(url: str) -> pd.DataFrame:
    """Downloads a table and says so."""
    ran("fetched_rides")
    rides = pd.read_csv(url)
    st.success("The rides have come.")
    return rides


@cache_resource
def announced() -> list[str]:
    """A resource that shows something."""
    ran("announced")
    st.info("A resource can show something, too.")
    return ["resource"]


@cache_data
def whole_part(url: str) -> int:
    """A part of the page."""
    ran("whole_part")
    rides = fetched_rides(url)
    st.header("Rides by the hour", anchor=False)
    hours = rides.groupby("Hour").size().rename("Rides")
    chart, numbers = st.columns([3, 2])
    chart.line_chart(hours, height=260, color="#0B5C8F")
    with numbers:
        st.write("The same in numbers:")
        st.dataframe(hours, height=220)
    return int(hours.sum())


announced()
if st.checkbox("Show the part", value=True):
    count = whole_part(f"{service()}/pickups.csv")
    st.write(f"The function returned {count:,}.")
st.button("Rerun")

finish(BEGAN, announced, fetched_rides, whole_part)
