"""For eight users at once: a widget inside a cached function, and one that reads the session."""

from __future__ import annotations

import streamlit as st
from calls import note

from reprise import cache_data


@cache_data(experimental_allow_widgets=True)
def asked() -> str:
    """Ask, and answer with what was said."""
    word = st.text_input("word") or "nothing"
    number = st.number_input("number", 0, 99, 0) if word != "nothing" else 0
    note(f"asked {word} {number}")
    st.caption(f"inside: {word} {number}")
    return f"{word} {number}"


@cache_data
def read(greeting: str) -> str:
    """Read what this session has, and show it."""
    mine = st.session_state.get("mine", "nobody")
    page = st.query_params.get("user", "none")
    note(f"read {mine} {page}")
    st.caption(f"shown: {mine} on page {page}")
    return f"{greeting} {mine} on page {page}"


answer = asked()
st.session_state.mine = f"owner of {answer}"
st.text(f"answer: {answer}")
st.text(f"read: {read('hello')}")
