"""Widgets inside a cached function: a conditional one, a button with a callback, a file, a form."""

from __future__ import annotations

import streamlit as st
from calls import note

from reprise import cache_data


def clicked(step: int) -> None:
    """Count in the session that was clicked in."""
    st.session_state.clicks = st.session_state.get("clicks", 0) + step


@cache_data(experimental_allow_widgets=True)
def ask(greeting: str) -> str:
    """Ask for what the answer is made of."""
    number = st.slider("number", 0, 9, 3) if st.checkbox("more") else 0
    st.button("count", on_click=clicked, args=(2,))
    file = st.file_uploader("file")
    content = "" if file is None else file.getvalue().decode()
    with st.form("form"):
        name = st.text_input("name")
        st.form_submit_button("send")
    note(f"{greeting} {number} {name} {content}")
    return f"{greeting} {name} {number} {content}"


st.text(f"answer: {ask('hello')}")
st.text(f"clicks: {st.session_state.get('clicks', 0)}")
