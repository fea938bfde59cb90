"""Where the guide's data comes from: a local web service and a database with a few books."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

import local_api
from reprise import cache_resource

BOOKS = [
    ("Emma", "Austen", 1815, 12),
    ("Persuasion", "Austen", 1817, 9),
    ("Middlemarch", "Eliot", 1871, 15),
    ("Silas Marner", "Eliot", 1861, 8),
    ("Hard Times", "Dickens", 1854, 7),
    ("Bleak House", "Dickens", 1853, 14),
    ("Villette", "Bronte", 1853, 11),
]


@cache_resource(show_spinner=False)
def own_service() -> str:
    """Start the service that gives the guide its data.

    Returns:
        Its address. The service lives in a thread, and there is one for all users.
    """
    host, port = local_api.start().server_address[:2]
    return f"http://{host!s}:{port}"


def service() -> str:
    """Tell where the web service is.

    Returns:
        What the variable ``GUIDE_API`` says, else the address of a service of our own.
    """
    return os.environ.get("GUIDE_API") or own_service()


@cache_resource(show_spinner=False)
def book_file() -> Path:
    """Write the database.

    Returns:
        A file of SQLite with the table ``books`` (title, author, year, price).
    """
    path = Path(tempfile.mkdtemp(prefix="guide-")) / "books.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table books (title text, author text, year int, price int)")
        connection.executemany("insert into books values (?, ?, ?, ?)", BOOKS)
    connection.close()
    return path
