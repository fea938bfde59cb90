"""Which built-in values may be shared as they are.

Exact types only. A subclass may carry mutable state, and a class of the user's is created anew
whenever its module runs again, so that an instance handed out as it is would be of a dead class.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable
from itertools import chain
from types import EllipsisType, NoneType
from typing import Final

ATOMS: Final[frozenset[type]] = frozenset(
    {NoneType, EllipsisType, bool, int, float, complex, str, bytes, range}
    | {dt.date, dt.timedelta, dt.timezone}
)
"""Immutable, and made of nothing that could be mutable."""

_LATE_ATOMS: Final = {
    "decimal": "Decimal",
    "fractions": "Fraction",
    "uuid": "UUID",
    "zoneinfo": "ZoneInfo",
}
"""More of them by module: whoever has one has imported it, and nobody else should wait for it."""

_ZONED: Final[frozenset[type]] = frozenset({dt.datetime, dt.time})
"""Immutable if their time zone is."""

_ZONES: Final[frozenset[type]] = frozenset({NoneType, dt.timezone})

_HOLDERS: Final[frozenset[type]] = frozenset({tuple, frozenset})
"""Immutable if what they hold is."""


def is_immutable(value: object) -> bool:
    """Tell whether ``value`` can be handed to everybody as it is.

    Args:
        value: Anything.

    Returns:
        True for exact built-in immutable types, numpy's scalars, and tuples and frozensets of
        these, however deep.

    >>> is_immutable((1, "a", frozenset({2.5})))
    True
    >>> is_immutable((1, []))
    False
    """
    return type(value) in ATOMS or are_immutable((value,))


def are_immutable(values: Iterable[object]) -> bool:
    """Tell whether every one of ``values`` is immutable.

    It goes level by level instead of value by value: types of a million items are collected in C,
    at some 13 ns an item. A tuple that stands in several places is entered once, or one built by
    doubling would take forever.
    """
    level = list(values)
    entered: set[int] = set()
    while level:
        types = set(map(type, level)) - ATOMS
        if not types:
            return True
        if not all(
            kind in _HOLDERS or kind in _ZONED or _is_late_atom(kind) or _is_numpy_scalar(kind)
            for kind in types
        ):
            return False
        if types & _ZONED and not _zones_immutable(level):
            return False
        inner = {id(v): v for v in level if type(v) in _HOLDERS and id(v) not in entered}
        entered.update(inner)
        level = list(chain.from_iterable(inner.values()))  # type: ignore[arg-type]
    return True


def _zones_immutable(values: Iterable[object]) -> bool:
    return all(
        type(value.tzinfo) in _ZONES or _is_late_atom(type(value.tzinfo))
        for value in values
        if isinstance(value, dt.datetime | dt.time) and type(value) in _ZONED
    )


def _is_late_atom(kind: type) -> bool:
    name = _LATE_ATOMS.get(kind.__module__)
    return name is not None and getattr(sys.modules.get(kind.__module__), name, None) is kind


def _is_numpy_scalar(kind: type) -> bool:
    numpy = sys.modules.get("numpy")
    if numpy is None or kind.__module__ != "numpy":
        return False
    # numpy.void can be a mutable record, and numpy.object_ never is the type of a value.
    return (
        getattr(numpy, kind.__name__, None) is kind
        and issubclass(kind, numpy.generic)
        and not issubclass(kind, numpy.void)
    )
