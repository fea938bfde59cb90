"""Memory whose content is known: ``values`` says where it lies, ``keys`` need not hash it again.

What came out of the cache and is passed on to another cached function is hashed once, however large
it is and however often it is passed on. That takes a proof that the memory still holds what it
held. It is registered by its addresses: while what owns the memory is alive, nothing else can lie
at them, so that an array at these addresses, whoever made it, is a view of that memory. Wherever a
proof is wanting the content is hashed.
"""

from __future__ import annotations

import weakref
from bisect import bisect_right, insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from reprise import forks

_REMEMBERED: Final = 1024
"""Digests that are remembered of one content."""

Digests = dict[Hashable, bytes]
"""What was digested of one content, by where in it and in which form."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A stretch of memory."""

    start: int
    """The address at which it starts."""
    stop: int
    """The address behind its end."""
    owner: weakref.ref[object]
    """What is alive for as long as the memory is there."""
    unchanged: Callable[[int, int], bool]
    """Whether nobody can have written between these two addresses since it was registered."""
    digests: Digests = field(default_factory=dict, repr=False)
    """Shared by all memory of the same content."""

    def covers(self, start: int, stop: int) -> bool:
        """Whether the memory is still there and everything from ``start`` to ``stop`` is in it."""
        return self.start <= start and stop <= self.stop and self.owner() is not None


class Seals:
    """All that is registered in the process.

    Looking takes no lock: what it finds is checked against the very addresses that were asked for,
    so that a change meanwhile can only make it find nothing.
    """

    __slots__ = ("__weakref__", "_known", "_lock", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._known: dict[int, Seal] = {}
        self.after_fork()
        forks.watch(self)

    def __len__(self) -> int:
        return len(self._known)

    def after_fork(self) -> None:
        """No thread is left that could release the parent's lock."""
        self._lock = RLock()  # re-entrant: a weak reference may call back in its midst

    def register(
        self,
        owner: object,
        start: int,
        size: int,
        unchanged: Callable[[int, int], bool],
        digests: Digests | None = None,
    ) -> None:
        """Register memory, for as long as its owner lives.

        Args:
            owner: What the memory goes with; weakly referenced.
            start: The address at which it starts.
            size: Bytes.
            unchanged: Whether nobody can have written between two addresses since now. It must
                not hold the owner.
            digests: Where digests are kept, if other memory has the same content.
        """

        def forget(dead: weakref.ref[object]) -> None:
            with self._lock:
                known = self._known.get(start)
                # Something new may already lie there.
                if known is not None and known.owner is dead:
                    del self._known[start]
                    self._starts.remove(start)

        reference = weakref.ref(owner, forget)
        seal = Seal(start, start + size, reference, unchanged, {} if digests is None else digests)
        with self._lock:
            if start not in self._known:
                insort(self._starts, start)
            self._known[start] = seal

    def find(self, start: int, stop: int) -> Seal | None:
        """The memory in which everything from ``start`` to ``stop`` lies, if it is registered."""
        at = bisect_right(self._starts, start)
        try:
            seal = self._known[self._starts[at - 1]] if at else None
        except LookupError:  # another thread has just taken it away
            return None
        return seal if seal is not None and seal.covers(start, stop) else None


seals: Final = Seals()


def digested(start: int, size: int, form: Hashable, make: Callable[[], bytes]) -> bytes:
    """The digest of memory, taken from what is remembered if the memory provably is unchanged.

    Args:
        start: The address at which it starts. The caller holds what lies there.
        size: Bytes.
        form: What the digest depends on besides the bytes: data type, shape, steps.
        make: Digests the content.

    Returns:
        What ``make`` returns now, or returned for the same content in the same form.
    """
    stop = start + size
    seal = seals.find(start, stop)
    if seal is None or not seal.unchanged(start, stop):
        return make()
    place = (start - seal.start, size, form)
    known = seal.digests.get(place)
    if known is None:
        known = make()
        # Asked again: another thread may have written while it was being read.
        if len(seal.digests) < _REMEMBERED and seal.unchanged(start, stop):
            seal.digests[place] = known
    return known
