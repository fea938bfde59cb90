"""Caches what a database answers."""

from __future__ import annotations

import sqlite3

import pandas as pd
import streamlit as st

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data
from sources import book_file

BEGAN = begin(
    "Asking a database",
    "The connection is a plain variable of the script, made anew in each run; it need not be an "
    "argument. The query runs once an hour: give a `ttl` wherever the source changes. **Raise "
    "prices** changes the database behind the cache's back; the page shows it after **Forget**.",
)

connection = sqlite3.connect(book_file(), check_same_thread=False)


@cache_data(ttl=3600)
def books_by(author: str) -> pd.DataFrame:
    """Asks for the books of one author."""
    ran("books_by")
    take(1)
    query = "select title, year, price from books where author = ? order by year"
    return pd.read_sql_query(query, connection, params=(author,))


author = st.radio("Author", ["Austen", "Eliot", "Dickens"], horizontal=True)
raise_them, forget, _ = st.columns([1, 1, 3])
if raise_them.button("Raise prices", width="stretch"):
    with connection:
        connection.execute("update books set price = price + 1 where author = ?", (author,))
if forget.button("Forget", width="stretch"):
    books_by.clear()
books = books_by(author)
st.dataframe(books, hide_index=True)
st.metric("Price of all", f"£ {books['price'].sum()}")
connection.close()

finish(BEGAN, books_by)
