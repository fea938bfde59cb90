"""Taking in buffers while a value is pickled: into memory while they are small, then into pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
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

    def frozen(self) -> list[memoryview]:
        """Buffers for everybody: all of them read-only."""
        return [memoryview(data) for data in self.buffers]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where one buffer lies."""

    file: PageFile
    extent: Extent


@dataclass(frozen=True, slots=True)
class PageBuffers:
    """Buffers in one or two page files."""

    stretches: tuple[Stretch, ...]

    @property
    def files(self) -> list[PageFile]:
        """The files in which they lie."""
        return list(dict.fromkeys(stretch.file for stretch in self.stretches))

    @property
    def size(self) -> int:
        """Bytes that they occupy."""
        return sum(file.size for file in self.files)

    def take(self) -> list[Any]:
        """Buffers of the caller's own. Pickle itself makes those read-only that were."""
        return self._each(PageFile.views)

    def frozen(self) -> list[memoryview]:
        """Buffers for everybody: all of them read-only, on one mapping a file."""
        return self._each(PageFile.frozen)

    def _each(
        self, of_file: Callable[[PageFile, Iterable[Extent]], list[memoryview]]
    ) -> list[memoryview]:
        views = {
            file: iter(of_file(file, [one.extent for one in self.stretches if one.file is file]))
            for file in self.files
        }
        return [next(views[stretch.file]) for stretch in self.stretches]


class Spool:
    """Keeps each buffer at once, so that pickling never holds copies of all of them."""

    def __init__(self, pool: PagePool) -> None:
        """Start empty; ``pool`` makes page files when they are needed."""
        self._pool = pool
        self._readonly: list[bool] = []
        self._heap: list[bytes] = []
        self._file: PageFile | None = None
        self._file_refused = False
        self._written: list[_Written] = []
        self._apart: _Apart | None = None
        self._size = 0

    def add(self, chunks: Iterable[memoryview], size: int, *, readonly: bool) -> None:
        """Keep one buffer.

        Args:
            chunks: Its bytes. They may be gone through twice, and until :meth:`buffers` returns.
            size: How many bytes that are in all.
            readonly: Whether it must be handed out read-only.
        """
        self._readonly.append(readonly)
        self._size += size
        if self._file is None and self._size >= PAGES_FROM and not self._file_refused:
            self._move_to_file()
        if self._file is not None:
            try:
                self._written.append(self._write(self._file, chunks, size))
            except OSError:
                # Full. Memory does as well, only with a copy at each hit.
                self._move_to_heap()
            else:
                return
        self._heap.append(b"".join(chunks))

    def buffers(self) -> HeapBuffers | PageBuffers | None:
        """What was kept; ``None`` when nothing was."""
        if self._file is not None:
            try:
                buffers = PageBuffers(tuple(one.stretch() for one in self._written))
                for file in buffers.files:
                    file.seal()
            except OSError:
                self._move_to_heap()
            else:
                return buffers
        return HeapBuffers(tuple(self._heap), tuple(self._readonly)) if self._heap else None

    def _write(self, file: PageFile, chunks: Iterable[memoryview], size: int) -> _Written:
        if size >= APART_FROM:
            if self._apart is None:
                self._apart = _Apart(self._pool)
            future = self._apart.write(chunks)
            if future is not None:
                return _Written(chunks, future)
        future = Future()
        future.set_result(Stretch(file, file.append(chunks)))
        return _Written((), future)

    def _move_to_file(self) -> None:
        try:
            file = self._pool.create()
            for data in self._heap:
                self._written.append(self._write(file, [memoryview(data)], 0))
        except OSError:
            # No descriptor or no room left.
            self._file_refused = True
            self._written = []
            return
        self._file, self._heap = file, []

    def _move_to_heap(self) -> None:
        self._heap = [one.content() for one in self._written]
        self._file, self._written, self._file_refused = None, [], True


APART_FROM: Final = 16 * 1024 * 1024
"""Bytes from which on a buffer is worth a thread: some 5 ms of writing (decision 0001)."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A buffer that is in a file, or on its way there."""

    chunks: Iterable[memoryview]
    """Its bytes for as long as it may not be there."""
    future: Future[Stretch]

    def stretch(self) -> Stretch:
        """Wait for it.

        Raises:
            OSError: it could not be written.
        """
        return self.future.result()

    def content(self) -> bytes:
        """Its bytes, from wherever they are."""
        try:
            stretch = self.future.result()
        except OSError:
            return b"".join(self.chunks)
        return bytes(stretch.file.read(stretch.extent))


class _Apart:
    """A second page file, which a thread fills meanwhile: one file takes one writer at a time."""

    def __init__(self, pool: PagePool) -> None:
        self._pool = pool
        self._file: PageFile | None = None
        self._latest: Future[Stretch] | None = None

    def write(self, chunks: Iterable[memoryview]) -> Future[Stretch] | None:
        """Begin to write a buffer; ``None`` if the last one is not done, or there is no way."""
        if self._latest is not None and not self._latest.done():
            return None
        future: Future[Stretch] = Future()
        self._latest = future
        try:
            self._file = self._file or self._pool.create()
            writing = partial(_carry_out, future, self._file, chunks)
            threading.Thread(target=writing, name="reprise-pages", daemon=True).start()
        except (OSError, RuntimeError):
            # As many files as allowed, or as many threads; or the interpreter is about to exit.
            return None
        return future


def _carry_out(future: Future[Stretch], file: PageFile, chunks: Iterable[memoryview]) -> None:
    try:
        future.set_result(Stretch(file, file.append(chunks)))
    except BaseException as error:  # noqa: BLE001 - raised where it is waited for
        future.set_exception(error)
