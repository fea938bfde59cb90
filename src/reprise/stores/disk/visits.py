"""Which entries were read lately: noted in memory, and written when something is written anyway."""

from __future__ import annotations

from typing import Final

from reprise.contracts import Clock

_SECONDS: Final = 60.0
"""How long an entry's mark is taken for granted once it was written."""

_MOST: Final = 10_000
"""Entries that are remembered; beyond it marks are forgotten, or written more often."""


class Visits:
    """The marks that are not in the index yet.

    Args:
        clock: Tells when a mark was written.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: set[int] = set()
        self._written: dict[int, float] = {}

    def note(self, version: int) -> None:
        """An entry was read."""
        if len(self._noted) < _MOST:
            self._noted.add(version)

    def due(self) -> list[int]:
        """What is to be written now: those noted, but for those written a moment ago."""
        noted, self._noted = self._noted, set()
        if not noted:
            return []
        now = self._clock.monotonic()
        due = [version for version in noted if self._written.get(version, now) <= now - _SECONDS]
        due += [version for version in noted if version not in self._written]
        if len(self._written) > _MOST:
            self._written = {}
        self._written.update(dict.fromkeys(due, now))
        return due
