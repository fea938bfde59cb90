"""Arrays whose bytes numpy would copy into the pickle stream: how to take them out of band."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reprise.values.sealed import is_sealed

CHUNK: Final = 1024 * 1024
"""Bytes of an array with gaps that are brought together at a time."""


@dataclass(frozen=True, slots=True)
class ArrayBytes:
    """The bytes of an array, a piece at a time, so that there is no copy of the whole."""

    array: Any
    order: str
    """``"F"`` for an array in Fortran's order, so that no byte is moved; else ``"C"``."""

    @classmethod
    def of(cls, array: Any) -> ArrayBytes | None:
        """The bytes of ``array`` if numpy itself would not hand them out beside the stream.

        That is so for arrays with gaps, and for types that the buffer protocol does not know, such
        as moments in time. Arrays on sealed memory would come back read-only. Python objects have
        no bytes that mean anything elsewhere.
        """
        if array.dtype.hasobject:
            return None
        if array.flags.forc and _exports(array) and not is_sealed(array):
            return None
        in_fortran_order = array.flags.f_contiguous and not array.flags.c_contiguous
        return cls(array, "F" if in_fortran_order else "C")

    @property
    def size(self) -> int:
        """Bytes in all."""
        return int(self.array.nbytes)

    @property
    def readonly(self) -> bool:
        """Whether the array is. Sealed ones are for the cache's sake; a copy need not be."""
        return not self.array.flags.writeable and not is_sealed(self.array)

    def __iter__(self) -> Iterator[memoryview]:
        return _pieces(self.array.T if self.order == "F" else self.array)


def restore_array(buffer: Any, dtype: Any, shape: tuple[int, ...], order: str) -> Any:
    """Make an array on ``buffer``, which holds its items in that order."""
    return sys.modules["numpy"].frombuffer(buffer, dtype).reshape(shape, order=order)


def _exports(array: Any) -> bool:
    try:
        memoryview(array)
    except (ValueError, BufferError):
        return False
    return True


def _pieces(array: Any) -> Iterator[memoryview]:
    if array.flags.c_contiguous or array.nbytes <= CHUNK:
        numpy = sys.modules["numpy"]
        yield memoryview(numpy.ascontiguousarray(array).reshape(-1).view(numpy.uint8))
        return
    rows = CHUNK * len(array) // array.nbytes
    if array.ndim == 1:
        # An item by itself is no array any more: texts and bytes lose the zeros at their end.
        rows = max(1, rows)
    if rows:
        for first in range(0, len(array), rows):
            yield from _pieces(array[first : first + rows])
    else:
        for row in array:
            yield from _pieces(row)
