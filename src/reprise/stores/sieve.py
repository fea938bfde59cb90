"""Which entry goes first when room is needed: the SIEVE order.

Yazhuo Zhang and others, "SIEVE is Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for
Web Caches", NSDI 2024. Entries stand in a line in the order in which they came. A hand moves along
it from the oldest to the newest and round again: an entry that was visited since the hand passed
it last is spared once more, the first that was not visited goes. Entries never change places.

That suits a cache whose hits take no lock: a visit leaves a mark and moves nothing. Here the mark
is ``Entry.hits`` having moved, so one entry can stand in several orders (its group's and the
whole store's) and a hit still costs one addition.
"""

from __future__ import annotations

from reprise.contracts import Entry, Key


class _Node:
    """One place in the line."""

    __slots__ = ("entry", "key", "newer", "older", "seen")

    def __init__(self, key: Key, entry: Entry, older: _Node | None) -> None:
        self.key = key
        self.entry = entry
        self.older = older
        self.newer: _Node | None = None
        self.seen = entry.hits


class Sieve:
    """Entries in SIEVE order. It has no lock of its own; the store's covers it.

    >>> from types import SimpleNamespace
    >>> a, b = SimpleNamespace(hits=0), SimpleNamespace(hits=0)
    >>> order = Sieve()
    >>> order.add("a", a)
    >>> order.add("b", b)
    >>> a.hits += 1
    >>> order.victim()
    'b'
    """

    __slots__ = ("_hand", "_newest", "_nodes", "_oldest")

    def __init__(self) -> None:
        self._nodes: dict[Key, _Node] = {}
        self._oldest: _Node | None = None
        self._newest: _Node | None = None
        self._hand: _Node | None = None

    def __len__(self) -> int:
        return len(self._nodes)

    def add(self, key: Key, entry: Entry) -> None:
        """Put ``entry`` at the newest end, not yet visited. Its key must not be there yet."""
        node = _Node(key, entry, self._newest)
        if self._newest is None:
            self._oldest = node
        else:
            self._newest.newer = node
        self._newest = node
        self._nodes[key] = node

    def discard(self, key: Key) -> None:
        """Take ``key`` out of the order, if it is there."""
        node = self._nodes.pop(key, None)
        if node is None:
            return
        if self._hand is node:
            self._hand = node.newer
        if node.older is None:
            self._oldest = node.newer
        else:
            node.older.newer = node.newer
        if node.newer is None:
            self._newest = node.older
        else:
            node.newer.older = node.older

    def victim(self) -> Key | None:
        """Move the hand to the entry that should go next; it stays until it is discarded.

        Returns:
            Its key, or ``None`` when the order is empty.
        """
        node = self._hand or self._oldest
        if node is None:
            return None
        # Hits go on meanwhile: after one round every entry had its second chance, and whatever
        # is under the hand then goes, or this could go round for as long as all are in use.
        for _ in range(len(self._nodes)):
            if node.entry.hits == node.seen:
                break
            node.seen = node.entry.hits
            node = node.newer or self._oldest or node
        self._hand = node
        return node.key

    def items(self) -> list[tuple[Key, Entry]]:
        """Keys and entries, the oldest first."""
        # The copy is one step of the interpreter; a list built from the dict itself would fail
        # if a finaliser that runs in between changed it.
        return [(node.key, node.entry) for node in self._nodes.copy().values()]
