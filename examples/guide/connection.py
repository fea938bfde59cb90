"""Keeps one connection to a real database, and looks after it."""

from __future__ import annotations

import os

import pandas as pd
import streamlit as st
from sqlalchemy import Connection, create_engine, text

from chapter import begin, finish
from counts import ran, runs_of, take
from reprise import cache_data, cache_resource
from sources import book_file

BEGAN = begin(
    "One connection for everybody",
    "The connection is opened once for all users, checked on each hit (`validate`), and closed "
    "when it leaves the cache (`on_release`). It goes to a file of SQLite, or to PostgreSQL where "
    "`GUIDE_DATABASE_URL` says so. **Break it** closes it behind the cache's back: the same run "
    "already finds a new one.",
)


def is_open(connection: Connection) -> bool:
    """Whether a connection may be used."""
    return not connection.closed


def release(connection: Connection) -> None:
    """Closes a connection that left the cache."""
    ran("release")
    connection.close()


@cache_resource(validate=is_open, on_release=release)
def connect() -> Connection:
    """Opens a connection."""
    ran("connect")
    take(1)
    url = os.environ.get("GUIDE_DATABASE_URL") or f"sqlite:///{book_file()}"
    options = {"check_same_thread": False} if url.startswith("sqlite") else {}
    return create_engine(url, connect_args=options).connect()


@cache_data(ttl="10 min")
def powers(connection: Connection, upto: int) -> pd.DataFrame:
    """Lets the database count; the connection is known by the call that made it."""
    ran("powers")
    query = text(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < :upto) "
        "select i as number, i * i as square from n"
    )
    return pd.DataFrame(connection.execute(query, {"upto": upto}).all())


if st.button("Break it"):
    connect().close()
connection = connect()
left, middle, right = st.columns(3)
left.metric("Database", connection.dialect.name)
middle.metric("Opened", runs_of("connect"))
right.metric("Given back", runs_of("release"))
upto = st.slider("Squares up to", 1, 10, 4)
st.dataframe(powers(connection, upto), hide_index=True)

finish(BEGAN, connect, powers)
