"""Plain data: built-in values and those of the standard library, each of its exact type."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from types import EllipsisType
from typing import Any, Final

from reprise.values.codecs.nodes import ATOMS, LONG_FROM, MOST_DEPTH, Kind, Reader, Writer, expect
from reprise.values.codecs.packed import NotTakenError

_FEW: Final = 64
"""Items below which it is not looked for texts that are the same object."""

_TEXTS: Final = frozenset({str, bytes})

_ROWS: Final = "rows"

_LONGEST_STEP: Final = 40
"""Characters of a key that the path to a part shows."""


def encode(node: Any) -> bytes:
    """MessagePack of what it knows itself.

    Raises:
        ValueError: it has a number of more than 64 bits, a lone surrogate, or more than 4 GB.
    """
    import msgspec

    try:
        return msgspec.msgpack.encode(node)
    except (OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise ValueError(str(error)) from error


def whole_tree(value: Any) -> Any | None:
    """The node of a value that is nothing but atoms, lists and dicts; else ``None``.

    Such values are by far the most frequent ones, and a million parts of them cost no Python call
    each. It goes level by level, as :func:`reprise.values.plain.are_immutable` does.
    """
    level: list[Any] = [value]
    entered: set[int] = set()
    for _ in range(MOST_DEPTH):
        types = set(map(type, level))
        if not types.isdisjoint(_TEXTS) and _repeats(level):
            return None
        kinds = types - ATOMS
        if not kinds:
            break
        if not kinds <= {list, dict}:
            return None
        holders = [one for one in level if type(one) in (list, dict)]
        before = len(entered)
        entered.update(map(id, holders))
        if len(entered) != before + len(holders):
            return None
        keys = chain.from_iterable(one for one in holders if type(one) is dict)
        if not set(map(type, keys)) <= ATOMS:
            return None
        level = list(
            chain.from_iterable(one.values() if type(one) is dict else one for one in holders)
        )
    else:
        return None
    try:
        return [_TREE.tag, _raw(value)]
    except ValueError:
        return None


def _repeats(items: Sequence[Any]) -> bool:
    """Whether many of the items are the same few objects, each of which is to be kept once."""
    if len(items) < _FEW:
        return False
    texts = [id(item) for item in items if type(item) in _TEXTS and len(item) >= LONG_FROM]
    return len(texts) > 2 * len(set(texts))


def _raw(items: Any) -> Any:
    import msgspec

    return msgspec.Raw(encode(items))


def _write_items(items: Sequence[Any], writer: Writer, step: Callable[[int], str]) -> Any:
    """Nodes of all items: in one go where they are atoms, which is what most containers hold."""
    if set(map(type, items)) <= ATOMS and not _repeats(items):
        try:
            return _raw(items)
        except ValueError:
            pass  # Each by itself: the one that MessagePack does not know has a kind of its own.
    rows = _rows(items)
    if rows is not None:
        return {_ROWS: rows}
    nodes = []
    for number, item in enumerate(items):
        try:
            nodes.append(writer.node(item))
        except NotTakenError as error:
            error.below(step(number))
            raise
    return nodes


def _rows(items: Sequence[Any]) -> Any | None:
    """The items in one go where they are tuples of atoms, as databases give their rows."""
    if not items or set(map(type, items)) != {tuple}:
        return None
    if len(set(map(id, items))) != len(items):
        return None
    cells = list(chain.from_iterable(items))
    if not set(map(type, cells)) <= ATOMS or _repeats(cells):
        return None
    try:
        return _raw(items)
    except ValueError:
        return None


def _read_items(reader: Reader, nodes: Any) -> list[Any]:
    if type(nodes) is dict:
        return list(map(tuple, nodes[_ROWS]))
    expect(type(nodes) is list, "a container's items are no list")
    return nodes if set(map(type, nodes)) <= ATOMS else list(map(reader.value, nodes))


def _index_step(number: int) -> str:
    return f"[{number}]"


def _write_list(value: Any, writer: Writer) -> Sequence[Any]:
    return (_write_items(value, writer, _index_step),)


def _write_set(value: Any, writer: Writer) -> Sequence[Any]:
    return (_write_items(list(value), writer, lambda _: " (an item)"),)


def _write_dict(value: Any, writer: Writer) -> Sequence[Any]:
    keys = list(value)

    def step(number: int) -> str:
        return f"[{short(keys[number])}]"

    return (
        _write_items(keys, writer, lambda number: f" (the key {short(keys[number])})"),
        _write_items(list(value.values()), writer, step),
    )


def _read_dict(reader: Reader, keys: Any, values: Any) -> dict[Any, Any]:
    return dict(zip(_read_items(reader, keys), _read_items(reader, values), strict=True))


def short(value: object) -> str:
    """A text for messages, even of an object whose own fails."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a message must not fail over a user's __repr__
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST_STEP else f"{text[: _LONGEST_STEP - 3]}..."


def _write_bytearray(value: bytearray, writer: Writer) -> Sequence[Any]:
    return (writer.buffer((memoryview(bytes(value)),), len(value)),)


def _write_datetime(value: dt.datetime, writer: Writer) -> Sequence[Any]:
    day = (value.year, value.month, value.day)
    return (*day, *_write_time(value, writer))


def _write_time(value: dt.datetime | dt.time, writer: Writer) -> Sequence[Any]:
    moment = (value.hour, value.minute, value.second, value.microsecond, value.fold)
    return (*moment, writer.inner(value.tzinfo, ".tzinfo"))


def _read_datetime(reader: Reader, *fields: Any) -> dt.datetime:
    return dt.datetime.combine(dt.date(*fields[:3]), _read_time(reader, *fields[3:]))


def _read_time(reader: Reader, *fields: Any) -> dt.time:
    *numbers, fold, zone = fields
    hour, minute, second, microsecond = numbers
    return dt.time(hour, minute, second, microsecond, reader.value(zone), fold=fold)


def _write_timezone(value: dt.timezone, writer: Writer) -> Sequence[Any]:
    # What the constructor was called with; `tzname` would give a name to those without one, too.
    offset, *name = value.__getinitargs__()  # type: ignore[attr-defined]
    return (writer.node(offset), *map(writer.node, name))


def _read_timezone(reader: Reader, *fields: Any) -> dt.timezone:
    return dt.timezone(*map(reader.value, fields))


def _write_zone(value: Any, _: Writer) -> Sequence[Any]:
    try:
        _, (key, from_cache) = value.__reduce__()
    except Exception as error:
        # zoneinfo's own way to say that it was read from a file without a name.
        raise NotTakenError(value, "it has no name to be found by") from error
    if not from_cache:
        raise NotTakenError(value, "it was made with no_cache")
    return (key,)


def _read_zone(_: Reader, key: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(key)


def _read_decimal(_: Reader, text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def _write_fraction(value: Any, writer: Writer) -> Sequence[Any]:
    return [writer.node(value.numerator), writer.node(value.denominator)]


def _read_fraction(reader: Reader, numerator: Any, denominator: Any) -> Any:
    from fractions import Fraction

    return Fraction(reader.value(numerator), reader.value(denominator))


def _write_uuid(value: Any, _: Writer) -> Sequence[Any]:
    return (value.bytes, value.is_safe.value)


def _read_uuid(_: Reader, content: bytes, is_safe: int | None) -> Any:
    from uuid import UUID, SafeUUID

    return UUID(bytes=content, is_safe=SafeUUID(is_safe))


def _write_range(value: range, writer: Writer) -> Sequence[Any]:
    return [writer.node(part) for part in (value.start, value.stop, value.step)]


def _read_range(reader: Reader, *parts: Any) -> range:
    numbers = [reader.value(part) for part in parts]
    return range(*numbers)


_PLAIN: Final[dict[type, Kind]] = {
    list: Kind("list", _write_list, _read_items, shared=True),
    tuple: Kind("tuple", _write_list, lambda *args: tuple(_read_items(*args)), shared=True),
    dict: Kind("dict", _write_dict, _read_dict, shared=True),
    set: Kind("set", _write_set, lambda *args: set(_read_items(*args)), shared=True),
    frozenset: Kind(
        "frozenset", _write_set, lambda *args: frozenset(_read_items(*args)), shared=True
    ),
    bytearray: Kind(
        "bytearray",
        _write_bytearray,
        lambda reader, node: bytearray(reader.buffer(node)),
        shared=True,
    ),
    complex: Kind(
        "complex", lambda value, _: (value.real, value.imag), lambda _, *two: complex(*two)
    ),
    EllipsisType: Kind("...", lambda *_: (), lambda _: ...),
    range: Kind("range", _write_range, _read_range),
    dt.date: Kind(
        "date", lambda value, _: (value.year, value.month, value.day), lambda _, *day: dt.date(*day)
    ),
    dt.time: Kind("time", _write_time, _read_time),
    dt.datetime: Kind("datetime", _write_datetime, _read_datetime),
    dt.timedelta: Kind(
        "timedelta",
        lambda value, _: (value.days, value.seconds, value.microseconds),
        lambda _, *parts: dt.timedelta(*parts),
    ),
    dt.timezone: Kind("timezone", _write_timezone, _read_timezone),
}

_LATE: Final[dict[tuple[str, str], Kind]] = {
    ("decimal", "Decimal"): Kind("Decimal", lambda value, _: (str(value),), _read_decimal),
    ("fractions", "Fraction"): Kind("Fraction", _write_fraction, _read_fraction),
    ("uuid", "UUID"): Kind("UUID", _write_uuid, _read_uuid),
    ("zoneinfo", "ZoneInfo"): Kind("ZoneInfo", _write_zone, _read_zone),
}
"""By module: whoever has one has imported it, and nobody else should wait for it."""

_TREE: Final = Kind("tree", lambda value, _: (value,), lambda _, tree: tree)
"""A value that is nothing but atoms, lists and dicts, as MessagePack itself has it."""

KINDS: Final[tuple[Kind, ...]] = (*_PLAIN.values(), *_LATE.values(), _TREE)


def find(kind: type) -> Kind | None:
    """The kind of an exact type, if it is one of these."""
    known = _PLAIN.get(kind)
    if known is not None:
        return known
    late = _LATE.get((kind.__module__, kind.__qualname__))
    found = getattr(sys.modules.get(kind.__module__), kind.__qualname__, None)
    return late if found is kind else None
