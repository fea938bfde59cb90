"""Leaves a parameter out of the key."""

from __future__ import annotations

import sqlite3

import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data
from sources import book_file

BEGAN = begin(
    "Leaving a parameter out",
    "A parameter whose name begins with an underscore does not count. Every run opens another "
    "connection and hands it over, and the cache answers all the same. The other side: the "
    "greeting stays in the language in which it was first asked for.",
)


@cache_data
def cheapest(_connection: sqlite3.Connection, count: int) -> list[tuple[str, int]]:
    """Asks for some books."""
    ran("cheapest")
    take(1)
    query = "select title, price from books order by price limit ?"
    return list(_connection.execute(query, (count,)))


@cache_data
def greeting(name: str, _language: str) -> str:
    """Greets."""
    ran("greeting")
    return {"English": "Hello", "French": "Bonjour"}[_language] + f", {name}!"


connection = sqlite3.connect(book_file())
count = st.slider("Books", 1, 5, 2)
st.table({"Cheapest": [f"{title}, £ {price}" for title, price in cheapest(connection, count)]})
connection.close()

left, right = st.columns(2)
name = left.selectbox("Name", ["Ada", "Blaise"])
language = right.radio("Language", ["English", "French"], horizontal=True)
st.metric("Greeting", greeting(name, language))

finish(BEGAN, cheapest, greeting)
