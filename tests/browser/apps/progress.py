"""A function that tells of its progress what somebody writes into a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

import reprise
from reprise import cache_data


@cache_data(show_spinner="Opening the box...", show_progress=True)
def box() -> str:
    """The last line that was written into the pipe; all others tell how far it is."""
    line = ""
    with Path(os.environ["PIPE"]).open(encoding="utf-8") as lines:
        for line in lines:
            done, total, *words = line.split()
            if total != "end":
                reprise.progress(int(done), None if total == "?" else int(total), " ".join(words))
                if words:
                    st.text(words[0])
    return line.split()[0]


st.text("above")
st.text(f"pieces: {box()}")
st.text("below")
