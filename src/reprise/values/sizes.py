"""What a value costs in bytes: where it knows that itself, exactly; else a bounded estimate."""

from __future__ import annotations

import logging
import mmap
import sys
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from types import (
    BuiltinFunctionType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final

from reprise.values.foreign_sizes import Measured, measure_foreign

_BUDGET: Final = 2000
"""Objects to look at, divided among the parts of each object; some three milliseconds."""

_VISITS: Final = 10 * _BUDGET
"""Objects that are looked at in any case, since each part is looked at down to its end."""

_SAMPLE: Final = 500
"""Items of one container that are looked at; the rest is taken to be like them."""

_CODE: Final = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
"""Shared with the whole program: no part of a value's cost."""

_LEAVES: Final = frozenset({str, bytes, bytearray, int, float, complex, bool, type(None)})

_CONTAINERS: Final = frozenset({dict, list, tuple, set, frozenset, deque})
"""Exact types that hold items and have no attributes."""

_log = logging.getLogger(__name__)


def size_of(value: object) -> int:
    """Estimate the memory that keeping ``value`` costs.

    Frames, arrays, Arrow data and models say what they occupy. Everything else is walked through:
    containers, attributes and slots, each object once. Of long containers a sample is looked at, so
    the cost is bounded however large the value is.

    Args:
        value: Anything.

    Returns:
        Bytes. It never raises: an object whose own methods fail counts little.

    >>> 1000 < size_of(b"x" * 1000) < 1100
    True
    >>> size_of([b"x" * 1000] * 3) < 1200
    True
    """
    if _is_leaf(value):
        return sys.getsizeof(value)
    total = 0.0
    # Held, not only their ids: an id of what was made for asking could be used again.
    seen: dict[int, object] = {}
    # What waits: an object, how many like it it stands for, and its part of the budget.
    waiting: list[tuple[object, float, float]] = [(value, 1.0, _BUDGET)]
    for _ in range(_VISITS):
        if not waiting:
            break
        current, weight, budget = waiting.pop()
        if id(current) in seen:
            continue
        seen[id(current)] = current
        measured = _guarded(current, max(1, min(_SAMPLE, int(budget))))
        total += weight * measured.own
        left = max(1.0, (budget - 1) / max(1, len(measured.parts)))
        waiting.extend((part, weight * share, left) for part, share in measured.parts)
    return int(total)


def _is_leaf(value: object) -> bool:
    try:
        return type(value) in _LEAVES
    except Exception:  # noqa: BLE001 - its metaclass has no hash, or one that raises anything
        return False


def _guarded(value: object, most: int) -> Measured:
    try:
        return _measure(value, most)
    except Exception:  # noqa: BLE001 - methods of users' classes may raise anything
        _log.debug("cannot measure a %s", type(value), exc_info=True)
        return Measured(object.__sizeof__(value))


def _measure(value: object, most: int) -> Measured:
    if type(value) in _LEAVES:
        return Measured(sys.getsizeof(value))
    if type(value) in _CONTAINERS:
        return Measured(sys.getsizeof(value), tuple(_items(value, most)))
    if isinstance(value, _CODE):
        return Measured(0)
    foreign = measure_foreign(value, most)
    if foreign is not None:
        return foreign
    if isinstance(value, memoryview):
        return Measured(value.nbytes)
    if isinstance(value, mmap.mmap):
        return Measured(len(value))
    return Measured(sys.getsizeof(value), (*_items(value, most), *_attributes(value)))


def _items(value: object, most: int) -> Iterable[tuple[object, float]]:
    if isinstance(value, dict):
        half = max(1, most // 2)
        return (*_sample(value.keys(), half), *_sample(value.values(), half))
    if isinstance(value, list | tuple | set | frozenset | deque):
        return _sample(value, most)
    return ()


def _sample(items: Collection[object], most: int) -> Iterable[tuple[object, float]]:
    count = len(items)
    if count <= most:
        return [(item, 1.0) for item in items]
    if isinstance(items, list | tuple):
        sample = list(items[:: -(-count // most)])
    else:
        sample = list(islice(items, most))
    # Few distinct objects among many items: those in the sample are likely to be all of them.
    repeated = 2 * len({id(item) for item in sample}) < len(sample)
    share = 1.0 if repeated else count / len(sample)
    return [(item, share) for item in sample]


def _attributes(value: object) -> Iterable[tuple[object, float]]:
    """What stands in ``__dict__`` and in slots. No property and no ``__getattr__`` runs."""
    held: list[object] = []
    for base in type(value).__mro__:
        names: Mapping[str, Any] = vars(base)
        own_dict = names.get("__dict__")
        if own_dict is not None and not isinstance(own_dict, property):
            held.append(own_dict.__get__(value))
        for member in names.values():
            if isinstance(member, MemberDescriptorType):
                try:
                    held.append(member.__get__(value))
                except AttributeError:
                    # A slot that nothing was ever put into.
                    continue
    return [(part, 1.0) for part in held]
