"""Pages: large buffers in an anonymous file, handed out as private copy-on-write mappings.

The bytes are written once. A mapping costs a few microseconds whatever its length; pages that a
caller writes to are copied for that caller by the operating system. The measurements are in
``docs/decisions/0001-pages.md``.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import mmap
import os
import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reprise.seals import Digests, seals
from reprise.values import residence

# Python 3.13 can map without keeping a descriptor of its own for each mapping.
_MAPPING_KEEPS_DESCRIPTOR: Final = sys.version_info < (3, 13)


@dataclass(frozen=True, slots=True)
class Extent:
    """Where one buffer lies in a page file, in bytes."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of what the operating system counts for a process pages may use."""

    files: int
    mappings: int


@functools.cache
def _max_map_count() -> int:
    from pathlib import Path

    try:
        return int(Path("/proc/sys/vm/max_map_count").read_text())
    except (OSError, ValueError):
        # Not Linux, or hidden: Linux's default, which others do not fall below.
        return 65530


def process_limits() -> Limits:
    """Leave three quarters of all descriptors and mappings to the program itself.

    The limit of descriptors is asked each time, since programs raise it while they run.
    """
    mappings = _max_map_count() // 4
    try:
        import resource
    except ImportError:
        # Windows has neither limit.
        return Limits(files=mappings, mappings=mappings)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return Limits(files=mappings, mappings=mappings)
    kept = soft // 8
    return Limits(
        files=kept, mappings=min(mappings, kept) if _MAPPING_KEEPS_DESCRIPTOR else mappings
    )


_Live: TypeAlias = "set[weakref.ref[mmap.mmap]]"


@dataclass(frozen=True, slots=True)
class PagePool:
    """Counts the page files and mappings that are alive.

    Plain sets of weak references: adding and discarding are atomic, so that there is no lock that a
    forked child could inherit held.
    """

    limits: Callable[[], Limits] = process_limits
    _files: set[weakref.ref[PageFile]] = field(default_factory=set)
    _mappings: _Live = field(default_factory=set)

    @property
    def files(self) -> int:
        """Page files that somebody holds."""
        return len(self._files)

    @property
    def mappings(self) -> int:
        """Mappings that somebody holds."""
        return len(self._mappings)

    def create(self) -> PageFile:
        """Make an empty page file.

        Raises:
            OSError: none can be made, or as many as allowed are alive.
        """
        if self.files >= self.limits().files:
            raise OSError(errno.EMFILE, "as many page files as allowed are open")
        file = PageFile(_anonymous_file(), self)
        self._files.add(weakref.ref(file, self._files.discard))
        return file

    def adopt(self, descriptor: int, size: int) -> PageFile:
        """Take over a file that is complete, and that others can open too.

        It is never sealed: what lies in it is mapped as other page files are, and is not registered
        as unchanging. Whoever calls this vouches that nobody truncates it.

        Args:
            descriptor: Of a file opened for reading. It is closed even if this raises.
            size: Bytes of it that are mapped; it must have as many.

        Raises:
            OSError: as many page files as allowed are alive.
        """
        file = PageFile(descriptor, self, end=size)
        if self.files >= self.limits().files:
            raise OSError(errno.EMFILE, "as many page files as allowed are open")
        self._files.add(weakref.ref(file, self._files.discard))
        return file

    def map(self, descriptor: int, length: int) -> mmap.mmap:
        """Map the first ``length`` bytes of a file, privately and writable.

        Raises:
            OSError: the operating system refuses, or as many as allowed are alive.
        """
        return self._count(_map, descriptor, length)

    def map_readonly(self, descriptor: int, length: int) -> mmap.mmap:
        """Map the first ``length`` bytes of a file so that nobody can write there.

        Raises:
            OSError: the operating system refuses, or as many as allowed are alive.
        """
        return self._count(_map_readonly, descriptor, length)

    def _count(
        self, map_file: Callable[[int, int], mmap.mmap], descriptor: int, length: int
    ) -> mmap.mmap:
        if self.mappings >= self.limits().mappings:
            raise OSError(errno.ENOMEM, "as many mappings as allowed are alive")
        mapping = map_file(descriptor, length)
        self._mappings.add(weakref.ref(mapping, self._mappings.discard))
        return mapping


class PageFile:
    """An anonymous file: written once, then sealed and only mapped.

    It is closed when the last snapshot lets go of it. Mappings outlive it.
    """

    __slots__ = ("__weakref__", "_descriptor", "_digests", "_end", "_pool", "_sealed")

    def __init__(self, descriptor: int, pool: PagePool, end: int = 0) -> None:
        """Take over ``descriptor``, a file that has ``end`` bytes."""
        self._descriptor = descriptor
        self._pool = pool
        self._end = end
        self._sealed = False
        self._digests: Digests = {}
        weakref.finalize(self, os.close, descriptor)

    @property
    def size(self) -> int:
        """Bytes that the file occupies, whole pages."""
        return _page_aligned(self._end)

    def append(self, chunks: Iterable[memoryview]) -> Extent:
        """Write one buffer that comes in ``chunks`` of bytes, at the start of a page.

        Raises:
            OSError: the file cannot grow. What was appended before is intact.
        """
        start = _page_aligned(self._end)
        os.lseek(self._descriptor, start, os.SEEK_SET)
        end = start
        for chunk in chunks:
            written = 0
            while written < chunk.nbytes:
                # One call writes at most 2 GiB.
                written += os.write(self._descriptor, chunk[written:])
            end += chunk.nbytes
        self._end = end
        return Extent(start, end)

    def seal(self) -> None:
        """Forbid every later change, where the operating system can.

        Raises:
            OSError: the operating system should be able to and refuses.
        """
        # What a failed append left behind the end goes.
        os.ftruncate(self._descriptor, self._end)
        if hasattr(os, "memfd_create"):
            import fcntl

            wanted = (
                fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
            )
            with contextlib.suppress(OSError):
                # An unlinked temporary file has no seals; nobody else can open it either.
                fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, wanted)
                self._sealed = True

    def views(self, extents: Iterable[Extent]) -> list[memoryview]:
        """Give buffers of the caller's own: writable, and changed by nobody else.

        Slices of one private mapping; where none can be had, copies.

        Raises:
            OSError: neither mapping nor reading is possible.
        """
        try:
            mapping = self._pool.map(self._descriptor, self._end)
        except OSError:
            return [memoryview(self.read(extent)) for extent in extents]
        if self._sealed:
            _register(mapping, self._digests, weakref.ref(self))
        whole = memoryview(mapping)
        return [whole[extent.start : extent.stop] for extent in extents]

    def whole(self) -> memoryview | None:
        """Everything in it, in memory that nobody else has and that is not registered."""
        try:
            return memoryview(self._pool.map_readonly(self._descriptor, self._end))
        except OSError:
            return None

    def frozen(self, extents: Iterable[Extent]) -> list[memoryview]:
        """Give buffers that everybody may share, since nobody can write to them.

        Slices of one mapping; where none can be had, bytes.

        Raises:
            OSError: neither mapping nor reading is possible.
        """
        try:
            whole = memoryview(self._pool.map_readonly(self._descriptor, self._end))
        except OSError:
            return [memoryview(bytes(self.read(extent))) for extent in extents]
        return [whole[extent.start : extent.stop] for extent in extents]

    def content(self, extent: Extent) -> bytes:
        """Copy one buffer into bytes, as :meth:`read` does into what can be changed."""
        size = extent.stop - extent.start
        data = os.pread(self._descriptor, size, extent.start) if hasattr(os, "pread") else b""
        # One call reads at most 2 GiB, and fewer where a signal came.
        return data if len(data) == size else bytes(self.read(extent))

    def read(self, extent: Extent) -> bytearray:
        """Copy one buffer into memory. It needs no descriptor and no mapping."""
        if not hasattr(os, "preadv"):
            # Windows, where mapping takes no descriptor.
            with mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ) as mapping:
                return bytearray(mapping[extent.start : extent.stop])
        copy = bytearray(extent.stop - extent.start)
        left = memoryview(copy)
        position = extent.start
        while left:
            read = os.preadv(self._descriptor, [left], position)
            if not read:
                raise OSError(errno.EIO, "a page file ended too early")
            position += read
            left = left[read:]
        return copy


def _page_aligned(position: int) -> int:
    return -(-position // mmap.PAGESIZE) * mmap.PAGESIZE


def _anonymous_file() -> int:
    """The descriptor of an empty file that has no name and leaves with its last user."""
    if hasattr(os, "memfd_create"):
        # Refused in some sandboxes: a temporary file does as well.
        with contextlib.suppress(OSError):
            return os.memfd_create("reprise-pages", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    import tempfile

    with tempfile.TemporaryFile(buffering=0) as file:
        return os.dup(file.fileno())


def _map(descriptor: int, length: int) -> mmap.mmap:
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, length, access=mmap.ACCESS_COPY, trackfd=False)
    return mmap.mmap(descriptor, length, access=mmap.ACCESS_COPY)


def _map_readonly(descriptor: int, length: int) -> mmap.mmap:
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(descriptor, length, access=mmap.ACCESS_READ)
    # Private: older kernels refuse to share a file that is sealed against writing.
    flags, protection = mmap.MAP_PRIVATE, mmap.PROT_READ
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, length, flags=flags, prot=protection, trackfd=False)
    return mmap.mmap(descriptor, length, flags=flags, prot=protection)


def _register(mapping: mmap.mmap, digests: Digests, file: weakref.ref[PageFile]) -> None:
    """Make known that memory holds what a sealed file holds, while the kernel says so."""
    start = residence.address_of(mapping)
    if start is None:
        return
    reference = weakref.ref(mapping)

    def unchanged(first: int, last: int) -> bool:
        # Once all views are gone it can be closed, and something else come to its place.
        held = reference()
        return held is not None and not held.closed and residence.untouched(first, last)

    def original() -> memoryview | None:
        # Pages that were read are looked at one by one from then on; untouched ones are not.
        held = file()
        return None if held is None else held.whole()

    seals.register(mapping, start, len(mapping), unchanged, digests, original=original)


POOL: Final = PagePool()
"""The pool of this process."""
