"""Changes of the index: one at a time, whole or not at all, and what follows on them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from reprise import forks
from reprise.contracts import RemovalListener
from reprise.envelopes import Envelope
from reprise.errors import StoreError
from reprise.stores.disk import rows
from reprise.stores.disk.files import Files, Steps
from reprise.stores.disk.index import DamagedIndexError, Index
from reprise.stores.disk.rows import Change
from reprise.stores.serial import Serial

if TYPE_CHECKING:
    from sqlite3 import Connection

_logger = logging.getLogger("reprise")


class _Turn(threading.local):
    """What this thread's turn has changed and not cleaned up after yet."""

    def __init__(self) -> None:
        self.running = False
        self.done: deque[Change] = deque()


class Changes:
    """Carries out changes of a store.

    Threads of one process wait for their turn here, fairly and without SQLite's polling. What asks
    for a change inside another one of its own thread, a finaliser say, has it carried out after.

    Args:
        index: What is changed.
        files: Where the files of entries that left are removed.
        on_removal: Told of every entry that left, with nothing locked.
        on_trouble: Told of files that could not be removed.
        steps: Told of every step.
    """

    def __init__(
        self,
        index: Index,
        files: Files,
        on_removal: RemovalListener[Envelope] | None,
        on_trouble: Callable[[str], None],
        steps: Steps,
    ) -> None:
        self._index = index
        self._files = files
        self._on_removal = on_removal
        self._on_trouble = on_trouble
        self._steps = steps
        self._serial = Serial(repair=lambda: None)  # SQLite repairs what is half-made
        self._turn = _Turn()
        forks.watch(self)

    @property
    def running(self) -> bool:
        """Whether this thread is inside a change."""
        return self._turn.running

    def run(self, change: Callable[[Connection, Change], object]) -> None:
        """Carry out ``change`` in one transaction.

        Args:
            change: Is called again where the index was found damaged and begun anew.

        Raises:
            StoreError: it could not be carried out.
        """
        try:
            self.commit(change)
        finally:
            self.clean_up()

    def commit(self, change: Callable[[Connection, Change], object]) -> None:
        """As :meth:`run`; the caller sees to :meth:`clean_up`, once it is behind no gate.

        Raises:
            StoreError: it could not be carried out.
        """
        self._serial.run(lambda: self._carry_out(change))

    def clean_up(self) -> None:
        """Remove the files of those who left in this thread's turn, and tell of them."""
        while self._turn.done and not self._turn.running:
            done = self._turn.done.popleft()
            self._remove_files(done)
            for departure in done.departures:
                self._tell(departure)

    def after_fork(self) -> None:
        """Make the lock usable in a forked child."""
        self._serial.after_fork()
        self._turn = _Turn()

    def _carry_out(self, change: Callable[[Connection, Change], object]) -> None:
        self._turn.running = True
        try:
            done = self._committed(change)
        except DamagedIndexError:
            done = self._committed(change)
        finally:
            self._turn.running = False
        self._turn.done.append(done)

    def _committed(self, change: Callable[[Connection, Change], object]) -> Change:
        done = Change()
        with self._index.writing() as connection:
            self._steps("transaction begun")
            change(connection, done)
            self._steps("transaction complete")
        self._steps("transaction committed")
        return done

    def _remove_files(self, done: Change) -> None:
        try:
            for digest in done.contents:
                self._files.remove(digest, self._is_named)
                self._steps("file removed")
        except (OSError, StoreError) as error:
            self._on_trouble(f"Files of stored results that left could not be removed: {error}")

    def _is_named(self, digest: bytes) -> bool:
        with self._index.reading() as connection:
            return rows.is_named(connection, digest)

    def _tell(self, departure: rows.Departure) -> None:
        if self._on_removal is not None:
            try:
                self._on_removal(*departure)
            except Exception:
                _logger.exception("A listener failed to handle the removal of an entry")
