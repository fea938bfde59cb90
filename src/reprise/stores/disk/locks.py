"""One computation per key across processes: whoever holds the lock of a key computes it.

The lock is the kernel's, on an open file, so it is free at the very moment at which its holder ends
for whatever reason, it stays with a holder that is merely slow, and no machine starts with one.

The lock of filelock is taken only where there is no ``flock``: elsewhere it may fall back to a file
whose existence is the lock, which outlives a killed holder; its release in a forked child unlocks
the parent; and it says nothing of a file that was removed and made anew while it waited.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from reprise.errors import StoreError
from reprise.stores.disk.flocks import Descriptors, Got, Opened, take
from reprise.stores.disk.layout import Layout, make_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock

_IDLE_SECONDS: Final = 3600.0
"""How long a lock file was not used before it is removed. It costs an inode and nothing else."""


class ComputeLock(Protocol):
    """The right to compute the result of one key. Whoever does not get it asks again later."""

    def try_acquire(self) -> bool:
        """Take it if it is free, without waiting; whether it was.

        Raises:
            StoreError: the folder cannot be used.
        """
        ...

    def release(self) -> None:
        """Let go of it, if it is held."""
        ...


class ComputeLocks:
    """The locks of a store.

    Args:
        layout: Where they are.
        on_trouble: Told, once, that there are none on this file system.
    """

    def __init__(self, layout: Layout, on_trouble: Callable[[str], None]) -> None:
        self._layout = layout
        self._on_trouble = on_trouble
        self._descriptors = Descriptors()
        self._told = False

    def lock(self, key: bytes) -> ComputeLock:
        """The lock of ``key``, not yet taken."""
        path = self._layout.computing(key)
        try:
            import fcntl  # noqa: F401
        except ImportError:
            return LibraryLock(path)
        return FlockLock(path, self._descriptors, self._tell)

    def sweep(self, shelf: str) -> None:
        """Remove lock files that nobody has used for long.

        Raises:
            OSError: the folder cannot be used.
        """
        for path in self._layout.lock_files(shelf):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps as well
                if not _is_in_use(path):
                    self._remove_idle(path)

    def _remove_idle(self, path: Path) -> None:
        # Alone with it: who opened it meanwhile finds that it has no name any more.
        descriptor = os.open(path, os.O_RDWR)
        try:
            if take(descriptor) is Got.YES and _is_idle(descriptor):
                path.unlink()
        finally:
            os.close(descriptor)

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._on_trouble(
                f"The file system of {self._layout.folder} has no file locks. Results are stored, "
                "but several processes may compute the same one at the same time."
            )


class FlockLock:
    """A lock of the kernel's on a file of its own; implements :class:`ComputeLock`.

    Args:
        path: The file, made where it is missing.
        descriptors: Where it is listed, so that a forked child does not keep it.
        on_unsupported: Told that there are no such locks. It counts as taken then.
    """

    def __init__(
        self, path: Path, descriptors: Descriptors, on_unsupported: Callable[[], None]
    ) -> None:
        self._path = path
        self._descriptors = descriptors
        self._on_unsupported = on_unsupported
        self._held: Opened | None = None

    def try_acquire(self) -> bool:
        """Take it if it is free, without waiting; whether it was."""
        if self._held is not None:
            return False
        try:
            return self._taken()
        except OSError as error:
            raise StoreError(f"the lock {self._path} cannot be used: {error}") from error

    def release(self) -> None:
        """Let go of it, if it is held."""
        held, self._held = self._held, None
        if held is not None:
            self._descriptors.close(held)

    def __del__(self) -> None:
        self.release()

    def _taken(self) -> bool:
        while True:
            opened = self._descriptors.open(self._path)
            got = take(opened.descriptor)
            if got is Got.YES and not _has_name(opened.descriptor, self._path):
                self._descriptors.close(opened)  # swept in between
                continue
            if got is Got.HELD:
                self._descriptors.close(opened)
                return False
            if got is Got.UNSUPPORTED:
                self._on_unsupported()
            self._held = opened
            os.utime(opened.descriptor)
            return True


class LibraryLock:
    """A lock of filelock's; implements :class:`ComputeLock` where there is no ``flock``.

    Args:
        path: The file, made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: BaseFileLock | None = None

    def try_acquire(self) -> bool:
        """Take it if it is free, without waiting; whether it was."""
        import filelock

        if self._lock is not None:
            return False
        lock = filelock.FileLock(self._path, timeout=0, thread_local=False)
        try:
            make_folder(self._path.parent)
            lock.acquire()
        except filelock.Timeout:
            return False
        except OSError as error:
            raise StoreError(f"the lock {self._path} cannot be used: {error}") from error
        self._lock = lock
        return True

    def release(self) -> None:
        """Let go of it, if it is held."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


def _is_in_use(path: Path) -> bool:
    """Whether it was used lately, as far as our clock is the file system's.

    To look closer takes the lock, and who wants it at that moment would take us for a holder.
    """
    return abs(time.time() - path.stat().st_mtime) < _IDLE_SECONDS


def _is_idle(descriptor: int) -> bool:
    """By the file system's own clock, which stamps the file now and stamped it when last used."""
    before = os.fstat(descriptor).st_mtime
    os.utime(descriptor)
    if os.fstat(descriptor).st_mtime - before > _IDLE_SECONDS:
        return True
    os.utime(descriptor, (before, before))
    return False


def _has_name(descriptor: int, path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False
