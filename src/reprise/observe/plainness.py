"""Which values are plain: those that a reader tells apart by looking at them."""

from __future__ import annotations

import datetime
import enum
import sys
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Final

_PLAIN: Final = (
    *(type(None), bool, int, float, complex, str, bytes, range, type(...)),
    *(datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, enum.Enum),
)
_NAMED: Final = (
    *(("decimal", "Decimal"), ("fractions", "Fraction")),
    *(("pathlib", "PurePath"), ("uuid", "UUID")),
)
"""Plain, too, if anybody has loaded them."""
_CONTAINERS: Final = (list, tuple, dict, set, frozenset)
_LOOKED_AT: Final = 1_000
_DEEPEST: Final = 8


def is_plain(value: object, depth: int = 0) -> bool:
    """Whether ``value`` is a number, a text, a date or the like, or a built-in container of such.

    Of long containers the first thousand items are looked at.

    >>> is_plain(5), is_plain({"a": [1, 2.5]}), is_plain([object()])
    (True, True, False)
    """
    if isinstance(value, _PLAIN):
        return True
    if isinstance(value, _CONTAINERS):
        return depth < _DEEPEST and all(
            is_plain(item, depth + 1) for item in islice(_items(value), _LOOKED_AT)
        )
    return any(
        isinstance(value, getattr(sys.modules[module], name))
        for module, name in _NAMED
        if module in sys.modules
    )


def _items(container: Collection[object]) -> Iterable[object]:
    if isinstance(container, dict):
        return (part for item in container.items() for part in item)
    return container
