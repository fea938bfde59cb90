"""Rows of the index: what is asked of them, and how they come and go inside a transaction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from reprise.contracts import Eviction, GroupUsage, Key, Removal
from reprise.envelopes import Envelope, Moment
from reprise.stores.disk.layout import is_digest

if TYPE_CHECKING:
    from sqlite3 import Connection

Departure: TypeAlias = tuple[Key, Envelope, Removal, Eviction | None]
"""What a listener is told."""

_COLUMNS: Final = (
    "version, key, grp, begun, created, expires, size, seal, layout, content, file_size, witness,"
    " header"
)
KEY_SIZE: Final = 32
"""Bytes of a key."""

_SELECT: Final = f"SELECT {_COLUMNS} FROM entries"  # noqa: S608 - names of our own
_SELECT_ALL: Final = f"SELECT {_COLUMNS}, inline FROM entries"  # noqa: S608 - names of our own


_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("version", "begun", "size", "file_size"), int),
    **dict.fromkeys(("created", "expires"), float),
    **dict.fromkeys(("key", "seal", "layout", "header"), bytes),
    **dict.fromkeys(("content", "witness", "inline"), (bytes, type(None))),
    "group": str,
}


class Row(NamedTuple):
    """One entry, in the order of its columns. Damaged ones may hold values of any type."""

    version: int
    key: bytes
    group: str
    begun: int
    created: float
    expires: float
    size: int
    seal: bytes
    layout: bytes
    content: bytes | None
    file_size: int
    witness: bytes | None
    header: bytes
    inline: bytes | None = None

    def is_well_typed(self) -> bool:
        """Whether its values are of the types that were written."""
        return all(isinstance(value, _TYPES[name]) for name, value in self._asdict().items())

    def envelope(self) -> Envelope:
        """The envelope without its parts."""
        return Envelope(
            self.header,
            self.group,
            self.created,
            self.expires,
            size=self.size,
            version=self.version,
        )


@dataclass(slots=True)
class Change:
    """What one transaction takes out, to be told of and cleaned up after it was committed."""

    departures: list[Departure] = field(default_factory=list)
    contents: set[bytes] = field(default_factory=set)
    """Of the files that those who left had, whether others have them still or not."""


def find(connection: Connection, key: Key) -> Row | None:
    """The entry of ``key`` with its inline parts."""
    found = connection.execute(f"{_SELECT_ALL} WHERE key = ?", (key,)).fetchone()
    return None if found is None else Row(*found)


def version(connection: Connection, key: Key) -> int | None:
    """The version of what is kept under ``key``."""
    found = connection.execute("SELECT version FROM entries WHERE key = ?", (key,)).fetchone()
    return None if found is None else int(found[0])


def keys(connection: Connection, beginning: bytes) -> list[bytes]:
    """The keys of 32 bytes that begin so, the oldest first."""
    found = connection.execute(
        "SELECT key FROM entries WHERE key BETWEEN ? AND ? ORDER BY version",
        (beginning.ljust(KEY_SIZE, b"\x00"), beginning.ljust(KEY_SIZE, b"\xff")),
    )
    return [bytes(row[0]) for row in found]


def listed(connection: Connection, group: str | None) -> list[Row]:
    """All entries, of one group or of all, without inline parts, the oldest first."""
    if group is None:
        found = connection.execute(f"{_SELECT} ORDER BY version")
    else:
        found = connection.execute(f"{_SELECT} WHERE grp = ? ORDER BY version", (group,))
    return [Row(*row) for row in found]


def after(connection: Connection, last: int, most: int) -> list[Row]:
    """The next entries after the version ``last``, with inline parts."""
    found = connection.execute(
        f"{_SELECT_ALL} WHERE version > ? ORDER BY version LIMIT ?",
        (last, most),
    )
    return [Row(*row) for row in found]


def insert(connection: Connection, row: Row) -> int:
    """Add an entry, and say which version it got."""
    done = connection.execute(
        "INSERT INTO entries (key, grp, begun, created, expires, size, seal, layout, content,"
        " file_size, witness, header, inline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row[1:],
    )
    assert done.lastrowid is not None
    return done.lastrowid


def take_out(
    connection: Connection,
    version: int,
    reason: Removal,
    change: Change,
    eviction: Eviction | None = None,
) -> None:
    """Remove an entry that is there."""
    found = connection.execute(f"{_SELECT} WHERE version = ?", (version,)).fetchone()
    row = Row(*found)
    connection.execute("DELETE FROM entries WHERE version = ?", (version,))
    change.departures.append((row.key, row.envelope(), reason, eviction))
    if is_digest(row.content):
        change.contents.add(row.content)


def overdue(connection: Connection, now: float, latest: float, most: int) -> list[int]:
    """Versions of entries that expire at ``now``, or were made after ``latest`` and expire ever."""
    found = connection.execute(
        "SELECT version FROM entries WHERE expires <= ? AND expires < 9e999 LIMIT ?", (now, most)
    ).fetchall()
    found += connection.execute(
        "SELECT version FROM entries WHERE created > ? AND expires > ? AND expires < 9e999 LIMIT ?",
        (latest, now, most),
    ).fetchall()
    return [row[0] for row in found]


def next_expiry(connection: Connection) -> float:
    """When the next entry expires, infinity if none will."""
    found = connection.execute("SELECT CAST(min(expires) AS REAL) FROM entries")
    due: float | None = found.fetchone()[0]
    return math.inf if due is None else due


def older(connection: Connection, group: str | None, created_before: float) -> list[int]:
    """Versions of entries, of one group or of all, that were made before then."""
    if group is None:
        found = connection.execute(
            "SELECT version FROM entries WHERE created < ?", (created_before,)
        )
    else:
        found = connection.execute(
            "SELECT version FROM entries WHERE grp = ? AND created < ?", (group, created_before)
        )
    return [row[0] for row in found]


def group_usage(connection: Connection, group: str) -> GroupUsage:
    """Entries and bytes of one group, files in full."""
    found = connection.execute(
        "SELECT CAST(entries AS INTEGER), CAST(size AS INTEGER) FROM groups WHERE name = ?",
        (group,),
    ).fetchone()
    return GroupUsage(*found) if found is not None else GroupUsage()


def total_usage(connection: Connection) -> GroupUsage:
    """Entries and bytes of all groups, a file that several have in common once."""
    found = connection.execute(
        "SELECT (SELECT CAST(coalesce(sum(entries), 0) AS INTEGER) FROM groups),"
        " coalesce((SELECT CAST(size AS INTEGER) FROM totals), 0)"
    ).fetchone()
    return GroupUsage(*found)


def moment(connection: Connection, group: str) -> Moment:
    """Now, for a computation of ``group`` that begins."""
    found = connection.execute(
        "SELECT coalesce((SELECT CAST(clears AS INTEGER) FROM totals), 0)"
        " + coalesce((SELECT CAST(clears AS INTEGER) FROM groups WHERE name = ?), 0),"
        " coalesce((SELECT CAST(seq AS INTEGER) FROM sqlite_sequence WHERE name = 'entries'), 0)",
        (group,),
    ).fetchone()
    return Moment(*found)


def outdated(connection: Connection, key: Key, group: str, since: Moment) -> Removal | None:
    """Why what began then is not to stand under ``key`` any more, if that is so."""
    if moment(connection, group).clears != since.clears:
        return Removal.CLEARED
    found = connection.execute(
        "SELECT 1 FROM entries WHERE key = ? AND begun > ?", (key, since.order)
    ).fetchone()
    return None if found is None else Removal.REPLACED


def supersede(connection: Connection) -> None:
    """Move the order of computations on; the next version moves with it."""
    connection.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'entries'")


def count_clear(connection: Connection, group: str | None) -> None:
    """Count a clear of one group or of all."""
    if group is None:
        connection.execute("UPDATE totals SET clears = clears + 1")
    else:
        connection.execute("INSERT OR IGNORE INTO groups (name) VALUES (?)", (group,))
        connection.execute("UPDATE groups SET clears = clears + 1 WHERE name = ?", (group,))


def visit(connection: Connection, hits: Mapping[int, int]) -> None:
    """Mark entries, those that are still there, as visited, and count what they answered.

    Args:
        connection: In a transaction.
        hits: How many calls each version answered.
    """
    connection.executemany(
        "INSERT INTO visits SELECT version, 1, ? FROM entries WHERE version = ?"
        " ON CONFLICT (version) DO UPDATE SET marked = 1, hits = hits + excluded.hits",
        ((count, version) for version, count in hits.items()),
    )


def unmark(connection: Connection, version: int) -> None:
    """Take the mark of an entry that was spared."""
    connection.execute("UPDATE visits SET marked = 0 WHERE version = ?", (version,))


def hits(connection: Connection) -> dict[int, int]:
    """How many calls each entry has answered, as far as it was written down, by version."""
    return dict(connection.execute("SELECT version, CAST(hits AS INTEGER) FROM visits"))


def vouch(connection: Connection, version: int, witness: bytes | None) -> None:
    """Note that the file of an entry was found right."""
    connection.execute("UPDATE entries SET witness = ? WHERE version = ?", (witness, version))


def vouchers(connection: Connection, content: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Seal and voucher of each entry with this file."""
    yield from connection.execute("SELECT seal, witness FROM entries WHERE content = ?", (content,))


def is_named(connection: Connection, content: bytes) -> bool:
    """Whether any entry has this file."""
    found = connection.execute("SELECT 1 FROM contents WHERE digest = ?", (content,)).fetchone()
    return found is not None


def named_on(connection: Connection, shelf: str) -> set[bytes]:
    """The files on a shelf that entries have."""
    first = bytes.fromhex(shelf)
    found = connection.execute(
        "SELECT digest FROM contents WHERE digest BETWEEN ? AND ?", (first, first + b"\xff" * 32)
    )
    return {row[0] for row in found}
