"""Taking in buffers while a value is pickled: into memory while they are small, then into pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from reprise.values.pages import Extent, PageFile, PagePool

PAGES_FROM: Final = 4 * 1024 * 1024
"""Bytes of buffers from which on a value is kept in pages (``docs/decisions/0001-pages.md``)."""


@dataclass(frozen=True, slots=True)
class HeapBuffers:
    """Buffers as bytes in memory."""

    buffers: tuple[bytes, ...]
    readonly: tuple[bool, ...]

    @property
    def size(self) -> int:
        """Bytes that they occupy."""
        return sum(map(len, self.buffers))

    def take(self) -> list[Any]:
        """Buffers of the caller's own. Bytes cannot be changed, so read-only ones are shared."""
        return [
            data if readonly else bytearray(data)
            for data, readonly in zip(self.buffers, self.readonly, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class PageBuffers:
    """Buffers in a page file."""

    file: PageFile
    extents: tuple[Extent, ...]

    @property
    def size(self) -> int:
        """Bytes that they occupy."""
        return self.file.size

    def take(self) -> list[Any]:
        """Buffers of the caller's own. Pickle itself makes those read-only that were."""
        return self.file.views(self.extents)


class Spool:
    """Keeps each buffer at once, so that pickling never holds copies of all of them."""

    def __init__(self, pool: PagePool) -> None:
        """Start empty; ``pool`` makes the page file when one is needed."""
        self._pool = pool
        self._readonly: list[bool] = []
        self._heap: list[bytes] = []
        self._extents: list[Extent] = []
        self._file: PageFile | None = None
        self._file_refused = False
        self._size = 0

    def add(self, chunks: Iterable[memoryview], size: int, *, readonly: bool) -> None:
        """Keep one buffer.

        Args:
            chunks: Its bytes. They may be gone through twice.
            size: How many bytes that are in all.
            readonly: Whether it must be handed out read-only.
        """
        self._readonly.append(readonly)
        self._size += size
        if self._file is None and self._size >= PAGES_FROM and not self._file_refused:
            self._move_to_file()
        if self._file is not None:
            try:
                self._extents.append(self._file.append(chunks))
            except OSError:
                # Full. Memory does as well, only with a copy at each hit.
                self._move_to_heap(self._file)
            else:
                return
        self._heap.append(b"".join(chunks))

    def buffers(self) -> HeapBuffers | PageBuffers | None:
        """What was kept; ``None`` when nothing was."""
        if self._file is not None:
            try:
                self._file.seal()
            except OSError:
                self._move_to_heap(self._file)
            else:
                return PageBuffers(self._file, tuple(self._extents))
        return HeapBuffers(tuple(self._heap), tuple(self._readonly)) if self._heap else None

    def _move_to_file(self) -> None:
        try:
            file = self._pool.create()
            extents = [file.append([memoryview(data)]) for data in self._heap]
        except OSError:
            # No descriptor or no room left.
            self._file_refused = True
            return
        self._file, self._extents, self._heap = file, extents, []

    def _move_to_heap(self, file: PageFile) -> None:
        self._heap = [bytes(file.read(extent)) for extent in self._extents]
        self._file, self._extents, self._file_refused = None, [], True
