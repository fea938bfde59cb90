"""The books of a store in memory: counts, sizes, eviction orders and expiry times.

All of it follows from the entries alone, so a ledger that an interruption left half-written is
thrown away and written anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from reprise.contracts import Entry, GroupUsage, Key
from reprise.stores.expiry import Deadlines
from reprise.stores.sieve import Sieve


class _Account:
    """One group, or all of them together."""

    __slots__ = ("order", "size")

    def __init__(self) -> None:
        self.order = Sieve()
        self.size = 0

    def add(self, key: Key, entry: Entry) -> None:
        self.order.add(key, entry)
        self.size += entry.size

    def discard(self, key: Key, entry: Entry) -> None:
        self.order.discard(key)
        self.size -= entry.size


class Ledger:
    """Keeps account of entries, each group for itself and all together. It has no lock.

    Args:
        items: What is there to begin with, the oldest first.
    """

    __slots__ = ("_deadlines", "_groups", "_total")

    def __init__(self, items: Iterable[tuple[Key, Entry]] = ()) -> None:
        self._total = _Account()
        self._groups: dict[str, _Account] = {}
        self._deadlines = Deadlines()
        for key, entry in items:
            self.add(key, entry)

    def add(self, key: Key, entry: Entry) -> None:
        """Enter one entry, as the newest. Its key must not be there yet."""
        account = self._groups.get(entry.group)
        if account is None:
            account = self._groups[entry.group] = _Account()
        account.add(key, entry)
        self._total.add(key, entry)
        if entry.expires < math.inf:
            self._deadlines.add(key, entry.expires)

    def discard(self, key: Key, entry: Entry) -> None:
        """Strike out one entry that is there."""
        account = self._groups[entry.group]
        account.discard(key, entry)
        if not account.order:
            # Functions come and go in a program that is being edited; their names must not stay.
            del self._groups[entry.group]
        self._total.discard(key, entry)
        if entry.expires < math.inf:
            self._deadlines.discard(key)

    def usage(self, group: str | None) -> GroupUsage:
        """Entries and bytes of one group, or of all."""
        account = self._account(group)
        return GroupUsage() if account is None else GroupUsage(len(account.order), account.size)

    def victim(self, group: str | None) -> Key | None:
        """The entry that should leave next, of one group or of all."""
        account = self._account(group)
        return None if account is None else account.order.victim()

    def items(self, group: str | None) -> list[tuple[Key, Entry]]:
        """Keys and entries, of one group or of all, the oldest first."""
        account = self._account(group)
        return [] if account is None else account.order.items()

    def overdue(self, now: float) -> Key | None:
        """An entry that expired by ``now``, the earliest first."""
        return self._deadlines.overdue(now)

    def next_deadline(self) -> float:
        """When the next entry expires, in seconds; infinity if none will."""
        return self._deadlines.next()

    def _account(self, group: str | None) -> _Account | None:
        return self._total if group is None else self._groups.get(group)
