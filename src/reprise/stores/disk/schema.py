"""The tables of the index, and how a database is known to be one.

``visits`` is a table of its own, for a mark in the row would have SQLite write the whole row anew,
bytes of the value included. Sums are kept by triggers, so that no change can forget them.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite3 import Connection

APPLICATION: Final = 0x52505253
"""``application_id`` of our databases: RPRS."""

VERSION: Final = 2
"""``user_version``. Counted up when a table changes, or what stands in one."""

_TABLES: Final = """
CREATE TABLE entries (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    grp TEXT NOT NULL,
    begun INTEGER NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL,
    size INTEGER NOT NULL,
    seal BLOB NOT NULL,
    layout BLOB NOT NULL,
    content BLOB,
    file_size INTEGER NOT NULL,
    witness BLOB,
    header BLOB NOT NULL,
    inline BLOB
);
CREATE INDEX entries_group ON entries (grp);
CREATE INDEX entries_created ON entries (created);
CREATE INDEX entries_expires ON entries (expires);
CREATE INDEX entries_content ON entries (content) WHERE content IS NOT NULL;
CREATE TABLE visits (
    version INTEGER PRIMARY KEY,
    marked INTEGER NOT NULL,
    hits INTEGER NOT NULL
);
CREATE TABLE contents (digest BLOB PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE groups (
    name TEXT PRIMARY KEY,
    entries INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    clears INTEGER NOT NULL DEFAULT 0,
    hand INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE totals (
    size INTEGER NOT NULL DEFAULT 0,
    clears INTEGER NOT NULL,
    hand INTEGER NOT NULL DEFAULT 0
);
CREATE TRIGGER entry_comes AFTER INSERT ON entries BEGIN
    INSERT OR IGNORE INTO groups (name) VALUES (NEW.grp);
    UPDATE groups SET entries = entries + 1, size = size + NEW.size WHERE name = NEW.grp;
    UPDATE totals SET size = size + NEW.size - NEW.file_size;
    INSERT OR IGNORE INTO contents SELECT NEW.content, NEW.file_size WHERE NEW.content IS NOT NULL;
END;
CREATE TRIGGER entry_leaves AFTER DELETE ON entries BEGIN
    UPDATE groups SET entries = entries - 1, size = size - OLD.size WHERE name = OLD.grp;
    UPDATE totals SET size = size - (OLD.size - OLD.file_size);
    DELETE FROM visits WHERE version = OLD.version;
    DELETE FROM contents WHERE digest = OLD.content
        AND NOT EXISTS (SELECT 1 FROM entries WHERE content = OLD.content);
END;
CREATE TRIGGER content_comes AFTER INSERT ON contents BEGIN
    UPDATE totals SET size = size + NEW.size;
END;
CREATE TRIGGER content_leaves AFTER DELETE ON contents BEGIN
    UPDATE totals SET size = size - OLD.size;
END;
"""


def begin(connection: Connection) -> None:
    """Make the tables in an empty database, in one transaction."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    # An index that was begun anew must not give out numbers that an earlier one gave out, which a
    # process that has not noticed would take for what it knows.
    first, clears = secrets.randbits(61), secrets.randbits(61)
    connection.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
    connection.execute("INSERT INTO sqlite_sequence VALUES ('entries', ?)", (first,))
    connection.execute("INSERT INTO totals (clears) VALUES (?)", (clears,))
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def is_empty(connection: Connection) -> bool:
    """Whether nothing was ever made in this database."""
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return tables == 0


def objection(connection: Connection) -> str:
    """Why this database is not an index that this version of Reprise can use, empty if it is."""
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION:
        return "it is a database of another program"
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        return f"it has format {version}, and this version of Reprise writes format {VERSION}"
    return ""


def is_whole(connection: Connection) -> bool:
    """Whether all tables are there as they were made, and SQLite finds no damage in them.

    It takes time in proportion to the size of the index.
    """
    import sqlite3

    with contextlib.closing(sqlite3.connect(":memory:")) as pattern:
        pattern.executescript(_TABLES)
        if _made(pattern) != _made(connection):
            return False
    found: tuple[str] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return found == ("ok",)


def _made(connection: Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT name, sql FROM sqlite_master"))
