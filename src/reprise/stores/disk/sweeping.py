"""What leaves on its own: expired entries, files that no row names, locks that nobody uses.

Each call does a bounded piece of it, and the next goes on where it ended.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from reprise.contracts import Removal
from reprise.stores.disk import rows
from reprise.stores.disk.changes import Changes
from reprise.stores.disk.files import Files
from reprise.stores.disk.index import Index
from reprise.stores.disk.layout import SHELVES
from reprise.stores.disk.locks import ComputeLocks
from reprise.stores.disk.rows import Change
from reprise.stores.disk.visits import Visits

if TYPE_CHECKING:
    from sqlite3 import Connection

_AHEAD_SECONDS: Final = 5.0
"""How far ahead of our clock an entry may have been made, for clocks are set by small steps.

One that expires and was made later than that comes from before the clock was set back, by who knows
how much: served until it expires it could live longer than it was meant to."""

_ENTRIES: Final = 500
"""Entries that one call removes."""

_SHELVES: Final = 8
"""Shelves of files, and of locks, that one call looks through: all of them in 32."""

_FREE_PAGES: Final = 1000
"""Pages of the index that stay for what comes next."""

_PAGES: Final = 250
"""Pages of the index that one call gives back to the system."""


class Sweep:
    """Sweeps a store, piece by piece."""

    def __init__(
        self, index: Index, changes: Changes, files: Files, locks: ComputeLocks, visits: Visits
    ) -> None:
        self._index = index
        self._changes = changes
        self._files = files
        self._locks = locks
        self._visits = visits
        self._shelf = 0

    def __call__(self, now: float) -> float:
        """Do one piece; returns when the next entry expires, ``now`` or past if some are left.

        Raises:
            StoreError: the store cannot be used.
        """
        self._expire(now)
        with self._index.reading() as connection:
            _shrink(connection)
            # Within, so that whatever the system says becomes the store's error.
            for _ in range(_SHELVES):
                shelf = SHELVES[self._shelf % len(SHELVES)]
                self._shelf += 1
                self._files.clear_shelf(shelf, partial(rows.named_on, connection, shelf))
                self._locks.sweep(shelf)
            return rows.next_expiry(connection)

    def _expire(self, now: float) -> None:
        with self._index.reading() as connection:
            overdue = rows.overdue(connection, now, now + _AHEAD_SECONDS, _ENTRIES)
        visited = self._visits.due()
        if not overdue and not visited:
            return

        def change(connection: Connection, change: Change) -> None:
            rows.visit(connection, visited)
            # Asked again, for others sweep as well.
            for version in rows.overdue(connection, now, now + _AHEAD_SECONDS, _ENTRIES):
                rows.take_out(connection, version, Removal.EXPIRED, change)

        self._changes.run(change)


def _shrink(connection: Connection) -> None:
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    if free > _FREE_PAGES:
        # As a script, for execute() would stop after the first page.
        connection.executescript(f"PRAGMA incremental_vacuum({_PAGES})")
