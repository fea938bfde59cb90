"""A function that is refreshed behind, on a clock that the test moves, while a gate is shut."""

from __future__ import annotations

import os
import time
from pathlib import Path

import moved_clock  # before anything is cached
import streamlit as st
from calls import note
from media import png

from reprise import cache_data

FOLDER = Path(os.environ["CALLS"]).parent
GATE = FOLDER / "gate"


@cache_data(ttl=10, refresh_mode="background", experimental_allow_widgets=True)
def show(_box: object) -> int:
    """Shows other elements each time, and can be heard running."""
    note("began")
    number = len((FOLDER / "calls.txt").read_text(encoding="utf-8").split())
    while number > 1 and not GATE.exists():
        time.sleep(0.01)
    st.image(png(64 * number, 32))
    for _ in range(number):
        st.text(f"shown: {number}")
    _box.text(f"aside: {number}")
    st.checkbox("Inside", key="inside")
    st.session_state.written = number
    return number


moved_clock.move()
with st.sidebar:
    box = st.container()
st.text(f"returned: {show(box)}")
box.text("after it")
st.text(f"written: {st.session_state.written}")
