"""Which entry leaves when room is needed: SIEVE, as in memory, with its marks in the index.

Entries stand in the order of their versions. A hand moves along it and round again; who was visited
since it passed last is spared once more. Two things differ from the order in memory: a visit is one
mark for the order of the group and for that of all, so whichever hand comes first takes it; and an
entry whose file is open or mapped somewhere is spared as long as another can go instead, for the
room of its file would not become free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reprise.contracts import Bound, Bounds, Eviction, GroupUsage, Key, Removal
from reprise.stores.disk import rows

if TYPE_CHECKING:
    from sqlite3 import Connection

_BATCH: Final = 64
_MOST_SPARED: Final = 64
"""Files in use that one eviction passes over, for asking costs time while others wait."""


@dataclass(frozen=True, slots=True)
class Room:
    """Makes room inside a transaction for an entry that was put in already.

    Args:
        connection: In a transaction.
        newest: The version of that entry, which never makes way for itself.
        key: Its key, for the listener.
        change: Where it is noted who left.
        in_use: Whether a file is open or mapped.
    """

    connection: Connection
    newest: int
    key: Key
    change: rows.Change
    in_use: Callable[[bytes], bool]

    def within_group(self, group: str, bounds: Bounds) -> None:
        """Let entries of ``group`` leave until it is within ``bounds``."""

        def excess() -> Bound | None:
            usage = rows.group_usage(self.connection, group)
            if usage.entries > bounds.entries:
                return Bound.ENTRIES
            return Bound.SIZE if usage.size > bounds.size else None

        self._evict(_Line(self.connection, group, self.newest), excess)

    def within_store(self, limit: float) -> None:
        """Let entries of any group leave until all take no more than ``limit`` bytes."""

        def excess() -> Bound | None:
            usage: GroupUsage = rows.total_usage(self.connection)
            return Bound.TOTAL_SIZE if usage.size > limit else None

        self._evict(_Line(self.connection, None, self.newest), excess)

    def _evict(self, line: _Line, excess: Callable[[], Bound | None]) -> None:
        while (bound := excess()) is not None:
            victim = self._victim(line)
            if victim is None:
                return
            line.move_hand_past(victim)
            eviction = Eviction(bound, self.key)
            rows.take_out(self.connection, victim, Removal.EVICTED, self.change, eviction)

    def _victim(self, line: _Line) -> int | None:
        spared = 0
        # Twice, for the first round took the marks of those that it spared.
        for _ in range(2):
            for version, visited, content in line.once_round():
                if visited:
                    rows.unmark(self.connection, version)
                elif content is not None and spared < _MOST_SPARED and self.in_use(content):
                    spared += 1
                else:
                    return version
        return next((version for version, _, _ in line.once_round()), None)


class _Line:
    """The order of one group, or of all entries, and the hand that moves along it."""

    def __init__(self, connection: Connection, group: str | None, newest: int) -> None:
        self._connection = connection
        self._group = group
        self._newest = newest

    def once_round(self) -> Iterator[tuple[int, bool, bytes | None]]:
        """Version, whether visited, and content of each entry but the newest, from the hand on."""
        hand = self._hand()
        yield from self._stretch(hand, 2**63 - 1)
        yield from self._stretch(0, hand - 1)

    def move_hand_past(self, version: int) -> None:
        """Have the next round begin behind ``version``, which leaves."""
        # The newest came after the end was reached: it is not what the hand goes on with.
        behind = self._batch(version + 1, 2**63 - 1, 1)
        self._set_hand(behind[0][0] if behind else 0)

    def _set_hand(self, version: int) -> None:
        if self._group is None:
            self._connection.execute("UPDATE totals SET hand = ?", (version,))
        else:
            self._connection.execute(
                "UPDATE groups SET hand = ? WHERE name = ?", (version, self._group)
            )

    def _hand(self) -> int:
        if self._group is None:
            found = self._connection.execute("SELECT CAST(hand AS INTEGER) FROM totals").fetchone()
        else:
            found = self._connection.execute(
                "SELECT CAST(hand AS INTEGER) FROM groups WHERE name = ?", (self._group,)
            ).fetchone()
        return 0 if found is None else int(found[0])

    def _stretch(self, first: int, last: int) -> Iterator[tuple[int, bool, bytes | None]]:
        while True:
            batch = self._batch(first, last, _BATCH)
            for version, visited, content in batch:
                yield version, bool(visited), content
            if len(batch) < _BATCH:
                return
            first = batch[-1][0] + 1

    def _batch(self, first: int, last: int, most: int) -> list[tuple[int, int, bytes | None]]:
        if self._group is None:
            return self._connection.execute(
                "SELECT e.version, coalesce(v.marked, 0), e.content FROM entries AS e"
                " LEFT JOIN visits AS v ON v.version = e.version"
                " WHERE e.version BETWEEN ? AND ? AND e.version != ? ORDER BY e.version LIMIT ?",
                (first, last, self._newest, most),
            ).fetchall()
        return self._connection.execute(
            "SELECT e.version, coalesce(v.marked, 0), e.content FROM entries AS e"
            " LEFT JOIN visits AS v ON v.version = e.version"
            " WHERE e.grp = ? AND e.version BETWEEN ? AND ? AND e.version != ?"
            " ORDER BY e.version LIMIT ?",
            (self._group, first, last, self._newest, most),
        ).fetchall()
