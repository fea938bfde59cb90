"""Looking at a store without a trace: nothing is made, moved, marked as read or set aside.

``DiskStore`` begins an index where there is none and moves one aside that it cannot use, which is
right for who wants to keep results, and wrong for who only wants to know what is there.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from reprise.contracts import GroupUsage
from reprise.envelopes import Envelope
from reprise.errors import StoreError
from reprise.signing import Signer
from reprise.stores.disk import rows, schema
from reprise.stores.disk.checking import Checker, Report, Verify
from reprise.stores.disk.files import Files
from reprise.stores.disk.index import DamagedIndexError, is_damage, text_of
from reprise.stores.disk.layout import Layout
from reprise.stores.disk.opening import Damage, Opener
from reprise.stores.disk.rows import Row

_PATIENCE_SECONDS: Final = 5.0

Answer = TypeVar("Answer")


class ViewedIndex:
    """An index that is only read; lends its one connection.

    Args:
        path: The database, which is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._translated(None):
            self._connection = sqlite3.connect(
                f"{path.as_uri()}?mode=ro",
                uri=True,
                timeout=_PATIENCE_SECONDS,
                isolation_level=None,
            )
        self._connection.text_factory = text_of

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection whose every statement sees the state at that moment.

        Raises:
            DamagedIndexError: the database is damaged.
            StoreError: it cannot be read.
        """
        with self._translated(self._connection):
            yield self._connection

    def ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What ``question`` answers."""
        with self.reading() as connection:
            return question(connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextlib.contextmanager
    def _translated(self, connection: sqlite3.Connection | None) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if is_damage(error, connection):
                raise DamagedIndexError(f"the index {self._path} is damaged: {error}") from error
            raise StoreError(f"the index {self._path} cannot be read: {error}") from error


class DiskView:
    """What is in the folder of a store.

    Args:
        index: Its index.
        folder: Where the store is.
        signer: Verifies rows.
    """

    def __init__(self, index: ViewedIndex, folder: Path, signer: Signer) -> None:
        self._index = index
        self._layout = Layout(folder)
        self._files = Files(self._layout, lambda _: None)
        self._opener = Opener(signer, self._files, lambda _, __: None)

    def rows(self) -> list[Row]:
        """All entries without their parts, the oldest first. Nothing in them was verified."""
        return self._index.ask(lambda connection: rows.listed(connection, None))

    def hits(self) -> dict[int, int]:
        """How many calls each entry has answered, as far as it was written down, by version."""
        return self._index.ask(rows.hits)

    def usage(self) -> GroupUsage:
        """Entries and bytes of all groups, a file that several entries have in common once."""
        return self._index.ask(rows.total_usage)

    def open(self, key: bytes) -> Envelope | Damage | None:
        """What stands under ``key`` with its parts, what is wrong with it, or nothing.

        Raises:
            StoreError: it cannot be read.
        """
        row = self._index.ask(lambda connection: rows.find(connection, key))
        try:
            return None if row is None else self._opener.opened(key, row)
        except OSError as error:
            return Damage(f"its file cannot be opened: {error}")

    def file(self, row: Row) -> Path | None:
        """Where the parts of an entry lie; ``None`` where they stand in the index."""
        return None if row.content is None else self._layout.part(row.content)

    def check(self, verify: Verify) -> Report:
        """Go through every row, every file and every signature, and leave all as it is.

        Args:
            verify: Goes through the bytes of one envelope and says what is wrong, if anything.
        """
        return Checker(self._index, self._files, self._opener, _never).check(False, verify)


@contextlib.contextmanager
def view(folder: Path, signer: Signer) -> Iterator[DiskView | None]:
    """Look at the store in ``folder``.

    Args:
        folder: Absolute.
        signer: Verifies rows.

    Yields:
        The view; ``None`` where there is no store yet.

    Raises:
        DamagedIndexError: its index is damaged.
        StoreError: what is there cannot be read, or is not a store of this version of Reprise.
    """
    path = Layout(folder).index
    try:
        path.stat()
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        raise StoreError(f"the store in {folder} cannot be used: {error}") from error
    with contextlib.closing(ViewedIndex(path)) as index:
        # Its process may have been killed, or is about to make the tables.
        if index.ask(schema.is_empty):
            yield None
            return
        objection = index.ask(schema.objection)
        if objection:
            raise StoreError(f"{path} is not the index of a store that can be used: {objection}")
        yield DiskView(index, folder, signer)


def _never(_: bytes, __: int, ___: str) -> bool:
    raise AssertionError("a view sets nothing aside")
