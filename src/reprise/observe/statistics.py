"""Figures of one cached function."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from reprise.contracts import Entry


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What ``func.cache_info()`` tells.

    Attributes:
        hits: Calls that were answered without running the function. On a free-threaded CPython two
            at the same instant may count as one.
        misses: Times that the function ran.
        entries: Results kept now.
        bytes: What keeping them costs.
        seconds_saved: What the hits would have cost, had the function run each time.

    >>> from reprise import cache_data
    >>> @cache_data
    ... def square(x):
    ...     return x * x
    >>> square(2), square(2), square(3)
    (4, 4, 9)
    >>> info = square.cache_info()
    >>> info.hits, info.misses, info.entries
    (1, 2, 2)
    """

    hits: int = 0
    misses: int = 0
    entries: int = 0
    bytes: int = 0
    seconds_saved: float = 0.0


@dataclass(slots=True)
class Tally:
    """Counts that outlive the entries they were made on.

    Hits are counted on the entry that answered (one addition, no lock); what an entry counted is
    added here when it leaves.
    """

    misses: int = 0
    _hits: int = 0
    _seconds: float = 0.0
    # Re-entrant, for a signal handler may call a cached function at any step.
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def missed(self) -> None:
        """Count one run of the function."""
        with self._lock:
            self.misses += 1

    def shared(self, entry: Entry) -> None:
        """Count a call that was answered by an entry which was never stored."""
        with self._lock:
            self._hits += 1
            self._seconds += entry.cost

    def retire(self, entry: Entry) -> None:
        """Take over what an entry that leaves has counted."""
        with self._lock:
            self._hits += entry.hits
            self._seconds += entry.hits * entry.cost

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def info(self, entries: Iterable[Entry]) -> CacheInfo:
        """All figures, ``entries`` being what is kept now."""
        kept = list(entries)
        with self._lock:
            return CacheInfo(
                hits=self._hits + sum(entry.hits for entry in kept),
                misses=self.misses,
                entries=len(kept),
                bytes=sum(entry.size for entry in kept),
                seconds_saved=self._seconds + sum(entry.hits * entry.cost for entry in kept),
            )
