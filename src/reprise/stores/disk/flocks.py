"""Locks of the operating system on open files: the kernel lets go of them when a process ends.

``flock`` and not ``fcntl.lockf``, whose locks a process loses when it closes any descriptor of the
file, and which two threads of a process both get. A forked child shares its parent's locks, and
would hold them for as long as it lives: it closes the descriptors of those that are listed here.
"""

from __future__ import annotations

import contextlib
import enum
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reprise import forks
from reprise.stores.disk.layout import make_folder

_POLL_SECONDS: Final = 0.003


class Got(enum.Enum):
    """What came of asking for a lock."""

    YES = "yes"
    HELD = "held by another"
    UNSUPPORTED = "this file system, or this platform, has no such locks"


def share(descriptor: int) -> Got:
    """Ask for a lock that others may share, without waiting."""
    return _flock(descriptor, exclusive=False)


def take(descriptor: int) -> Got:
    """Ask for a lock that nobody else has, without waiting."""
    return _flock(descriptor, exclusive=True)


def _flock(descriptor: int, *, exclusive: bool) -> Got:
    try:
        import fcntl
    except ImportError:  # Windows
        return Got.UNSUPPORTED
    wanted = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(descriptor, wanted | fcntl.LOCK_NB)
    except BlockingIOError:
        return Got.HELD
    except OSError:  # ENOLCK, ENOSYS, EOPNOTSUPP, and whatever else network file systems say
        return Got.UNSUPPORTED
    return Got.YES


class Opened:
    """An open lock file of this process."""

    __slots__ = ("descriptor",)

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor


class Descriptors:
    """Open lock files whose locks belong to this process and not to its children."""

    def __init__(self) -> None:
        self._open: set[Opened] = set()
        forks.watch(self)

    def open(self, path: Path) -> Opened:
        """The lock file at ``path``, made where it is missing, not yet locked."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileNotFoundError:
            make_folder(path.parent)
            descriptor = os.open(path, flags, 0o600)
        opened = Opened(descriptor)
        self._open.add(opened)
        return opened

    def close(self, opened: Opened) -> None:
        """Close it, unless a fork did so already; its lock is free then."""
        # Objects and not numbers: the number of one that a fork closed may be another's by now.
        if opened in self._open:
            self._open.discard(opened)
            os.close(opened.descriptor)

    def after_fork(self) -> None:
        """Close what is the parent's. That does not unlock it: the parent has it open, too."""
        for opened in self._open.copy():
            self.close(opened)


class Gates:
    """Locks by name: many may be inside at a time, or one who wants to be alone.

    Args:
        patience: Seconds after which waiting for a lock is given up.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._descriptors = Descriptors()

    @contextlib.contextmanager
    def inside(self, path: Path) -> Iterator[None]:
        """Be inside together with others; waits while somebody is alone.

        Raises:
            TimeoutError: somebody has been alone for too long: stopped by a debugger, say.
        """
        with self._opened(path) as descriptor:
            self._wait(descriptor, path, exclusive=False)
            yield

    @contextlib.contextmanager
    def alone(self, path: Path) -> Iterator[None]:
        """Be inside with nobody else; waits for the others.

        Raises:
            TimeoutError: they have been inside for too long.
        """
        with self._opened(path) as descriptor:
            self._wait(descriptor, path, exclusive=True)
            yield

    @contextlib.contextmanager
    def alone_now(self, path: Path) -> Iterator[Got]:
        """Be inside with nobody else, if nobody is inside now: look at what is given."""
        with self._opened(path) as descriptor:
            yield take(descriptor)

    @contextlib.contextmanager
    def _opened(self, path: Path) -> Iterator[int]:
        opened = self._descriptors.open(path)
        try:
            yield opened.descriptor
        finally:
            self._descriptors.close(opened)

    def _wait(self, descriptor: int, path: Path, *, exclusive: bool) -> None:
        # Not a blocking call: nothing could end its wait for a process that was stopped.
        end = time.monotonic() + self._patience
        while _flock(descriptor, exclusive=exclusive) is Got.HELD:
            if time.monotonic() > end:
                raise TimeoutError(f"another process has held {path} for {self._patience} s")
            threading.Event().wait(_POLL_SECONDS)
