"""Encoders for scipy's sparse arrays: class, shape and stored entries.

The order in which entries are stored does not count, nor does the width of their indices. Zeros
that are stored count, and so do two entries for one place: graph functions take a stored zero for
an edge, and ``a.data = log(a.data)`` tells ``1 + 1`` from ``2``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reprise.keys.walk import Walk

_PARTS: Final = frozenset(
    {
        "data",
        "indices",
        "indptr",
        "offsets",
        "coords",
        "rows",
        "row",
        "col",
        "maxprint",
        "has_canonical_format",
        "dtype",
        "_shape",
        "_dict",
        "_has_sorted_indices",
        "_has_canonical_format",
    }
)
"""Attributes that scipy itself gives to sparse arrays: content, or notes about it."""


def matrix(value: Any, walk: Walk) -> bytes:
    """Class, format, shape, data type, entries, and the attributes that a subclass adds."""
    content = _CONTENTS.get(value.format)
    if content is None:
        raise UnencodableError(f"sparse arrays of format {value.format} have no encoding")
    own = {name: item for name, item in vars(value).items() if name not in _PARTS}
    parts = [text(value.format), walk(tuple(value.shape)), walk(value.dtype)]
    return frame("sparse", [walk(type(value)), *parts, *content(value, walk), walk(own)])


def _compressed(value: Any, walk: Walk) -> list[bytes]:
    """Rows (or columns, or rows of blocks) of entries, each row in the order of its indices."""
    from scipy import sparse

    make = {"csr": sparse.csr_array, "csc": sparse.csc_array, "bsr": sparse.bsr_array}
    parts = (value.data, value.indices, value.indptr)
    # A second object around the same memory: asking whether it is sorted leaves a note on it.
    twin = make[value.format](parts, shape=value.shape, copy=False)
    if not twin.has_sorted_indices:
        twin = twin.sorted_indices()
    # What lies behind the last entry is spare room.
    count = int(twin.indptr[-1])
    places = [_wide(twin.indptr), _wide(twin.indices[:count])]
    return [*map(walk, places), walk(twin.data[:count])]


def _coordinates(value: Any, walk: Walk) -> list[bytes]:
    import numpy as np

    coordinates = value.coords if hasattr(value, "coords") else (value.row, value.col)
    order = np.lexsort(tuple(coordinates)[::-1])
    places = [_wide(np.asarray(axis)[order]) for axis in coordinates]
    return [*map(walk, places), walk(value.data[order])]


def _diagonals(value: Any, walk: Walk) -> list[bytes]:
    """The part of each diagonal that lies within the shape: what stands outside is never read."""
    rows, columns = value.shape
    stored = value.data.shape[1]
    found = []
    for place, offset in sorted(enumerate(map(int, value.offsets)), key=lambda item: item[1]):
        first, last = max(0, offset), min(rows + offset, columns, stored)
        found += [number(offset), walk(value.data[place, first : max(first, last)])]
    return found


def _lists(value: Any, walk: Walk) -> list[bytes]:
    return _compressed(value.tocsr(), walk)


def _dictionary(value: Any, walk: Walk) -> list[bytes]:
    return _coordinates(value.tocoo(), walk)


def _wide(indices: Any) -> Any:
    """Indices in one width: scipy chooses it by the number of entries."""
    return indices.astype("int64", copy=False)


_CONTENTS: Final[dict[str, Callable[[Any, Walk], Sequence[bytes]]]] = {
    "bsr": _compressed,
    "coo": _coordinates,
    "csc": _compressed,
    "csr": _compressed,
    "dia": _diagonals,
    "dok": _dictionary,
    "lil": _lists,
}
