"""A file of parts as it is handed out, and how the store knows that nobody has written to it.

Its device, inode, size and both times are noted, signed, when its bytes are known to be right.
Whoever writes to it later moves the time of modification away from the past second that we chose,
even within one tick of the file system's clock; and nobody can set the time of change.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

_FIRST_SECOND: Final = 1_000_000_000
"""The times that we choose begin in September 2001."""

_SECONDS: Final = 500_000_000
"""And end in July 2017."""


def chosen_time(digest: bytes) -> tuple[int, int]:
    """Access and modification time that the file with this content gets, in nanoseconds.

    >>> chosen_time(bytes(32))
    (1000000000000000000, 1000000000000000000)
    """
    second = _FIRST_SECOND + int.from_bytes(digest[:8], "little") % _SECONDS
    time = second * 10**9 + int.from_bytes(digest[8:16], "little") % 10**9
    return time, time


def identity(there: os.stat_result) -> bytes:
    """What tells a file from any other, and from itself once anybody has written to it."""
    facts = (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns)
    return b":".join(b"%d" % fact for fact in facts)


class PartsFile:
    """A file that holds parts; implements ``reprise.envelopes.KeptFile``.

    It holds a descriptor with a shared lock, which tells every process that the file is in use. A
    duplicate, and a mapping made of one, keep that lock.

    Args:
        descriptor: Becomes this object's own.
        extents: Where each part begins and ends, in bytes.
        seen: What the file was when it was opened, where the store does not vouch for it.
        attest: Told the identity of the file once its bytes were found right.
    """

    __slots__ = ("_attest", "_descriptor", "_extents", "_seen")

    def __init__(
        self,
        descriptor: int,
        extents: tuple[tuple[int, int], ...],
        seen: bytes | None,
        attest: Callable[[bytes], None],
    ) -> None:
        self._descriptor = descriptor
        self._extents = extents
        self._seen = seen
        self._attest = attest

    @classmethod
    def unvouched(
        cls,
        descriptor: int,
        extents: tuple[tuple[int, int], ...],
        time: tuple[int, int],
        attest: Callable[[bytes], None],
    ) -> PartsFile:
        """One whose bytes have to be gone through before they are trusted.

        It gets its time before that, or what is written to it meanwhile could have the same one.
        """
        # Where it has that time already, its identity stays: other entries may rely on it.
        if os.fstat(descriptor).st_mtime_ns != time[1]:
            try:
                os.utime(descriptor, ns=time)
            except OSError:  # somebody else's file: each process goes through it
                return cls(descriptor, extents, b"", attest)
        return cls(descriptor, extents, identity(os.fstat(descriptor)), attest)

    def __del__(self) -> None:
        os.close(self._descriptor)

    @property
    def extents(self) -> tuple[tuple[int, int], ...]:
        """Where each part begins and where it ends, in bytes."""
        return self._extents

    @property
    def witnessed(self) -> bool:
        """Whether nobody has written to it since its bytes were known to be right."""
        return self._seen is None

    def witness(self) -> None:
        """Told by who went through all bytes and found them right, so that others need not."""
        if self._seen and identity(os.fstat(self._descriptor)) == self._seen:
            self._attest(self._seen)
            self._seen = None

    def descriptor(self) -> int:
        """A descriptor of the caller's own, for reading; the caller closes it.

        Raises:
            OSError: there are no more descriptors.
        """
        return os.dup(self._descriptor)
