"""Going through all that is stored: every row, every file, every signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from reprise.envelopes import Envelope
from reprise.stores.disk import rows
from reprise.stores.disk.files import Files
from reprise.stores.disk.layout import SHELVES
from reprise.stores.disk.opening import Damage, Opener

if TYPE_CHECKING:
    from sqlite3 import Connection

Verify: TypeAlias = Callable[[bytes, Envelope], str | None]
"""Goes through all bytes of an envelope, and says what is wrong with it; ``None`` for nothing."""


class ReadIndex(Protocol):
    """What a check needs of an index."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection whose every statement sees the state at that moment."""
        ...


SetAside: TypeAlias = Callable[[bytes, int, str], bool]
"""Moves the entry with this key and version aside, for this reason."""

_BATCH: Final = 16

_SUMS: Final = {
    "entries and sizes of groups": (
        """
        SELECT count(*) FROM groups AS g LEFT JOIN
            (SELECT grp, count(*) AS n, sum(size) AS s FROM entries GROUP BY grp) AS e
            ON e.grp = g.name
        WHERE g.entries != coalesce(n, 0) OR g.size != coalesce(s, 0)
        """,
        """
        UPDATE groups SET
            entries = (SELECT count(*) FROM entries WHERE grp = name),
            size = (SELECT coalesce(sum(e.size), 0) FROM entries AS e WHERE e.grp = name)
        """,
    ),
    "files that entries have": (
        """
        SELECT (SELECT count(*) FROM contents WHERE digest NOT IN
                (SELECT content FROM entries WHERE content IS NOT NULL))
            + (SELECT count(*) FROM entries WHERE content IS NOT NULL
                AND content NOT IN (SELECT digest FROM contents))
        """,
        """
        DELETE FROM contents WHERE digest NOT IN
            (SELECT content FROM entries WHERE content IS NOT NULL);
        INSERT OR IGNORE INTO contents
            SELECT content, file_size FROM entries WHERE content IS NOT NULL
        """,
    ),
    "bytes of the store": (
        """
        SELECT count(*) FROM totals WHERE size !=
            (SELECT coalesce(sum(size - file_size), 0) FROM entries)
            + (SELECT coalesce(sum(size), 0) FROM contents)
        """,
        """
        UPDATE totals SET size =
            (SELECT coalesce(sum(size - file_size), 0) FROM entries)
            + (SELECT coalesce(sum(size), 0) FROM contents)
        """,
    ),
}
"""What triggers keep: how many of it are wrong, and how they are put right."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written."""

    what: str
    """Which entry, file or sum."""
    reason: str
    repaired: bool
    """Whether it was moved aside, or put right."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    entries: int
    """Entries that were gone through, and are right unless they are among the problems."""
    size: int
    """Bytes that all entries take."""
    problems: tuple[Problem, ...]
    left: tuple[Path, ...]
    """Files that killed writers left, and those of entries that left while they were open. They
    are no damage: sweeping removes them, as a repair does."""

    @property
    def sound(self) -> bool:
        """Whether there is nothing wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Checker:
    """Goes through a store; one that is in use can be checked, too."""

    index: ReadIndex
    files: Files
    opener: Opener
    set_aside: SetAside

    def check(self, repair: bool, verify: Verify) -> Report:
        """Go through everything.

        Args:
            repair: Move damaged entries aside, put sums right and remove what was left behind.
            verify: Goes through the bytes of one envelope.

        Raises:
            StoreError: the store cannot be used.
        """
        with self.index.reading() as connection:
            problems = list(_damaged_pages(connection, repair))
            count = 0
            for row in _all_rows(connection):
                count += 1
                reason = self._objection(row, verify)
                if reason is not None and rows.version(connection, row.key) == row.version:
                    repaired = repair and self.set_aside(row.key, row.version, reason)
                    problems.append(Problem(f"entry {_named(row.key)}", reason, repaired))
        with self.index.reading() as connection:
            problems += _wrong_sums(connection, repair)
            left = self._left(connection, repair)
            size = rows.total_usage(connection).size
        return Report(count, size, tuple(problems), tuple(left))

    def _objection(self, row: rows.Row, verify: Verify) -> str | None:
        try:
            opened = self.opener.opened(row.key, row)
            return opened.reason if isinstance(opened, Damage) else verify(row.key, opened)
        except OSError as error:  # one sector that cannot be read, and the rest is to be checked
            return f"its file cannot be read: {error}"

    def _left(self, connection: Connection, repair: bool) -> list[Path]:
        look = self.files.clear_shelf if repair else self.files.left
        return [
            path
            for shelf in SHELVES
            for path in look(shelf, partial(rows.named_on, connection, shelf))
        ]


def _named(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else repr(key)


def _all_rows(connection: Connection) -> Iterator[rows.Row]:
    """Each row that is there all the time; no lock is held in between."""
    batch = rows.after(connection, 0, _BATCH)
    while batch:
        yield from batch
        batch = rows.after(connection, batch[-1].version, _BATCH)


def _damaged_pages(connection: Connection, repair: bool) -> Iterator[Problem]:
    found = _integrity(connection)
    if found and repair:
        # What follows from the rows alone can be made again. The rest stays, and is told of again.
        connection.execute("REINDEX")
    left = _integrity(connection) if found and repair else found
    for one in found:
        yield Problem("index", one, repaired=one not in left)


def _integrity(connection: Connection) -> list[str]:
    """What SQLite finds wrong with the database."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def _wrong_sums(connection: Connection, repair: bool) -> Iterator[Problem]:
    for what, (count, correction) in _SUMS.items():
        # One statement, which sees one state: nobody has to wait for it.
        wrong: int = connection.execute(count).fetchone()[0]
        if wrong and repair:
            _correct(connection, correction)
        if wrong:
            yield Problem(what, "they are not what the entries say", repair)


def _correct(connection: Connection, correction: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in correction.split(";"):
            connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
