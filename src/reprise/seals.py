"""Memory whose content is known: ``values`` says where it lies, ``keys`` need not hash it again.

What came out of the cache and is passed on to another cached function is hashed once, however large
it is and however often it is passed on. That takes a proof that the memory still holds what it
held. It is registered by its addresses: while what owns the memory is alive, nothing else can lie
at them, so that an array at these addresses, whoever made it, is a view of that memory. Wherever a
proof is wanting the content is hashed.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from reprise import forks

_REMEMBERED: Final = 1024
"""Digests that are remembered of one content."""

_SPARE: Final = 64
"""Starts of memory that is gone which are kept however little is left."""

Digests = dict[Hashable, bytes]
"""What was digested of one content, by where in it and in which form."""


def _none() -> None:
    return None


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
    original: Callable[[], memoryview | None] = field(default=_none, repr=False)
    """Gives the same content in memory that nobody else has, if it can be had."""

    def covers(self, start: int, stop: int) -> bool:
        """Whether the memory is still there and everything from ``start`` to ``stop`` is in it."""
        return self.start <= start and stop <= self.stop and self.owner() is not None


class Seals:
    """All that is registered in the process.

    Looking takes no lock: what it finds is checked against the very addresses that were asked for,
    so that a change meanwhile can only make it find nothing. The list of starts only grows, or is
    replaced.
    """

    __slots__ = ("__weakref__", "_known", "_lock", "_starts")

    def __init__(self) -> None:
        self._known: dict[int, Seal] = {}
        self.after_fork()
        forks.watch(self)

    def __len__(self) -> int:
        return len(self._known)

    def after_fork(self) -> None:
        """No thread is left that could release the parent's lock, or finish what it was at."""
        self._lock = RLock()  # re-entrant: a weak reference may call back in its midst
        self._starts = sorted(self._known)

    def register(
        self,
        owner: object,
        start: int,
        size: int,
        unchanged: Callable[[int, int], bool],
        digests: Digests | None = None,
        *,
        original: Callable[[], memoryview | None] = _none,
    ) -> None:
        """Register memory, for as long as its owner lives.

        Args:
            owner: What the memory goes with; weakly referenced.
            start: The address at which it starts.
            size: Bytes.
            unchanged: Whether nobody can have written between two addresses since now. It must
                not hold the owner.
            digests: Where digests are kept, if other memory has the same content.
            original: Gives that content in memory that nobody else has, if it can be had. It must
                not hold the owner either.
        """

        def forget(dead: weakref.ref[object]) -> None:
            with self._lock:
                known = self._known.get(start)
                # Something new may already lie there.
                if known is not None and known.owner is dead:
                    self._drop(start)

        reference = weakref.ref(owner, forget)
        known = {} if digests is None else digests
        seal = Seal(start, start + size, reference, unchanged, known, original)
        with self._lock:
            # What lay there before is gone, even if its owner is not (a mapping that was closed).
            self._known[start] = seal
            starts = self._starts
            at = bisect_left(starts, start)
            if at == len(starts) or starts[at] != start:
                insort(self._starts, start)

    def _drop(self, start: int) -> None:
        # The start stays behind for a while: to take each out by itself would be slow where there
        # are many, and a weak reference may call back between finding its place and taking it out.
        self._known.pop(start, None)
        left = len(self._known)
        if len(self._starts) > left + left // 8 + _SPARE:
            self._starts = sorted(self._known)

    def find(self, start: int, stop: int) -> Seal | None:
        """The memory in which everything from ``start`` to ``stop`` lies, if it is registered."""
        starts = self._starts
        at = bisect_right(starts, start)
        seal = None
        while at and seal is None:  # past those that are gone
            at -= 1
            seal = self._known.get(starts[at])
        return seal if seal is not None and seal.covers(start, stop) else None


seals: Final = Seals()


def digested(
    start: int,
    size: int,
    form: Hashable,
    make: Callable[[], bytes],
    make_of: Callable[[memoryview], bytes] | None = None,
) -> bytes:
    """The digest of memory, taken from what is remembered if the memory provably is unchanged.

    Args:
        start: The address at which it starts. The caller holds what lies there.
        size: Bytes.
        form: What the digest depends on besides the bytes: data type, shape, steps.
        make: Digests the content.
        make_of: The same from other memory, which holds those bytes. Where that can be had the
            first look leaves no trace in the memory itself, so that the next is faster.

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
        content = None if make_of is None else seal.original()
        if content is None or make_of is None:
            known = make()
        else:
            known = make_of(content[place[0] : place[0] + size])
        # Asked again: another thread may have written while it was being read.
        if len(seal.digests) < _REMEMBERED and seal.unchanged(start, stop):
            seal.digests[place] = known
    return known


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """A content, known by what is remembered of it; held, so that nothing else can pass for it."""

    digests: Digests

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and other.digests is self.digests

    def __hash__(self) -> int:
        return id(self.digests)


def digested_together(
    stretches: Sequence[tuple[int, int]], form: Hashable, make: Callable[[], bytes]
) -> bytes:
    """The digest of what lies in several places, remembered if all of them provably are unchanged.

    Args:
        stretches: Of each, the address at which it starts, and its bytes; at least one. The caller
            holds what lies there.
        form: What the digest depends on besides the bytes.
        make: Digests the content.

    Returns:
        What ``make`` returns now, or returned for the same contents in the same form.
    """
    found: list[Seal] = []
    places: list[Hashable] = []
    for start, size in stretches:
        seal = seals.find(start, start + size)
        if seal is None or not seal.unchanged(start, start + size):
            return make()
        found.append(seal)
        places.append((_Content(seal.digests), start - seal.start, size))
    digests, together = found[0].digests, (tuple(places), form)
    known = digests.get(together)
    if known is None:
        known = make()
        # Asked again: another thread may have written while it was being read.
        pairs = zip(found, stretches, strict=True)
        unchanged = all(seal.unchanged(start, start + size) for seal, (start, size) in pairs)
        if unchanged and len(digests) < _REMEMBERED:
            digests[together] = known
    return known
