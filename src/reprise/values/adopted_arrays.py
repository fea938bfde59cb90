"""The arrays that columns and axes of pandas stand on, and how to make others like them."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from reprise.values import pandas_internals as inside
from reprise.values.arrow import owned, shareable
from reprise.values.pandas_internals import Internals, internals
from reprise.values.plain import are_immutable
from reprise.values.sealed import extent_of, is_sealed, lock, seal

Maker: TypeAlias = Callable[[], Any]
"""Makes the caller's own object, on memory that all share."""


_PROTOCOL: Final = 5

_OWN: Final[weakref.WeakValueDictionary[int, Any]] = weakref.WeakValueDictionary()
"""Arrow data that was handed out; a function that passes it on need not copy it again."""


class NotAdoptedError(Exception):
    """A part of the value is of a kind that is not adopted."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of arrays that stand on one numpy array."""

    part: Callable[[Any], Any]
    """The numpy array that an array of this class stands on."""
    maker: Callable[[Any, Any, Internals], Maker]
    """Makes more arrays like the first on a numpy array, the second. It does not hold the first:
    whoever holds that could write to its memory."""


def kind_of(array: Any, known: Internals) -> Kind | None:
    """Which kind of array this is, if it stands on one numpy array."""
    if type(array) is sys.modules["numpy"].ndarray:
        return _PLAIN
    if type(array) is known.pandas.Categorical:
        return _CATEGORICAL
    return _BACKED if type(array) in known.arrays else None


def copied_array(array: Any, known: Internals) -> Maker:
    """Make a maker of arrays like ``array`` on a sealed copy of its memory.

    Memory that is sealed already is not copied, unless ``array`` shows less than half of it.

    Raises:
        NotAdoptedError: the array is of no kind that is known here, or its items are mutable.
    """
    if type(array) in known.arrow:
        return partial(inside.new_arrow, type(array), _own(inside.arrow_part(array)), array.dtype)
    kind = kind_of(array, known)
    if kind is None:
        raise NotAdoptedError(f"{type(array)} is not adopted")
    return kind.maker(array, sealed_part(kind.part(array), known), known)


def _own(data: Any) -> Any:
    """Arrow data on memory of our own: who else can write to other memory cannot be told."""
    if _OWN.get(id(data)) is data:
        return data
    if not shareable(data):
        raise NotAdoptedError("its Arrow data may carry state")
    own = owned(data)
    _OWN[id(own)] = own
    return own


def sealed_part(array: Any, known: Internals) -> Any:
    """Make a sealed array of the content of a numpy array.

    Raises:
        NotAdoptedError: it holds mutable objects.
    """
    if is_sealed(array) and 2 * array.nbytes >= extent_of(array):
        return array
    copy = array.copy(order="K")
    if copy.dtype.hasobject:
        cells = copy.ravel(order="K").tolist()
        if not are_immutable(cell for cell in cells if type(cell) not in known.missing):
            raise NotAdoptedError("cells are mutable")
    sealed = seal(copy, copy)
    del copy
    lock(sealed)
    return sealed


def copied_index(index: Any, known: Internals) -> Maker:
    """Make a maker of indexes like ``index`` on a sealed copy of its memory.

    Raises:
        NotAdoptedError: it is of no kind that is known here, or its names are mutable.
    """
    pandas = known.pandas
    if type(index) is pandas.RangeIndex:
        return partial(inside.new_range, type(index), inside.range_of(index), name_of(index))
    if type(index) is pandas.MultiIndex:
        return _levels_maker(index, known)
    return index_maker(index, copied_array(inside.data_of(index), known), known)


def index_maker(index: Any, make: Maker, known: Internals) -> Maker:
    """Make a maker of indexes like ``index`` on what ``make`` makes.

    Raises:
        NotAdoptedError: it is of no kind that is known here, or its name is mutable.
    """
    if type(index) not in known.indexes or inside.has_more(index):
        raise NotAdoptedError(f"{type(index)} is not adopted")
    frequency = inside.frequency_of(index)
    return partial(_new_index, known, type(index), make, name_of(index), frequency)


def name_of(thing: Any) -> Any:
    """The name of a series or an index of one level.

    Raises:
        NotAdoptedError: it is mutable; pickled, each caller gets one of its own.
    """
    name = inside.name_of(thing)
    if not are_immutable((name,)):
        raise NotAdoptedError("its name is mutable")
    return name


def reduce_block(block: Any) -> Any:
    """How to pickle a block such that the frame can be written to when it is loaded.

    Args:
        block: A block, on sealed memory or not.

    Returns:
        What the block's own ``__reduce__`` gives, with a copy of its values if they are sealed.
    """
    make, (values, *rest) = block.__reduce__()
    return make, (values.copy() if _is_on_sealed_memory(values) else values, *rest)


def reduce_manager(manager: Any) -> Any:
    """How to pickle what holds the block of a series, which does not ask the block itself.

    Args:
        manager: A manager of one block, on sealed memory or not.

    Returns:
        What its own ``__reduce_ex__`` gives, or that of a copy if its memory is sealed.
    """
    sealed = any(_is_on_sealed_memory(block.values) for block in manager.blocks)
    return (manager.copy(deep=True) if sealed else manager).__reduce_ex__(_PROTOCOL)


WRITABLE_IN_PICKLES: Final = (reduce_block, reduce_manager)
"""What :mod:`copyreg` is told, so that what is pickled on sealed memory can be changed."""


def _is_on_sealed_memory(array: Any) -> bool:
    known = internals()
    kind = kind_of(array, known) if known is not None else None
    return kind is not None and is_sealed(kind.part(array))


def _levels_maker(index: Any, known: Internals) -> Maker:
    names = tuple(index.names)
    if not are_immutable(names):
        raise NotAdoptedError("its names are mutable")
    levels = [copied_index(level, known) for level in index.levels]
    codes = [sealed_part(code, known) for code in index.codes]
    return partial(_new_levels, type(index), levels, codes, index.sortorder, names)


def _new_index(known: Internals, kind: type, make: Maker, name: Any, frequency: Any) -> Any:
    return inside.new_index(kind, make(), name, frequency, known.anchored())


def _new_levels(
    kind: Any, levels: Sequence[Maker], codes: Sequence[Any], order: Any, names: tuple[Any, ...]
) -> Any:
    return kind(
        levels=[level() for level in levels],
        codes=[code.view() for code in codes],
        sortorder=order,
        names=names,
        verify_integrity=False,
    )


def _plain_part(array: Any) -> Any:
    return array


def _plain_maker(_array: Any, part: Any, _known: Internals) -> Maker:
    view: Maker = part.view
    return view


def _backed_maker(array: Any, part: Any, _: Internals) -> Maker:
    frequency = inside.frequency_of(array)
    return partial(inside.new_backed, type(array), part, array.dtype, frequency)


def _categorical_maker(array: Any, part: Any, known: Internals) -> Maker:
    categories = copied_index(array.categories, known)
    return partial(_new_categorical, known, part, categories, array.ordered)


def _new_categorical(known: Internals, codes: Any, categories: Maker, ordered: Any) -> Any:
    # An own data type: the index in it has a name that its holder may set.
    dtype = inside.new_categories(known.pandas.CategoricalDtype, categories(), ordered)
    return inside.new_backed(known.pandas.Categorical, codes, dtype, None)


_PLAIN: Final = Kind(_plain_part, _plain_maker)
_BACKED: Final = Kind(inside.backed_part, _backed_maker)
_CATEGORICAL: Final = Kind(inside.backed_part, _categorical_maker)
