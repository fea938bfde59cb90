"""Encoders for Python's own values: numbers, texts, containers, dates, paths."""

from __future__ import annotations

import sys
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.atoms import ATOMS
from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, number, stream, text
from reprise.keys.names import package_name

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_ALIKE: Final = 16
"""Items from which a sequence of one exact builtin type is encoded all at once."""


# Each of the next eight serves the subclasses of its type too, whose methods it therefore does
# not call: a subclass may have overridden them.


def subclass_of_atom(base: type) -> Any:
    """Make the encoder for subclasses of an atom's type: what the base class sees in them."""
    atom = ATOMS[base]
    convert: dict[type, Any] = {
        int: int.__int__,
        float: float.__float__,
        complex: complex.__complex__,
        str: lambda value: str.__str__(value)[:],
        bytes: lambda value: bytes.__getitem__(value, slice(None)),
    }
    plain = convert[base]
    return lambda value, _: atom(plain(value))


def list_(value: list[Any], walk: Walk) -> bytes:
    """Items in their order."""
    return _sequence("list", list.__getitem__(value, slice(None)), walk)


def tuple_(value: tuple[Any, ...], walk: Walk) -> bytes:
    """Items in their order."""
    return _sequence("tuple", tuple.__getitem__(value, slice(None)), walk)


def dict_(value: dict[Any, Any], walk: Walk) -> bytes:
    """Items in the order of their keys' encodings; their own order does not count."""
    return _mapping("dict", list(dict.items(value)), walk)


def ordered_dict(value: dict[Any, Any], walk: Walk) -> bytes:
    """Items in their own order, which counts."""
    # Not dict.items: what move_to_end does is known to the OrderedDict only.
    items: Any = OrderedDict.items(value)  # type: ignore[arg-type]
    return frame("OrderedDict", [walk(part) for item in items for part in item])


def default_dict(value: Any, walk: Walk) -> bytes:
    """Items as in a dict, and what makes missing ones."""
    return frame("defaultdict", [walk(value.default_factory), dict_(value, walk)])


def set_(value: set[Any], walk: Walk) -> bytes:
    """Elements in the order of their encodings, which is the same in every process."""
    return frame("set", sorted(map(walk, list(set.__iter__(value)))))


def frozenset_(value: frozenset[Any], walk: Walk) -> bytes:
    """As a set."""
    return frame("frozenset", sorted(map(walk, list(frozenset.__iter__(value)))))


def deque(value: Any, walk: Walk) -> bytes:
    """Items in their order, and the greatest length."""
    return frame("deque", [walk(value.maxlen), _sequence("items", list(value), walk)])


def bytearray_(value: bytearray, _: Walk) -> bytes:
    """Content."""
    return leaf("bytearray", bytearray.__getitem__(value, slice(None)))


def _sequence(tag: str, items: Sequence[Any], walk: Walk) -> bytes:
    if len(items) >= _ALIKE:
        types = set(map(type, items))
        if len(types) == 1:
            (only,) = types
            data = _all_at_once(only, items) if only in walk.atoms else None
            if data is not None:
                return frame(tag, [leaf("of", only.__name__.encode()), data])
    return frame(tag, [walk(item) for item in items])


def _all_at_once(only: type, items: Sequence[Any]) -> bytes | None:
    """Encode many items of one exact type, some thirty times as fast as one by one."""
    if only is str:
        joined = "".join(items).encode("utf-8", "surrogatepass")
        return frame("texts", [_array("Q", map(len, items)), leaf("joined", joined)])
    if only is int:
        try:
            return _array("q", items)
        except OverflowError:
            return None
    if only is float and all(item == item for item in items):  # noqa: PLR0124
        return _array("d", items)
    return None


def _array(code: str, items: Iterable[Any]) -> bytes:
    content = array(code, items)
    if sys.byteorder == "big":
        content.byteswap()
    return stream(code, [content])


def _mapping(tag: str, items: Iterable[tuple[Any, Any]], walk: Walk) -> bytes:
    pairs = sorted((walk(key), walk(item)) for key, item in items)
    return frame(tag, [part for pair in pairs for part in pair])


# What follows holds for the exact types.


def mapping_proxy(value: Mapping[Any, Any], walk: Walk) -> bytes:
    """The mapping behind it, whose own kind says whether the order counts."""
    try:
        behind = value.copy()  # type: ignore[attr-defined]
    except AttributeError:  # it need not have one
        behind = dict(value.items())
    return frame("mappingproxy", [walk(behind)])


def array_(value: Any, _: Walk) -> bytes:
    """Type code and content, in little-endian order."""
    content = value[:]
    if sys.byteorder == "big":
        content.byteswap()
    return frame("array", [text(value.typecode), stream("content", [content])])


def memory_view(value: memoryview, _: Walk) -> bytes:
    """Format, shape and content, in C order."""
    if "O" in value.format:
        raise UnencodableError("it shows addresses of objects, not what they hold")
    shape = frame("shape", [number(size) for size in value.shape or ()])
    content = value if value.c_contiguous else value.tobytes()
    return frame("memoryview", [text(value.format), shape, stream("content", [content])])


def range_(value: range, _: Walk) -> bytes:
    """Start, stop and step."""
    return frame("range", [number(value.start), number(value.stop), number(value.step)])


def slice_(value: slice[Any, Any, Any], walk: Walk) -> bytes:
    """Start, stop and step."""
    return frame("slice", [walk(value.start), walk(value.stop), walk(value.step)])


def namespace(value: Any, walk: Walk) -> bytes:
    """Attributes; their order does not count."""
    return frame("SimpleNamespace", [walk(vars(value))])


def as_text(value: object, _: Walk) -> bytes:
    """Type and text, for types whose text tells all: decimals, paths, UUIDs."""
    return frame("text", [text(package_name(type(value))), text(str(value))])


def decimal(value: Any, walk: Walk) -> bytes:
    """Sign, digits and exponent: 1.0 is not 1.00."""
    return frame("Decimal", [walk(part) for part in value.as_tuple()])


def fraction(value: Any, _: Walk) -> bytes:
    """Numerator and denominator."""
    return frame("Fraction", [number(value.numerator), number(value.denominator)])


def pattern(value: Any, walk: Walk) -> bytes:
    """Text or bytes of a regular expression, and its flags."""
    return frame("Pattern", [walk(value.pattern), number(value.flags)])


def date(value: Any, _: Walk) -> bytes:
    """Year, month and day."""
    return frame("date", [number(value.year), number(value.month), number(value.day)])


def time(value: Any, walk: Walk) -> bytes:
    """Time of day, fold and zone."""
    return frame("time", [*_clock(value), walk(value.tzinfo)])


def date_time(value: Any, walk: Walk) -> bytes:
    """Date, time of day, fold and zone: two zones with one offset are two."""
    return frame("datetime", [date(value, walk), *_clock(value), walk(value.tzinfo)])


def _clock(value: Any) -> list[bytes]:
    parts = (value.hour, value.minute, value.second, value.microsecond, value.fold)
    return [number(part) for part in parts]


def time_delta(value: Any, _: Walk) -> bytes:
    """Days, seconds and microseconds."""
    parts = (value.days, value.seconds, value.microseconds)
    return frame("timedelta", [number(part) for part in parts])


def zone_info(value: Any, walk: Walk) -> bytes:
    """The zone's name."""
    if value.key is None:
        raise UnencodableError("a zone that was read from a file has no name")
    return frame("ZoneInfo", [walk(value.key)])
