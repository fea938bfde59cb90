"""Asking the kernel which pages of a private mapping it has copied for this process.

The first write to a page of such a mapping gives the process a copy of its own, whoever writes:
Python, C, another thread, a system call that fills the memory. A page that is mapped or swapped
out and does not belong to the file any more is such a copy. What never was copied holds what the
file holds. Linux tells it page by page, since 6.7 by a call that looks for them itself. A trial
shows which way works here; elsewhere nothing is known, and the answer is always "perhaps".
The measurements are in ``docs/decisions/0011-digests-of-unchanged-memory.md``.
"""

from __future__ import annotations

import functools
import mmap
import os
import sys
from array import array
from collections.abc import Callable
from typing import Final, TypeAlias

_PAGEMAP: Final = "/proc/self/pagemap"

_SCAN: Final = 0xC0606610
"""``PAGEMAP_SCAN``: reads and writes 96 bytes, number 16 of the group ``f``."""

_OF_FILE: Final = 1 << 2
_PRESENT: Final = 1 << 3
_SWAPPED: Final = 1 << 4

_PIECE: Final = 1 << 16
"""Entries of eight bytes that are read at a time, where they must be read."""

_HARMLESS: Final = bytes(top for top in range(256) if top & 0b001_00000 or top < 0b010_00000)
"""Highest bytes of entries of pages that are of the file (bit 61), or neither present (63) nor
swapped out (62)."""

Way: TypeAlias = Callable[[int, int, int], bool]
"""Whether no page was copied, given the open page map, and where the pages start and stop."""


def address_of(mapping: mmap.mmap) -> int | None:
    """The address at which a writable mapping starts.

    Args:
        mapping: A mapping that is not closed.

    Returns:
        The address; ``None`` while ctypes is not loaded. numpy, pyarrow and polars load it, and
        without them nobody asks for the digest of memory.
    """
    ctypes = sys.modules.get("ctypes")
    if ctypes is None:
        return None
    return int(ctypes.addressof(ctypes.c_char.from_buffer(mapping)))


def untouched(start: int, stop: int) -> bool:
    """Whether the kernel says that no page was copied.

    Args:
        start: An address in a private mapping of a file.
        stop: The address behind the last byte, in the same mapping.

    Returns:
        True if everything from ``start`` to ``stop`` is as it is in the file. False if it is not,
        or if some other byte on its first or last page is not, or if nobody can tell.
    """
    way = _way()
    return way is not None and _ask(way, start, stop)


def _ask(way: Way, start: int, stop: int) -> bool:
    size = mmap.PAGESIZE
    try:
        # Opened each time: it stands for the memory of the process that opened it, and would go
        # on telling a forked child of its parent's. That takes 3 us of 6.
        pagemap = os.open(_PAGEMAP, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return way(pagemap, start // size * size, -(-stop // size) * size)
        finally:
            os.close(pagemap)
    except OSError:
        # Hidden, forbidden, or no descriptor left.
        return False


def _by_scan(pagemap: int, start: int, stop: int) -> bool:
    """Let the kernel look for the first page that is present or swapped out and not the file's."""
    import fcntl

    found = array("Q", (0, 0, 0))
    wanted = (_OF_FILE, _OF_FILE, _PRESENT | _SWAPPED, _PRESENT | _SWAPPED)
    request = array("Q", (96, 0, start, stop, 0, found.buffer_info()[0], 1, 1, *wanted))
    regions = fcntl.ioctl(pagemap, _SCAN, request)
    # It writes in the fifth place how far it got.
    return regions == 0 and request[4] == stop


def _by_entries(pagemap: int, start: int, stop: int) -> bool:
    """Read what it tells of each page."""
    page, last = start // mmap.PAGESIZE, stop // mmap.PAGESIZE
    while page < last:
        wanted = min(_PIECE, last - page) * 8
        entries = os.pread(pagemap, wanted, page * 8)
        highest = entries[7::8] if sys.byteorder == "little" else entries[::8]
        if len(entries) != wanted or highest.translate(None, _HARMLESS):
            return False
        page += _PIECE
    return True


@functools.cache
def _way() -> Way | None:
    """The faster way that tells the truth here."""
    for way in (_by_scan, _by_entries):
        if _tells_copies(way):
            return way
    return None


def _tells_copies(way: Way) -> bool:
    """Try it on pages of which it is known which are copied.

    A sandbox may have a page map that looks as it should and is always empty.
    """
    if not hasattr(os, "memfd_create"):
        return False
    pages, size = 4, mmap.PAGESIZE
    try:
        descriptor = os.memfd_create("reprise-trial", os.MFD_CLOEXEC)
        try:
            os.ftruncate(descriptor, pages * size)
            mapping = mmap.mmap(descriptor, pages * size, access=mmap.ACCESS_COPY)
        finally:
            os.close(descriptor)
    except OSError:
        return False
    start = address_of(mapping)
    if start is None:
        return False

    def told(first: int, last: int) -> bool:
        return _ask(way, start + first * size, start + last * size)

    fresh = told(0, pages)
    read = mapping[:] == bytes(pages * size) and told(0, pages)
    # The very bytes that were there: a copy is a copy.
    mapping[2 * size] = 0
    return (
        (fresh, read) == (True, True)
        and [told(page, page + 1) for page in range(pages)] == [True, True, False, True]
        and not told(0, pages)
    )
