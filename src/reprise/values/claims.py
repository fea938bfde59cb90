"""Claims to memory: whether nobody but the value itself can reach it.

What stands on the memory is exchanged for arrays on the sealed memory. Whoever can still write to
it then holds one of the objects on the old way to it, and that shows in the counts of references:
one more than those that were found by following the way.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Final, Protocol

from reprise import forks
from reprise.values.adopted_arrays import Kind, Maker, kind_of
from reprise.values.pandas_internals import Internals, pass_on
from reprise.values.sealed import is_sealed, lock, owner_of, seal

CLAIMED_FROM: Final = 64 * 1024
"""Bytes from which on memory is claimed; copying less takes no longer than to ask who has it."""


class Slot(Protocol):
    """Where an array stands in a value of pandas."""

    @property
    def place(self) -> Any:
        """The object that the slot is of."""
        ...

    def get(self) -> tuple[Any, Any]:
        """The array, and the count of references to it."""
        ...

    def count_in(self, references: Any) -> None:
        """Let ``references`` know of what the slot belongs to."""
        ...

    def put(self, values: Any, references: Any) -> None:
        """Put others there."""
        ...


@dataclass(slots=True, eq=False)
class Claim:
    """A claim to the memory of one array in a value."""

    slot: Slot
    kind: Kind
    sealed: Any
    """An array on the sealed memory."""
    old: Any = field(default=None, repr=False)
    """What stood in the slot, while it is not certain that it is not needed again."""
    references: Any = field(default=None, repr=False)

    def exchange(self, known: Internals) -> None:
        """Put an array on the sealed memory into the slot."""
        old, self.references = self.slot.get()
        make = self.kind.maker(old, self.sealed, known)
        references = known.anchored()
        self.slot.count_in(references)
        self.slot.put(make(), references)
        self.old = old

    def give_up(self) -> None:
        """Put back what stood there."""
        _, meanwhile = self.slot.get()
        self.slot.put(self.old, self.references)
        # What another thread has made of it since stands on the same memory.
        pass_on(meanwhile, self.references, but=self.slot.place)
        self.old = self.references = None

    def settle(self, known: Internals) -> Maker:
        """Keep the memory, since it is ours alone; returns a maker of arrays on it."""
        self.old = self.references = None
        lock(self.sealed)
        return self.kind.maker(self.slot.get()[0], self.sealed, known)


class _Ledger:
    """Objects, each with the number of references to it that are accounted for."""

    def __init__(self) -> None:
        # The first is held by nothing else: its count is what the list and the asking add.
        self._objects: list[Any] = [_Control()]
        self._found: dict[int, int] = {id(self._objects[0]): 0}

    def found(self, thing: Any) -> int:
        """Account for one reference to ``thing``; returns what it is called in :meth:`shared`."""
        if id(thing) not in self._found:
            self._objects.append(thing)
            self._found[id(thing)] = 0
        self._found[id(thing)] += 1
        return id(thing)

    def shared(self) -> set[int]:
        """Which objects somebody else holds too, or can get hold of."""
        objects, count = self._objects, sys.getrefcount
        own = count(objects[0])
        return {
            id(objects[at])
            for at in range(1, len(objects))
            if count(objects[at]) > own + self._found[id(objects[at])]
            or weakref.getweakrefcount(objects[at])
        }


class _Control:
    __slots__ = ()


def _claim(slot: Slot, known: Internals) -> Claim | None:
    """A claim to the memory of the array in ``slot``, if it can be claimed and is worth it."""
    values = slot.get()[0]
    kind = kind_of(values, known)
    if kind is None:
        return None
    part = kind.part(values)
    if part.dtype.hasobject or part.nbytes < CLAIMED_FROM or is_sealed(part):
        return None
    owner = owner_of(part)
    # A small part of much memory would keep all of it.
    if owner is None or 2 * part.nbytes < owner.nbytes:
        return None
    return Claim(slot, kind, seal(part, owner))


class _Turns:
    """One value at a time: two threads may return the same frame."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """No thread is left that could release the parent's lock."""
        self.lock = RLock()  # re-entrant: the garbage collector may run anything in its midst


_turns: Final = _Turns()


def enforce(slots: Iterable[Slot], known: Internals) -> dict[int, Maker]:
    """Take the memory that nobody else can reach; leave the rest as it was.

    Args:
        slots: Where the arrays of one value stand; several may stand on one memory.
        known: The private names of pandas.

    Returns:
        By the ids of the blocks and indexes makers of arrays on their memory. Where there is none
        the memory was not taken.
    """
    with _turns.lock:
        claims = [one for one in (_claim(slot, known) for slot in slots) if one is not None]
        return _enforce(claims, known)


def _enforce(claims: Sequence[Claim], known: Internals) -> dict[int, Maker]:
    exchanged: list[Claim] = []
    try:
        for one in claims:
            one.exchange(known)
            exchanged.append(one)
        lost = _lost(claims)
    except BaseException:
        for one in exchanged:
            one.give_up()
        raise
    for one in lost:
        one.give_up()
    return {id(one.slot.place): one.settle(known) for one in claims if one not in lost}


def _lost(claims: Iterable[Claim]) -> set[Claim]:
    """The claims to memory that somebody else can reach."""
    ledger = _Ledger()
    ways = {one: _way(one, ledger) for one in claims}
    reached = ledger.shared()
    lost: set[Claim] = set()
    # What is put back for one claim leads to all the memory on its way.
    while True:
        more = {one for one, way in ways.items() if one not in lost and way & reached}
        if not more:
            return lost
        lost |= more
        reached.update(*(ways[one] for one in more))


def _way(one: Claim, ledger: _Ledger) -> set[int]:
    """Account for every reference on the way from what stood in the slot to its memory."""
    way = {ledger.found(one.old)}
    array = one.kind.part(one.old)
    if array is not one.old:
        way.add(ledger.found(array))
    while array.base is not None:
        array = array.base
        way.add(ledger.found(array))
    way.add(ledger.found(one.sealed.base.owner))
    return way
