"""Changes what a cached function returned."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data, cache_resource
from sources import service

BEGAN = begin(
    "Changing what you got",
    "Each run gets the table of rides and drops its column `Lat` in place. With `cache_data` the "
    "table is the run's own, and that goes well for ever. With `cache_resource` it is the one "
    "table of all: the second run looks for a column that the first has dropped.",
)


@cache_data
def rides_to_change(url: str) -> pd.DataFrame:
    """Every caller gets a table of its own."""
    ran("rides_to_change")
    return pd.read_csv(url)


@cache_resource
def shared_rides(url: str) -> pd.DataFrame:
    """All callers get the same table."""
    ran("shared_rides")
    return pd.read_csv(url)


@cache_data
def short_list() -> list[int]:
    """Three numbers."""
    ran("short_list")
    return [1, 2, 3]


LOADERS = {"cache_data": rides_to_change, "cache_resource": shared_rides}
name = st.radio("Decorator", list(LOADERS), horizontal=True)
rides = LOADERS[name](f"{service()}/pickups.csv")
st.dataframe(rides.head(3), hide_index=True)
st.button("Rerun")
if name == "cache_resource" and st.button("Forget the shared table"):
    shared_rides.clear()
try:
    rides.pop("Lat")
    st.success(f"Dropped. Left in mine: {', '.join(rides.columns)}")
except KeyError as error:
    st.warning(f"KeyError: {error.args[0]}")

numbers = short_list()
numbers[0] = 99
left, right = st.columns(2)
left.metric("My list, changed", str(numbers))
right.metric("The list in the cache", str(short_list()))

finish(BEGAN, rides_to_change, shared_rides, short_list)
