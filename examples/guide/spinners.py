"""Shows what users see while a function runs."""

from __future__ import annotations

import requests
import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data
from sources import service

BEGAN = begin(
    "What is shown meanwhile",
    "Choose one of the four functions. Each asks a slow service when it is called for the first "
    "time, and shows a spinner of its own kind while it waits: the usual one, none, one with a "
    "text, or one that tells the time as well. A hit shows none.",
)


@cache_data
def usual(address: str) -> str:
    """Shows what it calls."""
    ran("usual")
    return requests.get(f"{address}/rates/EUR", timeout=60).text


@cache_data(show_spinner=False)
def silent(address: str) -> str:
    """Shows nothing."""
    ran("silent")
    return requests.get(f"{address}/rates/USD", timeout=60).text


@cache_data(show_spinner="Fetching the rate of the yen...")
def with_text(address: str) -> str:
    """Shows a text."""
    ran("with_text")
    return requests.get(f"{address}/rates/JPY", timeout=60).text


@cache_data(show_spinner="Fetching the rate of the franc...", show_time=True)
def with_time(address: str) -> str:
    """Shows a text and the seconds."""
    ran("with_time")
    return requests.get(f"{address}/rates/CHF", timeout=60).text


FUNCTIONS = {function.__name__: function for function in (usual, silent, with_text, with_time)}
name = st.segmented_control("Function", list(FUNCTIONS))
if name:
    st.code(FUNCTIONS[name](service()), language="json")

finish(BEGAN, *FUNCTIONS.values())
