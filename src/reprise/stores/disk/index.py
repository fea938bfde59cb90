"""The index: one SQLite database, its connections, and what is done when it is not usable.

Connections are lent to one thread at a time and taken back, so that threads which end leave none
behind. Two kinds are neither used nor closed, but forgotten: those that a fork copied from the
parent, and those whose file is not the one under its name any more. SQLite must not close the
former in a child (https://www.sqlite.org/howtocorrupt.html, 2.6), and when it closes the last of
the latter it deletes the log of the new database, which has the name of the old one's.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from reprise import forks
from reprise.errors import StoreError
from reprise.stores.disk import aside, schema
from reprise.stores.disk.flocks import Gates
from reprise.stores.disk.layout import Layout, make_folder
from reprise.stores.disk.lending import Lending

if TYPE_CHECKING:
    import sqlite3

_PATIENCE_SECONDS: Final = 5.0
"""How long one waits for a change that another process makes."""

_LARGEST_LOG: Final = 16 * 2**20
"""Bytes of the write-ahead log that stay on disk once it was emptied."""

Answer = TypeVar("Answer")

Identity: TypeAlias = tuple[int, int]
"""What tells one file from another of the same name."""


class DamagedIndexError(StoreError):
    """The index was damaged, and another begun: asking again may help."""


@dataclass(slots=True, eq=False)
class _Lent:
    """A connection and the file that it was opened on."""

    connection: sqlite3.Connection
    file: Identity


class Index:
    """Lends connections to the index of a store; makes it, and makes it anew.

    Args:
        layout: Where it is.
        on_trouble: Told what was wrong with an index that was moved aside.
    """

    def __init__(self, layout: Layout, on_trouble: Callable[[str], None]) -> None:
        self._layout = layout
        self._on_trouble = on_trouble
        self._gates = Gates(_PATIENCE_SECONDS)
        self._idle: deque[_Lent] = deque()
        self._open: set[_Lent] = set()
        self._lending = Lending(partial(_close, self._idle, self._open))
        weakref.finalize(self, _close, self._idle, self._open)
        forks.watch(self)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection whose every statement sees the state at that moment.

        Raises:
            DamagedIndexError: ask again.
            StoreError: there is no index, and none can be made.
        """
        with self._lent() as connection:
            yield connection

    def ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What ``question`` answers; it is asked again where the index had to be begun anew.

        Raises:
            StoreError: there is no index, and none can be made.
        """
        try:
            with self.reading() as connection:
                return question(connection)
        except DamagedIndexError:
            with self.reading() as connection:
                return question(connection)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction of its own: all that is done takes effect, or nothing.

        Raises:
            DamagedIndexError: ask again.
            StoreError: nothing can be written now.
        """
        with self._lent() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite ends some transactions on its own
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close what is not lent now. The index can be used again."""
        _close(self._idle, self._open)

    def after_fork(self) -> None:
        """Let the child open its own."""
        _forget(self._open)
        self._idle.clear()

    @contextlib.contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        lent: _Lent | None = None
        self._lending.begin()
        try:
            lent = self._borrow()
            yield lent.connection
        # Messages of SQLite name tables and columns, which may be no text any more.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if lent is not None and is_damage(error, lent.connection):
                self._replace(lent.file, str(error))
                raise DamagedIndexError(
                    f"the index {self._layout.index} was damaged: {error}"
                ) from error
            raise StoreError(f"the index {self._layout.index} cannot be used: {error}") from error
        except OSError as error:
            raise StoreError(
                f"the store in {self._layout.folder} cannot be used: {error}"
            ) from error
        finally:
            if lent is not None:
                self._take_back(lent)
            self._lending.end()

    def _borrow(self) -> _Lent:
        there = _identity(self._layout.index)
        while self._idle:
            try:
                lent = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if lent.file == there:
                return lent
            _forget({lent})
            self._open.discard(lent)
        return self._connect()

    def _take_back(self, lent: _Lent) -> None:
        if lent not in self._open:  # forgotten meanwhile, by a fork
            return
        if lent.connection.in_transaction:  # its rollback failed
            self._open.discard(lent)
            lent.connection.close()
        else:
            self._idle.append(lent)

    def _connect(self) -> _Lent:
        """Open the index, alone, so that no other file takes its name meanwhile."""
        import sqlite3

        layout = self._layout
        make_folder(layout.folder)
        with self._gates.alone(layout.opening):
            try:
                lent = self._opened()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if not is_damage(error, None):
                    raise
                objection = str(error)
            else:
                objection = schema.objection(lent.connection)
                if not objection:
                    self._open.add(lent)
                    return lent
                lent.connection.close()
            self._set_aside(objection)
            lent = self._opened()
            self._open.add(lent)
            return lent

    def _opened(self) -> _Lent:
        import sqlite3

        path = self._layout.index
        # Made here, for SQLite would let others read it; its log gets the same mode. One that is
        # there must not be opened by us: to close any descriptor of a file unlocks it for all
        # connections of the process (https://www.sqlite.org/howtocorrupt.html, 2.2).
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        file = _identity(path)
        assert file is not None
        connection = sqlite3.connect(
            path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            # A text that was damaged is for the seal of its row to judge, not to stop all reading.
            connection.text_factory = text_of
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_LOG}")
            if schema.is_empty(connection):
                schema.begin(connection)
        except BaseException:
            connection.close()
            raise
        return _Lent(connection, file)

    def _replace(self, damaged: Identity, objection: str) -> None:
        """Move the damaged index aside, unless another process did so already."""
        with self._gates.alone(self._layout.opening):
            if _identity(self._layout.index) == damaged:
                self._set_aside(objection)

    def _set_aside(self, objection: str) -> None:
        kept = aside.keep_index(self._layout)
        self._on_trouble(
            f"The index of stored results {self._layout.index} could not be used: {objection}. "
            f"It was moved to {kept}, and another was begun: what was stored is computed again."
        )


def _identity(path: os.PathLike[str]) -> Identity | None:
    try:
        there = os.stat(path)  # noqa: PTH116 - this is on the path of each hit
    except FileNotFoundError:
        return None
    return there.st_dev, there.st_ino


def text_of(content: bytes) -> str:
    """A text of the database as it is, damaged or not."""
    return content.decode(errors="surrogateescape")


def is_damage(error: Exception, connection: sqlite3.Connection | None) -> bool:
    """Whether the database is to blame, and not the disk, a lock, or what was asked.

    Args:
        error: What SQLite raised, or the decoding of its message.
        connection: Where it was raised; ``None`` while the database was being opened.
    """
    import sqlite3

    # Our statements fit our tables, so what else they fail with can be the tables' fault.
    suspect = {0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT}
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return True
    if connection is None or code not in suspect:
        return code == 0
    try:
        return not schema.is_whole(connection)
    except (sqlite3.Error, UnicodeDecodeError):
        return True


def _close(idle: deque[_Lent], opened: set[_Lent]) -> None:
    while idle:
        lent = idle.pop()
        opened.discard(lent)
        lent.connection.close()


def _forget(lent: set[_Lent]) -> None:
    """Never use these again, nor ever close them: they stay until the process ends."""
    import ctypes

    for one in lent.copy():
        # No variable would do: at exit all are cleared, and a connection without owner is closed.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(one.connection))
        lent.discard(one)
