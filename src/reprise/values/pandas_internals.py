"""All that is private in pandas and is touched here. No other module names it.

Only pandas 3 and newer has what adoption rests on: every frame asks, before it writes in place,
whether anything else refers to the memory, and copies if so.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

_FIRST: Final = 3
"""The first major version with Copy-on-Write."""

_ARRAYS: Final = ("DatetimeArray", "PeriodArray", "StringArray", "TimedeltaArray")
# No masked arrays (Int64, boolean): pandas itself writes to their memory, in `cumsum` for one.

_INDEXES: Final = ("CategoricalIndex", "DatetimeIndex", "Index", "PeriodIndex", "TimedeltaIndex")

_INDEX_ATTRIBUTES: Final = frozenset(
    {"_cache", "_data", "_freq", "_id", "_name", "_no_setting_name", "_references"}
)

_log = logging.getLogger(__name__)


class _Anchor:
    """Refers to all memory that was handed out, so that nobody believes to be alone with it."""

    __slots__ = ("__weakref__",)


_ANCHOR: Final = _Anchor()


@dataclass(frozen=True, slots=True)
class Internals:
    """Classes of pandas, by the names that they have there."""

    pandas: Any
    references: Callable[[], Any]
    """Makes what counts who refers to a memory."""
    series_manager: type
    """What holds the block and the index of a series."""
    arrays: frozenset[type]
    """Classes of extension arrays that consist of one numpy array and a data type."""
    arrow: frozenset[type]
    """Classes of arrays on Arrow data."""
    indexes: frozenset[type]
    """Classes of indexes that consist of one array and a name."""
    missing: frozenset[type]
    """Types with one single object, which stands for what is missing."""

    def anchored(self) -> Any:
        """A count of references that never falls to one, so that every write copies first."""
        references = self.references()
        references.add_index_reference(_ANCHOR)
        return references


def internals() -> Internals | None:
    """What there is in the pandas that the program has imported.

    Returns:
        ``None`` where pandas was not imported, is too old, or has moved what is needed.
    """
    return _internals() if "pandas" in sys.modules else None


@functools.cache
def _internals() -> Internals | None:
    pandas = sys.modules["pandas"]
    if sys.implementation.name != "cpython" or not _has_lock():
        # Counts of references mean what they say on CPython, as long as one thread runs at a time.
        return None
    try:
        if int(pandas.__version__.partition(".")[0]) < _FIRST:
            return None
        from pandas._libs.internals import BlockValuesRefs
        from pandas.core.internals.managers import SingleBlockManager

        arrays = pandas.arrays
        return Internals(
            pandas=pandas,
            references=BlockValuesRefs,
            series_manager=SingleBlockManager,
            arrays=frozenset(getattr(arrays, name) for name in _ARRAYS),
            arrow=frozenset({arrays.ArrowExtensionArray, arrays.ArrowStringArray}),
            indexes=frozenset(getattr(pandas, name) for name in _INDEXES),
            missing=frozenset({type(pandas.NA), type(pandas.NaT)}),
        )
    except (ImportError, AttributeError, ValueError):
        _log.debug("this pandas is not known; its frames are pickled", exc_info=True)
        return None


def _has_lock() -> bool:
    asks = getattr(sys, "_is_gil_enabled", None)
    return asks is None or bool(asks())


class BlockSlot:
    """The values of one block of a frame, and who refers to them."""

    __slots__ = ("place",)

    def __init__(self, block: Any) -> None:
        self.place = block

    def get(self) -> tuple[Any, Any]:
        """The values, and the count of references to them."""
        return self.place.values, self.place.refs

    def count_in(self, references: Any) -> None:
        """Let ``references`` know of the block."""
        references.add_reference(self.place)

    def put(self, values: Any, references: Any) -> None:
        """Let the block have these instead."""
        self.place.refs, self.place.values = references, values
        forget(self.place)


class IndexSlot:
    """The data of an index, and who refers to them."""

    __slots__ = ("place",)

    def __init__(self, index: Any) -> None:
        self.place = index

    def holds_array(self, known: Internals) -> bool:
        """Whether the index consists of an array."""
        return type(self.place) in known.indexes

    def get(self) -> tuple[Any, Any]:
        """The data, and the count of references to them."""
        return self.place._data, self.place._references  # noqa: SLF001 - see the module

    def count_in(self, references: Any) -> None:
        """Let ``references`` know of the index."""
        references.add_index_reference(self.place)

    def put(self, values: Any, references: Any) -> None:
        """Let the index have these instead."""
        self.place._references, self.place._data = references, values  # noqa: SLF001 - see the module
        forget(self.place)


def pass_on(references: Any, to: Any, but: Any) -> None:
    """Let the count ``to`` know of all that another one knows, except for ``but``."""
    if to is None:
        return
    for reference in references.referenced_blocks:
        thing = reference()
        if thing is not None and thing is not but and thing is not _ANCHOR:
            to.add_index_reference(thing)


def forget(thing: Any) -> None:
    """Drop what a block or an index has computed from its values; it may hold them."""
    known = getattr(thing, "_cache", None)
    if known is not None:
        known.clear()


def manager_of(frame: Any) -> Any:
    """What holds the blocks and the axes of a frame or series."""
    return frame._mgr  # noqa: SLF001 - see the module


def plain_bytes(frame: Any) -> int | None:
    """Bytes of a frame's values; ``None`` where some are no plain numbers in arrays of numpy."""
    numpy = sys.modules["numpy"]
    values = [block.values for block in getattr(manager_of(frame), "blocks", ())]
    if not all(type(one) is numpy.ndarray and not one.dtype.hasobject for one in values):
        return None
    return sum(int(one.nbytes) for one in values)


def is_plain(frame: Any) -> bool:
    """Whether a frame or series carries nothing besides its blocks, axes and name."""
    return not frame._attrs and frame.flags.allows_duplicate_labels  # noqa: SLF001 - see the module


def placement_of(block: Any) -> Any:
    """Which columns of the frame a block has."""
    return block._mgr_locs  # noqa: SLF001 - see the module


def name_of(thing: Any) -> Any:
    """The name of a series or an index of one level."""
    return thing._name  # noqa: SLF001 - see the module


def new_frame(kind: Any, manager: Any) -> Any:
    """A frame or series on ``manager``."""
    return kind._from_mgr(manager, manager.axes)  # noqa: SLF001 - see the module


def new_series(kind: Any, manager: Any, name: Any) -> Any:
    """A series on ``manager``."""
    series = kind._from_mgr(manager, manager.axes)  # noqa: SLF001 - see the module
    # Its own setter would look the name up among the columns first.
    object.__setattr__(series, "_name", name)
    return series


def range_of(index: Any) -> range:
    """The range that a RangeIndex stands for."""
    return index._range  # type: ignore[no-any-return]  # noqa: SLF001 - see the module


def new_range(kind: Any, numbers: range, name: Any) -> Any:
    """A RangeIndex with nothing computed yet: what it computes it shares with its views."""
    return kind._simple_new(numbers, name)  # noqa: SLF001 - see the module


def new_index(kind: Any, data: Any, name: Any, frequency: Any, references: Any) -> Any:
    """An index of one level on ``data``."""
    index = kind._simple_new(data, name, references)  # noqa: SLF001 - see the module
    if frequency is not None:
        index._freq = frequency  # noqa: SLF001 - see the module
    return index


def has_more(index: Any) -> bool:
    """Whether an index of one level has attributes besides those that are passed on here."""
    return not _INDEX_ATTRIBUTES.issuperset(vars(index))


def data_of(index: Any) -> Any:
    """The array that an index of one level consists of."""
    return index._data  # noqa: SLF001 - see the module


def backed_part(array: Any) -> Any:
    """The one numpy array that an extension array consists of."""
    return array._ndarray  # noqa: SLF001 - see the module


def frequency_of(array: Any) -> Any:
    """The frequency of an index of moments in time; before pandas 3.1 that of its array."""
    return getattr(array, "_freq", None)


def new_backed(kind: Any, data: Any, dtype: Any, frequency: Any) -> Any:
    """An extension array on a view of ``data``."""
    array = kind._simple_new(data.view(), dtype)  # noqa: SLF001 - see the module
    if frequency is not None:
        array._freq = frequency  # noqa: SLF001 - see the module
    return array


def new_categories(kind: Any, index: Any, ordered: Any) -> Any:
    """The data type of categories that are known to be valid."""
    return kind._from_fastpath(index, ordered)  # noqa: SLF001 - see the module


def arrow_part(array: Any) -> Any:
    """The Arrow data of an extension array."""
    return array._pa_array  # noqa: SLF001 - see the module


def new_arrow(kind: Any, data: Any, dtype: Any) -> Any:
    """An extension array on Arrow data, which nobody can change."""
    array = kind(data)
    # Text has several data types for one kind of Arrow data; this one came from such an array.
    array._dtype = dtype  # noqa: SLF001 - see the module
    return array


def flags_of(frame: Any) -> bool:
    """Whether labels may occur twice."""
    return bool(frame.flags.allows_duplicate_labels)


def new_blocks(
    kind: Any, parts: Sequence[tuple[Any, Any]], axes: Sequence[Any], attributes: dict[Any, Any]
) -> Any:
    """A frame of blocks, each of values and of the columns that they are; nothing is copied."""
    from pandas._libs.internals import BlockPlacement
    from pandas.core.internals.blocks import new_block
    from pandas.core.internals.managers import BlockManager

    blocks = tuple(new_block(values, BlockPlacement(where), ndim=2) for values, where in parts)
    frame = new_frame(kind, BlockManager(blocks, list(axes), verify_integrity=True))
    frame.attrs.update(attributes)
    return frame


def new_single(kind: Any, values: Any, index: Any, name: Any, attributes: dict[Any, Any]) -> Any:
    """A series on an array; nothing is copied."""
    from pandas._libs.internals import BlockPlacement
    from pandas.core.internals.blocks import new_block
    from pandas.core.internals.managers import SingleBlockManager

    block = new_block(values, BlockPlacement(slice(0, len(index))), ndim=1)
    series = new_series(kind, SingleBlockManager(block, index, verify_integrity=True), name)
    series.attrs.update(attributes)
    return series


def own_frequency(thing: Any) -> Any:
    """The frequency that is kept by this very index or array; before pandas 3.1 by the array."""
    if hasattr(thing, "__dict__") and "_freq" in vars(thing):
        return vars(thing)["_freq"]
    return None


def with_frequency(thing: Any, frequency: Any) -> Any:
    """The same index or array, which keeps a frequency now."""
    if frequency is not None:
        thing._freq = frequency  # noqa: SLF001 - see the module
    return thing


def new_moments(values: Any, dtype: Any) -> Any:
    """An extension array of moments or of durations; nothing is copied."""
    from pandas import arrays

    kind = arrays.TimedeltaArray if values.dtype.kind == "m" else arrays.DatetimeArray
    return kind._simple_new(values, dtype=dtype)  # noqa: SLF001 - see the module


def masked_parts(array: Any) -> tuple[Any, Any]:
    """The numbers of an array that has a mask, and the mask."""
    return array._data, array._mask  # noqa: SLF001 - see the module


def interval_sides(array: Any) -> tuple[Any, Any]:
    """The arrays of both ends of all intervals."""
    return array._left, array._right  # noqa: SLF001 - see the module


def new_intervals(kind: Any, left: Any, right: Any, dtype: Any) -> Any:
    """An array of intervals; nothing is copied."""
    return kind._simple_new(left, right, dtype=dtype)  # noqa: SLF001 - see the module


def bare_index(kind: Any, data: Any, name: Any) -> Any:
    """An index of one level on ``data``; nothing is copied."""
    return kind._simple_new(data, name)  # noqa: SLF001 - see the module
