"""The store in memory: one dictionary for all cached functions of the process.

The dictionary is the truth and is read without a lock; everything else follows from it. Changes go
one at a time, and whoever is told of entries that leave is told once the store is free again.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeAlias

from reprise import forks
from reprise.contracts import (
    Bound,
    Bounds,
    Entry,
    Eviction,
    GroupUsage,
    Key,
    Removal,
    RemovalListener,
)
from reprise.stores.ledger import Ledger
from reprise.stores.serial import Serial

_logger = logging.getLogger("reprise")

MaxSize: TypeAlias = float | Callable[[], float]
"""Bytes, or a function that is asked for them whenever something is put."""

_Departure: TypeAlias = tuple[Key, Entry, Removal, Eviction | None]


class _Departures(threading.local):
    """What left the store in this thread's turn and was not announced yet.

    Besides telling whose listener call it is, this keeps the values alive until the store is free
    again: the last reference to one may run any code of the user's.
    """

    def __init__(self) -> None:
        self.leaving: deque[_Departure] = deque()


class MemoryStore:
    """Keeps entries in this process; implements ``reprise.contracts.Store``.

    Every change may be asked for at any time and from anywhere, also from a finaliser or a signal
    handler that interrupts another change of the same thread. It then runs right after that one;
    :meth:`put` and :meth:`remove` answer what they expect of it.

    Args:
        max_size: Bytes that all groups together may take.
        on_removal: Told of every entry that leaves.
    """

    def __init__(self, max_size: MaxSize, on_removal: RemovalListener[Entry]) -> None:
        self._max_size = max_size
        self._on_removal = on_removal
        self._entries: dict[Key, Entry] = {}
        self._ledger = Ledger()
        self._serial = Serial(repair=self._rewrite_ledger)
        self._departures = _Departures()
        self.lookup: Callable[[Key], Entry | None] = self._entries.get
        """What :meth:`get` does, without the method call. It stays valid for good."""
        forks.watch(self)

    @property
    def max_size(self) -> float:
        """Bytes that all groups together may take. Entries leave at once when it is lowered."""
        return self._max_size() if callable(self._max_size) else self._max_size

    @max_size.setter
    def max_size(self, max_size: MaxSize) -> None:
        self._max_size = max_size
        limit = self.max_size
        self._change(lambda: self._evict(None, Bounds(size=limit), None))

    def get(self, key: Key) -> Entry | None:
        """The entry, expired or not; looking is no visit."""
        return self._entries.get(key)

    def put(
        self,
        key: Key,
        entry: Entry,
        bounds: Bounds,
        *,
        when: Callable[[], bool] | None = None,
    ) -> bool:
        """Keep ``entry``, and let others go until it fits.

        Room is made before the entry comes in, so it never makes way for itself. An entry that was
        kept under the same key leaves, also when the new one is too large to be kept: a value that
        is out of date is worse than none.

        Args:
            key: What finds it.
            entry: What is kept.
            bounds: How much of its group may be kept from now on.
            when: Asked at the moment of the change: if it says false nothing is changed. What it
                answers cannot be overtaken by a :meth:`remove` that comes after. Must not block.

        Returns:
            Whether it is kept; false when it is larger than ``bounds`` or the store, or not wanted.
        """
        limit = self.max_size
        fits = bounds.entries >= 1 and entry.size <= bounds.size and entry.size <= limit
        kept = fits

        def change() -> None:
            nonlocal kept
            if when is not None and not when():
                kept = False
            elif fits:
                self._insert(key, entry, bounds, limit)
            else:
                self._take_out(key, Removal.REPLACED)

        self._change(change)
        return kept

    def remove(self, key: Key, reason: Removal, *, only: Entry | None = None) -> bool:
        """Let go of one entry.

        Args:
            key: What finds it.
            reason: Passed on to the listener.
            only: Where given, nothing happens unless it is this very entry that is kept.

        Returns:
            Whether there was one to let go.
        """

        def is_kept() -> bool:
            entry = self._entries.get(key)
            return entry is not None and (only is None or entry is only)

        found = is_kept()

        def change() -> None:
            nonlocal found
            found = is_kept()
            if found:
                self._take_out(key, reason)

        self._change(change)
        return found

    def entries(self, group: str | None = None) -> Iterator[tuple[Key, Entry]]:
        """A consistent copy of what is kept, of one group or of all, the oldest first."""
        return iter(self._serial.read(lambda: self._ledger.items(group)))

    def usage(self, group: str | None = None) -> GroupUsage:
        """Entries and bytes of one group, or of all."""
        return self._serial.read(lambda: self._ledger.usage(group))

    def sweep(self, now: float) -> float:
        """Remove what expired.

        Args:
            now: Seconds on the clock that ``Entry.expires`` speaks of.

        Returns:
            When the next entry will expire, infinity if none will.
        """

        def change() -> None:
            while (key := self._ledger.overdue(now)) is not None:
                self._take_out(key, Removal.EXPIRED)

        self._change(change)
        # A lambda, for a repair puts another ledger in place.
        return self._serial.read(lambda: self._ledger.next_deadline())  # noqa: PLW0108

    def after_fork(self) -> None:
        """Make the locks usable in a forked child."""
        self._serial.after_fork()

    def _insert(self, key: Key, entry: Entry, bounds: Bounds, limit: float) -> None:
        old = self._entries.get(key)
        if old is not None:
            # It stays in the dictionary until the new one takes its place, so that no reader
            # finds nothing in between and computes what is already there.
            self._ledger.discard(key, old)
        self._evict(entry.group, Bounds(bounds.entries - 1, bounds.size - entry.size), key)
        self._evict(None, Bounds(size=limit - entry.size), key)
        self._entries[key] = entry
        self._ledger.add(key, entry)
        if old is not None and old is not entry:
            self._departures.leaving.append((key, old, Removal.REPLACED, None))

    def _evict(self, group: str | None, bounds: Bounds, wanted: Key | None) -> None:
        """Make room within ``bounds``, for what is to be put under ``wanted``."""
        while True:
            usage = self._ledger.usage(group)
            if usage.entries <= bounds.entries and usage.size <= bounds.size:
                return
            victim = self._ledger.victim(group)
            if victim is None:
                return
            if group is None:
                bound = Bound.TOTAL_SIZE
            else:
                bound = Bound.ENTRIES if usage.entries > bounds.entries else Bound.SIZE
            self._take_out(victim, Removal.EVICTED, Eviction(bound, wanted))

    def _take_out(self, key: Key, reason: Removal, eviction: Eviction | None = None) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._departures.leaving.append((key, entry, reason, eviction))
            self._ledger.discard(key, entry)

    def _rewrite_ledger(self) -> None:
        self._ledger = Ledger(self._entries.copy().items())

    def _change(self, change: Callable[[], None]) -> None:
        own_turn = True
        try:
            own_turn = self._serial.run(change)
        finally:
            if own_turn:
                self._announce()

    def _announce(self) -> None:
        """Tell of the entries that left in this thread's turn. No lock is held by now."""
        leaving = self._departures.leaving
        failure: BaseException | None = None
        while leaving:
            try:
                self._on_removal(*leaving.popleft())
            except Exception:
                _logger.exception("A listener failed to handle the removal of an entry")
            except BaseException as error:  # noqa: BLE001  the others must be told all the same
                failure = error
        if failure is not None:
            raise failure
