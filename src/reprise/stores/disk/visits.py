"""Who was read and hit lately: noted in memory, and written when something is written anyway."""

from __future__ import annotations

import threading
from typing import Final

from reprise import forks
from reprise.contracts import Clock

_SECONDS: Final = 60.0
"""How long what was written of an entry is good enough."""

_MOST: Final = 10_000
"""Entries that are remembered; beyond it marks are forgotten, or written more often."""


class Visits:
    """The marks and hits that are not in the index yet.

    Args:
        clock: Tells when something was written.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Leave what was noted to the parent, which writes it."""
        self._lock = threading.RLock()  # a finaliser may note something while its thread does
        self._noted: dict[int, int] = {}
        self._written: dict[int, float] = {}

    def note(self, version: int, hits: int = 0) -> None:
        """An entry was read, or answered that many calls."""
        with self._lock:
            if version in self._noted or len(self._noted) < _MOST:
                self._noted[version] = self._noted.get(version, 0) + hits

    def due(self) -> dict[int, int]:
        """What is to be written now, with the hits of each: those not written a moment ago."""
        with self._lock:
            latest = self._clock.monotonic() - _SECONDS
            waiting = {one for one in self._noted if self._written.get(one, latest) > latest}
            return self._take(waiting)

    def all(self) -> dict[int, int]:
        """All that is not written yet."""
        with self._lock:
            return self._take(set())

    def _take(self, waiting: set[int]) -> dict[int, int]:
        due = {one: count for one, count in self._noted.items() if one not in waiting}
        self._noted = {one: self._noted[one] for one in waiting}
        if len(self._written) > _MOST:
            self._written = {}
        self._written.update(dict.fromkeys(due, self._clock.monotonic()))
        return due
