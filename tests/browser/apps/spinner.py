"""A function that runs until somebody writes into a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from reprise import cache_data


@cache_data(show_spinner="Counting the sand...", show_time=True)
def sand() -> str:
    """What is written into the pipe, once it is."""
    return Path(os.environ["PIPE"]).read_text(encoding="utf-8")


st.text(f"grains: {sand()}")
