"""Puts widgets into cached functions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data
from sources import service

BEGAN = begin(
    "Widgets inside",
    "With `experimental_allow_widgets=True` a cached function may ask its own questions. The "
    "widgets stay on the page and keep their values when the function is answered from the cache, "
    "and what they say counts like an argument: move the slider, and the function runs; move it "
    "back, and it does not. A file counts as well.",
)


@cache_data(experimental_allow_widgets=True, max_entries=20)
def some_rides(url: str) -> pd.DataFrame:
    """Asks how many rides are wanted."""
    ran("some_rides")
    count = st.slider("Rides", 1, 10, 3)
    night = st.checkbox("At night only")
    take(1)
    rides = pd.read_csv(url)
    return rides[rides["Hour"] < 6].head(count) if night else rides.head(count)


@cache_data(experimental_allow_widgets=True, max_entries=20)
def lines() -> int:
    """Asks for a file."""
    ran("lines")
    file = st.file_uploader("A text")
    return len(file.getvalue().splitlines()) if file else 0


rides = some_rides(f"{service()}/pickups.csv")
st.dataframe(rides, hide_index=True)
st.write(f"{len(rides)} rides")
st.write(f"{lines()} lines")
st.button("Rerun")

finish(BEGAN, some_rides, lines)
