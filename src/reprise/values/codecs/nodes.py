"""The form of safe streams: a tree of nodes in MessagePack, and large bytes beside it.

A node is an atom of MessagePack, which stands for itself, or a list of a tag and fields. What a tag
means says the table of kinds; reading makes objects of these kinds and nothing else. A mutable
object, or a tuple, that stands in several places is written once, and referred to by its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from reprise.values.codecs.packed import NotTakenError, RawBuffer, UndecodableError
from reprise.values.pickling import OUT_OF_BAND_FROM

MOST_DEPTH: Final = 100
"""Levels of nesting; deeper values are pickled, or refused there."""

ATOMS: Final[frozenset[type]] = frozenset({NoneType, bool, int, float, str, bytes})
"""What MessagePack knows itself."""

_REFERENCE: Final = "="

LONG_FROM: Final = 64
"""Characters from which on a text that stands in several places is written once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of a type are written as a node, and read back."""

    tag: str
    write: Callable[[Any, Writer], Sequence[Any]]
    """Makes the fields of the node."""
    read: Callable[..., Any]
    """Takes the reader and the fields."""
    shared: bool = False
    """Whether it matters that one object stands in two places: it can be changed, or is large."""


def _write_integer(value: int, _: Writer) -> Sequence[Any]:
    return (value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True),)


def _read_integer(_: Reader, data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _write_odd_text(value: str, _: Writer) -> Sequence[Any]:
    return (value.encode("utf-8", "surrogatepass"),)


def _read_odd_text(_: Reader, data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _write_text(value: str, _: Writer) -> Sequence[Any]:
    return (value,)


def _read_text(_: Reader, value: Any) -> Any:
    return value


_BIG: Final = Kind("int", _write_integer, _read_integer)
_ODD: Final = Kind("str", _write_odd_text, _read_odd_text)
_LONG: Final = Kind("long", _write_text, _read_text, shared=True)
_LONG_ODD: Final = Kind("long str", _write_odd_text, _read_odd_text, shared=True)

ATOM_KINDS: Final = (_BIG, _ODD, _LONG, _LONG_ODD)
"""For the atoms that cannot, or need not, stand for themselves."""


def _kind_of_atom(value: Any) -> Kind | None:
    if type(value) is int:
        return None if -(2**63) <= value < 2**64 else _BIG
    if type(value) is bytes:
        return _LONG if len(value) >= LONG_FROM else None
    if type(value) is not str:
        return None
    if value.isascii() or not _has_surrogates(value):
        return _LONG if len(value) >= LONG_FROM else None
    return _LONG_ODD if len(value) >= LONG_FROM else _ODD


def _has_surrogates(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


class Writer:
    """Makes nodes of values."""

    __slots__ = ("_depth", "_find", "_held", "_numbers", "buffers")

    def __init__(self, find: Callable[[type], Kind | None]) -> None:
        """Start empty; ``find`` is the table of kinds."""
        self.buffers: list[RawBuffer] = []
        self._find = find
        self._depth = 0
        self._numbers: dict[int, int | None] = {}
        # An object that is gone would leave its id to another.
        self._held: list[object] = []

    def node(self, value: Any) -> Any:
        """Make the node of one value.

        Raises:
            NotTakenError: it, or something in it, is of no kind in the table.
        """
        if type(value) in ATOMS:
            kind = _kind_of_atom(value)
            if kind is None:
                return value
        else:
            kind = self._find(type(value))
        if kind is None:
            raise NotTakenError(value)
        if not kind.shared:
            return [kind.tag, *kind.write(value, self)]
        known = self._numbers.get(id(value), -1)
        if known is None:
            raise NotTakenError(value, "it contains itself")
        if known >= 0:
            return [_REFERENCE, known]
        return [kind.tag, *self._fields(kind, value)]

    def _fields(self, kind: Kind, value: Any) -> Sequence[Any]:
        if self._depth >= MOST_DEPTH:
            raise NotTakenError(value, f"it is nested more than {MOST_DEPTH} levels deep")
        self._numbers[id(value)] = None
        self._held.append(value)
        self._depth += 1
        fields = kind.write(value, self)
        self._depth -= 1
        # Counted when they are complete: in the order in which the reader will have them.
        self._numbers[id(value)] = self._count_complete()
        return fields

    def _count_complete(self) -> int:
        return len(self._held) - 1 - self._depth

    def inner(self, value: Any, step: str) -> Any:
        """The node of a part, to which ``step`` leads from the whole."""
        try:
            return self.node(value)
        except NotTakenError as error:
            error.below(step)
            raise

    def buffer(self, chunks: Iterable[memoryview], size: int) -> Any:
        """Lay bytes beside the stream, or into it where they are few; what stands for them."""
        if size < OUT_OF_BAND_FROM:
            return b"".join(chunks)
        self.buffers.append(RawBuffer(chunks, size))
        return len(self.buffers) - 1


class Reader:
    """Makes values of nodes."""

    __slots__ = ("_buffers", "_complete", "_kinds")

    def __init__(self, kinds: dict[str, Kind], buffers: Sequence[Any]) -> None:
        """Read with this table of kinds; the buffers are the caller's own."""
        self._kinds = kinds
        self._buffers = buffers
        self._complete: list[Any] = []

    def value(self, node: Any) -> Any:
        """Make the value of one node.

        Raises:
            Exception: of any type, for what no writer writes.
        """
        if type(node) is not list:
            if type(node) not in ATOMS:
                raise UndecodableError(f"a {type(node).__name__} is no node")
            return node
        tag = node[0]
        if tag == _REFERENCE:
            return self._complete[node[1]]
        kind = self._kinds[tag]
        value = kind.read(self, *node[1:])
        if kind.shared:
            self._complete.append(value)
        return value

    def buffer(self, node: Any) -> Any:
        """Writable memory that belongs to the caller."""
        if type(node) is bytes:
            return bytearray(node)
        view = self._buffers[_natural(node)]
        return view if type(view) is not bytes else bytearray(view)


def _natural(node: Any) -> int:
    if type(node) is not int or node < 0:
        raise UndecodableError(f"{node!r} is no number of a buffer")
    return node


def expect(condition: bool, what: str) -> None:
    """Refuse a stream that no writer can have written.

    Raises:
        UndecodableError: the condition does not hold.
    """
    if not condition:
        raise UndecodableError(what)
