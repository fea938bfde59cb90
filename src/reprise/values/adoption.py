"""Adopting frames: keeping the very memory of a pandas value, and handing out lazy copies.

Since pandas 3 a frame copies before it writes to memory that something else refers to. So one
memory can serve the cache and all callers, if nobody can write to it past pandas. Memory that
nobody but the value holds is taken as it is; other memory is copied once. The reasons and the
figures are in ``docs/decisions/0009-adopted-frames.md``.
"""

from __future__ import annotations

import copyreg
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reprise.contracts import MISSING, Missing
from reprise.values import pandas_internals as inside
from reprise.values.adopted_arrays import (
    Maker,
    NotAdoptedError,
    copied_array,
    copied_index,
    index_maker,
    kind_of,
    name_of,
    reduce_block,
    reduce_manager,
)
from reprise.values.claims import enforce
from reprise.values.pandas_internals import BlockSlot, IndexSlot, Internals, internals
from reprise.values.sealed import is_sealed
from reprise.values.sizes import size_of

_ADOPTED: Final = (
    "DataFrame",
    "Series",
    "Index",
    "RangeIndex",
    "DatetimeIndex",
    "TimedeltaIndex",
    "PeriodIndex",
    "CategoricalIndex",
    "MultiIndex",
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Adopted:
    """Memory of a pandas value, and how to make a value on it for a caller."""

    restore: Maker
    size: int

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets an object of its own."""
        return MISSING


def adopt(value: Any) -> Adopted | None:
    """Keep a DataFrame, a Series or an Index by keeping its memory.

    Args:
        value: What a function returned. It stays usable: what it shares with the cache from now
            on it copies before it writes.

    Returns:
        ``None`` for everything else, for values with parts that cannot be shared (cells that are
        mutable; sparse, masked and other libraries' arrays), and before pandas 3.

    Raises:
        MemoryError: there is no room for the copy of what cannot be taken.

    >>> import pandas
    >>> kept = adopt(pandas.Series([1, 2]))
    >>> mine = kept.restore()
    >>> mine[0] = 9
    >>> kept.restore().tolist()
    [1, 2]
    """
    known = internals() if _is_adoptable(value) else None
    if known is None:
        return None
    try:
        make = _maker_of(value, known)
        if make is None or type(make()) is not type(value):
            return None
    except NotAdoptedError:
        return None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - private names may come to mean anything; pickle needs none
        _log.debug("a %s is not adopted", type(value), exc_info=True)
        return None
    return Adopted(make, size_of(value))


def sealed_bytes(value: Any) -> int:
    """Bytes of sealed memory that the arrays of an adopted value show."""
    known = internals()
    if known is None:
        return 0
    if isinstance(value, known.pandas.Index):
        arrays = [inside.data_of(value)]
    else:
        manager = inside.manager_of(value)
        arrays = [block.values for block in manager.blocks]
        arrays += [inside.data_of(one) for one in manager.axes if IndexSlot(one).holds_array(known)]
    kinds = ((array, kind_of(array, known)) for array in arrays)
    parts = [kind.part(array) for array, kind in kinds if kind is not None]
    return sum(part.nbytes for part in parts if is_sealed(part))


def _is_adoptable(value: object) -> bool:
    """Whether this is of one of the very classes; their subclasses may hold more."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and any(
        type(value) is getattr(pandas, name, None) for name in _ADOPTED
    )


def _maker_of(value: Any, known: Internals) -> Maker | None:
    if type(value) is known.pandas.DataFrame or type(value) is known.pandas.Series:
        return _frame_maker(value, known) if inside.is_plain(value) else None
    axes, _ = _part_makers([value], [], known)
    return axes[0]


@dataclass(frozen=True, slots=True)
class _Block:
    """How to make one block for a caller."""

    kind: Any
    make: Maker
    placement: Any
    ndim: int

    def new(self, known: Internals) -> Any:
        """Make one; it has a count of references of its own, as in two frames made separately."""
        return self.kind(self.make(), self.placement, self.ndim, known.anchored())


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How to make a frame or a series for a caller."""

    known: Internals
    kind: Any
    manager: Any
    blocks: Sequence[_Block]
    axes: Sequence[Maker]
    name: Any = None

    def new_frame(self) -> Any:
        """Make a frame."""
        blocks = tuple([block.new(self.known) for block in self.blocks])
        axes = [make() for make in self.axes]
        return inside.new_frame(self.kind, self.manager(blocks, axes, verify_integrity=False))

    def new_series(self) -> Any:
        """Make a series."""
        block, index = self.blocks[0].new(self.known), self.axes[0]()
        manager = self.manager(block, index, verify_integrity=False)
        return inside.new_series(self.kind, manager, self.name)


def _frame_maker(frame: Any, known: Internals) -> Maker:
    manager = inside.manager_of(frame)
    axes, arrays = _part_makers(manager.axes, manager.blocks, known)
    blocks = [
        _Block(type(block), make, inside.placement_of(block), block.ndim)
        for block, make in zip(manager.blocks, arrays, strict=True)
    ]
    for block in blocks:
        # Protocol 5 keeps memory read-only that was, and a frame on such memory cannot be changed.
        copyreg.pickle(block.kind, reduce_block)
    if type(frame) is known.pandas.Series:
        name = name_of(frame)
        return _Recipe(known, type(frame), type(manager), blocks, axes, name).new_series
    return _Recipe(known, type(frame), type(manager), blocks, axes).new_frame


def _part_makers(
    indexes: Sequence[Any], blocks: Sequence[Any], known: Internals
) -> tuple[list[Maker], list[Maker]]:
    """Makers of all indexes and of the values of all blocks of one value."""
    # Of every column and index a caller can make a series; it asks no block how to pickle it.
    copyreg.pickle(known.series_manager, reduce_manager)
    slots = [slot for slot in map(IndexSlot, indexes) if slot.holds_array(known)]
    taken = enforce((*slots, *map(BlockSlot, blocks)), known)
    return (
        [_index(index, taken.get(id(index)), known) for index in indexes],
        [taken.get(id(block)) or copied_array(block.values, known) for block in blocks],
    )


def _index(index: Any, make: Maker | None, known: Internals) -> Maker:
    return copied_index(index, known) if make is None else index_maker(index, make, known)
