"""The walk through a value and everything in it, which the encoders share.

Two things happen here and nowhere else: finding the encoder of each value, and cycles. Where the
value is a part of code, what that code reaches is told of functions, classes and modules, and says
what stands in for things that have no encoding.

**Cycles** are written as "the container so many levels further out". That depends on the shape
of the value only: neither on addresses nor on the order in which a set happens to be iterated.

**Sharing** does not count: ``[x, x]`` and ``[x, copy(x)]`` are equal and get equal encodings. What
was encoded once is remembered, so that sharing costs nothing either, except for what is part of
a cycle, whose encoding depends on where the walk entered the cycle. It is walked anew
each time, within a budget, because a densely entangled graph has more paths than there is time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any, Final, Protocol, TypeAlias

from reprise.keys.failures import UnencodableError, UserFunctionError
from reprise.keys.framing import number
from reprise.keys.provenance import resource

Encoder: TypeAlias = Callable[[Any, "Walk"], bytes]
"""Encodes one value; what is in it goes through the walk."""

Atom: TypeAlias = Callable[[Any], bytes]
"""Encodes one value that holds no others."""

_REWALKS: Final = 100_000
_ENDLESS: Final = 1 << 60


class Encoders(Protocol):
    """What a walk needs to know about types."""

    @property
    def atoms(self) -> dict[type, Atom]:
        """Encoders for exact builtin types that hold no other values."""
        ...

    @property
    def plain(self) -> Encoders:
        """The same without the user's hash functions, which do not speak for code."""
        ...

    def find(self, cls: type) -> Encoder:
        """The encoder for all others; it raises where there is no way to encode."""
        ...


class Reach(Protocol):
    """What a walk through code tells of functions, classes and modules that it meets."""

    def function(self, function: FunctionType) -> bytes:
        """The encoding of a function."""
        ...

    def cls(self, cls: type) -> bytes:
        """The encoding of a class."""
        ...

    def module(self, module: ModuleType) -> bytes:
        """The encoding of a module that is a value itself."""
        ...

    def stand_in(self, value: object, error: UnencodableError) -> bytes:
        """What stands for a value that has no encoding."""
        ...


class Walk:
    """One walk. It is made for one digest, and used by one thread.

    Args:
        encoders: What it knows about types.
        reach: Told of functions, classes and modules, if the value is a part of code.
    """

    __slots__ = (
        "_depths",
        "_entangled",
        "_keyed",
        "_known",
        "_made",
        "_outermost",
        "_rewalks",
        "_tried",
        "atoms",
        "encoders",
        "reach",
    )

    def __init__(self, encoders: Encoders, reach: Reach | None = None) -> None:
        self.encoders = encoders
        self.reach = reach
        self.atoms = encoders.atoms
        self._depths: dict[int, int] = {}
        # These hold the values too: an id must not be used again while the walk lasts.
        self._known: dict[int, tuple[object, bytes]] = {}
        self._tried = False
        self._made: dict[int, tuple[object, bytes]] = {}
        self._entangled: dict[int, object] = {}
        self._keyed: dict[int, Callable[..., Any]] = {}
        self._outermost = _ENDLESS
        self._rewalks = 0

    def __call__(self, value: object) -> bytes:
        """Encode ``value``.

        Raises:
            UnencodableError: neither it nor something in it has an encoding.
            UserFunctionError: a hash function or ``__reprise_key__`` did.
        """
        try:
            atom = self.atoms.get(type(value))
        except Exception:  # noqa: BLE001 - its metaclass has no hash: told where it is looked up
            atom = None
        if atom is not None:
            return atom(value)
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        depth = self._depths.get(id(value))
        if depth is not None:
            return self._back(value, depth)
        return self._descend(value)

    @contextmanager
    def wholly(self, value: object) -> Iterator[None]:
        """Make sure, while code is encoded, that nothing has to stand in for a part of ``value``.

        An object with a lock and a counter in it is no value with a hole: it is as a whole
        something that has no encoding, and what the counter says must not count. That is found
        out before anything in it is told to the reach.

        Raises:
            UnencodableError: something in it has no encoding.
        """
        if self.reach is None or self._tried:
            yield
            return
        trial = Walk(self.encoders, _Trial())
        trial._tried = self._tried = True
        try:
            trial(value)
            yield
        finally:
            self._tried = False

    def class_of(self, value: object) -> bytes:
        """The class of a value: its name, and its code if it is the user's.

        What a cached function does with an object may be in there. Hash functions do not speak
        for it: they were written for values.
        """
        cls = type(value)
        return self.once(cls, lambda: self.encoders.plain.find(type(cls))(cls, self))

    def once(self, thing: object, make: Callable[[], bytes]) -> bytes:
        """What ``make`` returned when it was first asked about ``thing`` in this walk."""
        made = self._made.get(id(thing))
        if made is None:
            made = self._made[id(thing)] = (thing, make())
        return made[1]

    @contextmanager
    def keyed_by(self, function: Callable[..., Any], value: object) -> Iterator[None]:
        """Refuse a key that ``function`` made for ``value`` and that holds ``value`` itself.

        Such a key would be "the same as me" for every object of the class: a wrong hit.
        """
        self._keyed[id(value)] = function
        try:
            yield
        finally:
            del self._keyed[id(value)]

    def _descend(self, value: object) -> bytes:
        identity = id(value)
        if identity in self._entangled:
            self._count_rewalk()
        depth = self._depths[identity] = len(self._depths)
        around, self._outermost = self._outermost, _ENDLESS
        try:
            data = self.encoders.find(type(value))(value, self)
        except UnencodableError as error:
            data = self._stand_in(value, error)
        except (UserFunctionError, RecursionError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - chained, and told
            # A closed file, a lost connection, a version that we do not know: whatever a library
            # raises on being read, the user needs the same three ways out.
            failed = UnencodableError(f"reading it raised {_told(error)}")
            failed.__cause__ = error
            data = self._stand_in(value, failed)
        finally:
            del self._depths[identity]
            reached = self._outermost
            self._outermost = min(around, reached if reached < depth else _ENDLESS)
        if reached == _ENDLESS:
            self._known[identity] = (value, data)
        else:
            self._entangled[identity] = value
        return data

    def _stand_in(self, value: object, error: UnencodableError) -> bytes:
        known = resource(value, self)
        if known is not None:
            return known
        if self.reach is not None:
            return self.reach.stand_in(value, error)
        error.trail.append(value)
        raise error

    def _back(self, value: object, depth: int) -> bytes:
        function = self._keyed.get(id(value))
        if function is not None:
            raise UserFunctionError(function, value, "returned the object itself as its key")
        self._outermost = min(self._outermost, depth)
        return b"\x04back" + number(len(self._depths) - depth)

    def _count_rewalk(self) -> None:
        self._rewalks += 1
        if self._rewalks > _REWALKS:
            raise UnencodableError("its parts refer to each other in too many ways")


def _told(error: Exception) -> str:
    """Its class and its text, if it has one that can be had."""
    name = type(error).__name__
    try:
        return f"{name}: {error}"
    except Exception:  # noqa: BLE001 - methods of users' classes may raise anything
        return name


class _Trial:
    """The reach of a walk that only finds out whether a value has an encoding."""

    def function(self, _: FunctionType) -> bytes:
        return b""

    def cls(self, _: type) -> bytes:
        return b""

    def module(self, _: ModuleType) -> bytes:
        return b""

    def stand_in(self, value: object, error: UnencodableError) -> bytes:
        error.trail.append(value)
        raise error
