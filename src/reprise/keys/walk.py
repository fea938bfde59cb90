"""The walk through a value and everything in it, which the encoders share.

Three things happen here and nowhere else: finding the encoder of each value, cycles, and (while
code is encoded) standing in for what has no encoding.

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
from typing import Any, Final, Protocol, TypeAlias

from reprise.keys.failures import UnencodableError, UserFunctionError
from reprise.keys.framing import leaf, number
from reprise.keys.identity import identity_of

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

    def find(self, cls: type) -> Encoder | None:
        """The encoder for all others, or ``None`` where there is no way to encode."""
        ...


class Walk:
    """One walk. It is made for one digest, and used by one thread."""

    __slots__ = (
        "_depths",
        "_encoders",
        "_entangled",
        "_keyed",
        "_known",
        "_known_lenient",
        "_lenient",
        "_outermost",
        "_rewalks",
        "atoms",
    )

    def __init__(self, encoders: Encoders) -> None:
        self._encoders = encoders
        self.atoms = encoders.atoms
        self._depths: dict[int, int] = {}
        # These hold the values too: an id must not be used again while the walk lasts.
        self._known: dict[int, tuple[object, bytes]] = {}
        self._known_lenient: dict[int, tuple[object, bytes]] = {}
        self._entangled: dict[int, object] = {}
        self._keyed: dict[int, Callable[..., Any]] = {}
        self._outermost = _ENDLESS
        self._rewalks = 0
        self._lenient = False

    def __call__(self, value: object) -> bytes:
        """Encode ``value``.

        Raises:
            UnencodableError: neither it nor something in it has an encoding.
            UserFunctionError: a hash function or ``__reprise_key__`` did.
        """
        atom = self.atoms.get(type(value))
        if atom is not None:
            return atom(value)
        known = (self._known_lenient if self._lenient else self._known).get(id(value))
        if known is not None:
            return known[1]
        depth = self._depths.get(id(value))
        if depth is not None:
            return self._back(value, depth)
        return self._descend(value)

    @property
    def lenient(self) -> bool:
        """Whether code is being encoded: what has no encoding then counts as the object it is."""
        return self._lenient

    @contextmanager
    def leniently(self) -> Iterator[None]:
        """Let objects without an encoding join by their identity, while the context is open."""
        before, self._lenient = self._lenient, True
        try:
            yield
        finally:
            self._lenient = before

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
            encoder = self._encoders.find(type(value)) or _nothing
            data = encoder(value, self)
        except UnencodableError as error:
            data = self._stand_in(value, error)
        except (UserFunctionError, RecursionError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - chained, and told
            # A closed file, a lost connection, a version that we do not know: whatever a library
            # raises on being read, the user needs the same three ways out.
            failed = UnencodableError(f"reading it raised {type(error).__name__}: {error}")
            failed.__cause__ = error
            data = self._stand_in(value, failed)
        finally:
            del self._depths[identity]
            reached = self._outermost
            self._outermost = min(around, reached if reached < depth else _ENDLESS)
        if reached == _ENDLESS:
            (self._known_lenient if self._lenient else self._known)[identity] = (value, data)
        else:
            self._entangled[identity] = value
        return data

    def _stand_in(self, value: object, error: UnencodableError) -> bytes:
        if self._lenient:
            return leaf("identity", identity_of(value))
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


def _nothing(_: Any, __: Walk) -> bytes:
    """Stands in where there is no encoder."""
    raise UnencodableError
