"""An app that knows nothing of Reprise, and calls cached functions from wherever one can."""

from __future__ import annotations

import threading

import streamlit as st
from calls import note
from streamlit.runtime.scriptrunner import add_script_run_ctx


@st.cache_data
def shown(place: str) -> str:
    """Shows where it was called from."""
    note(place)
    with st.container():
        st.text(f"shown in {place}")
    return place


@st.fragment
def part() -> None:
    """Runs alone when its button is pressed."""
    state = st.session_state
    state.turn = state.get("turn", -1) + 1
    st.button("Turn")
    name = "even" if state.turn % 2 == 0 else "odd"
    st.text(f"turn: {shown(f'{name} fragment')} {state.turn}")


def home() -> None:
    """The first page."""
    state = st.session_state
    state.full = state.get("full", 0) + 1
    st.text(f"full runs: {state.full}")
    part()
    thread = threading.Thread(target=shown, args=("thread",))
    add_script_run_ctx(thread)
    thread.start()
    thread.join()
    shown("page")


def other() -> None:
    """The second page."""
    st.text("second page: here")
    shown("page")


st.navigation([st.Page(home, title="Home"), st.Page(other, title="Other")]).run()
