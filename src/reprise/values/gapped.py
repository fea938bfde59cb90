"""Arrays that are not contiguous: their bytes a piece at a time, without a copy of the whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

CHUNK: Final = 1024 * 1024
"""Bytes that are brought together at a time."""


@dataclass(frozen=True, slots=True)
class Gapped:
    """The bytes of a numpy array with gaps, in C order."""

    array: Any

    @classmethod
    def of(cls, array: Any) -> Gapped | None:
        """``array`` if there are gaps in it, and bytes that mean something elsewhere."""
        return None if array.flags.forc or array.dtype.hasobject else cls(array)

    @property
    def size(self) -> int:
        """Bytes without the gaps."""
        return int(self.array.nbytes)

    @property
    def readonly(self) -> bool:
        """Whether the array is."""
        return not self.array.flags.writeable

    def __iter__(self) -> Iterator[memoryview]:
        return _chunks(self.array)


def restore_array(buffer: Any, dtype: Any, shape: tuple[int, ...]) -> Any:
    """Make an array on ``buffer``, which holds its items in C order."""
    return sys.modules["numpy"].frombuffer(buffer, dtype).reshape(shape)


def _chunks(array: Any) -> Iterator[memoryview]:
    if array.ndim == 0 or array.nbytes <= CHUNK:
        numpy = sys.modules["numpy"]
        yield memoryview(numpy.ascontiguousarray(array).reshape(-1).view(numpy.uint8))
        return
    rows = CHUNK * len(array) // array.nbytes
    if rows:
        for first in range(0, len(array), rows):
            yield from _chunks(array[first : first + rows])
    else:
        for row in array:
            yield from _chunks(row)
