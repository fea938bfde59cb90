"""Who was read and hit lately: noted in memory, and written when something is written anyway."""

from __future__ import annotations

import math
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
        return self._take(_SECONDS)

    def all(self) -> dict[int, int]:
        """All that is not written yet."""
        return self._take(0.0)

    def _take(self, seconds: float) -> dict[int, int]:
        """What was noted, but for what was written less than so long ago."""
        with self._lock:
            now = self._clock.monotonic()
            # First out of the way: a finaliser of this thread may note something at any step.
            noted, self._noted = self._noted, {}
            due = {
                one: hits
                for one, hits in noted.items()
                if now - self._written.get(one, -math.inf) >= seconds
            }
            for one in noted.keys() - due.keys():
                self._noted[one] = self._noted.get(one, 0) + noted[one]
            if len(self._written) > _MOST:
                self._written = {}
            self._written.update(dict.fromkeys(due, now))
            return due
