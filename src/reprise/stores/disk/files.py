"""Files of parts: how they are written, opened, found in use, and removed.

A file is written whole under another name and then gets its own, which tells its content. From
before it is there until the row that names it is committed, its writer is inside the gate of its
shelf. Whoever removes files that no row names is alone in there, so it never meets one whose row
is only on its way; a writer that was killed is inside no more, and what it left is removed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from reprise.envelopes import Part
from reprise.stores.disk import layout as places
from reprise.stores.disk.extents import Extents
from reprise.stores.disk.flocks import Gates, Got, share, take
from reprise.stores.disk.kept import PartsFile, chosen_time, identity
from reprise.stores.disk.layout import Layout, make_folder

_PATIENCE_SECONDS: Final = 5.0
_WITHOUT_LOCKS_SECONDS: Final = 3600.0
"""Where there are no locks, only files that did not change for so long are taken for left behind.
Both times are those of the file system, so that no clock can be set between them."""

_CLOEXEC: Final = getattr(os, "O_CLOEXEC", 0)
_LARGEST_WRITE: Final = 2**30

Steps = Callable[[str], None]
"""Told the name of each step of a write once it is done; tests end the process there."""


def unlink(path: Path) -> None:
    """Remove a file, if it is there and the system lets go of it."""
    # PermissionError: Windows removes nothing that is open. The next sweep meets it again.
    with contextlib.suppress(FileNotFoundError, PermissionError):
        path.unlink()


class Files:
    """The files of a store.

    Args:
        layout: Where they are.
        steps: Told of every step.
    """

    def __init__(self, layout: Layout, steps: Steps) -> None:
        self._layout = layout
        self._steps = steps
        self._gates = Gates(_PATIENCE_SECONDS)

    @contextlib.contextmanager
    def writing(self, digest: bytes) -> Iterator[None]:
        """Keep the file of ``digest`` from being removed before its row is committed.

        Raises:
            OSError: the store cannot be written to.
        """
        shelf = places.shelf_of(digest)
        with self._gates.inside(self._layout.gate(shelf)):
            self._steps("gate entered")
            yield

    def write(self, digest: bytes, parts: Sequence[Part], extents: Extents) -> bytes:
        """Write the file of ``digest`` and give it its name, within :meth:`writing`.

        Returns:
            What tells the file from any other, and from itself once anybody has written to it;
            nothing where another writer's file has its name by now.

        Raises:
            OSError: it cannot be written; what was written is gone again.
        """
        path = self._layout.part(digest)
        make_folder(path.parent)
        temporary = self._layout.temporary(digest)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _CLOEXEC
        descriptor = os.open(temporary, flags, 0o600)
        try:
            try:
                self._steps("file made")
                self._fill(descriptor, parts, extents)
                ours = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            if os.name != "nt":  # where it would keep the file from ever being removed
                temporary.chmod(0o400)
            os.utime(temporary, ns=chosen_time(digest))
            self._steps("file stamped")
            temporary.replace(path)
            self._steps("file named")
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            raise
        # Not before: a new name changes the time at which the file was changed.
        there = path.stat()
        _sync_folder(path.parent)
        self._steps("folder flushed")
        same = (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
        return identity(there) if same else b""

    def _fill(self, descriptor: int, parts: Sequence[Part], extents: Extents) -> None:
        for part, (start, end) in zip(parts, extents.places, strict=True):
            os.lseek(descriptor, start, os.SEEK_SET)
            written = sum(_write(descriptor, chunk) for chunk in part.chunks)
            if written != end - start:
                raise OSError(f"a part of {end - start} bytes turned out to have {written}")
            self._steps("part written")
        os.ftruncate(descriptor, extents.file_size)
        self._steps("file filled")
        os.fsync(descriptor)
        self._steps("file flushed")

    def identity(self, digest: bytes) -> bytes | None:
        """What tells the file of ``digest`` from any other; ``None`` where there is none."""
        try:
            return identity(self._layout.part(digest).stat())
        except FileNotFoundError:
            return None

    def open(
        self,
        digest: bytes,
        extents: Extents,
        vouched: bytes | None,
        attest: Callable[[bytes], None],
    ) -> PartsFile | None:
        """The file of ``digest``, marked as in use; ``None`` where it is missing or too short.

        Args:
            digest: Of its content.
            extents: Of its parts.
            vouched: The identity that it had when its bytes were known to be right.
            attest: Told the identity of the file once its bytes were found right.

        Raises:
            OSError: it cannot be opened.
        """
        try:
            descriptor = os.open(self._layout.part(digest), os.O_RDONLY | _CLOEXEC)
        except FileNotFoundError:
            return None
        # That somebody has it alone means that it leaves: what is open can be read all the same.
        share(descriptor)
        there = os.fstat(descriptor)
        if there.st_size != extents.file_size:
            os.close(descriptor)
            return None
        if identity(there) == vouched:
            return PartsFile(descriptor, extents.places, None, attest)
        return PartsFile.unvouched(descriptor, extents.places, chosen_time(digest), attest)

    def in_use(self, digest: bytes) -> bool:
        """Whether any process has the file open, or mapped."""
        try:
            descriptor = os.open(self._layout.part(digest), os.O_RDONLY | _CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return take(descriptor) is Got.HELD
        finally:
            os.close(descriptor)

    def remove(
        self,
        digest: bytes,
        named: Callable[[bytes], bool],
        dispose: Callable[[Path], None] = unlink,
    ) -> None:
        """Remove a file, unless a row names it by now or a writer may be about to.

        What is spared is found by :meth:`clear_shelf` another day.

        Args:
            digest: Of its content.
            named: Whether there is a row with this content. Asked while no writer is inside.
            dispose: How it is removed.
        """
        path = self._layout.part(digest)
        with self._alone(places.shelf_of(digest)) as may_remove:
            if may_remove(path) and not named(digest):
                dispose(path)

    def clear_shelf(self, shelf: str, named: Callable[[], set[bytes]]) -> list[Path]:
        """Remove from one shelf what writers left behind and what no row names any more.

        Args:
            shelf: Which.
            named: The contents on this shelf that rows name. Asked while no writer is inside.

        Returns:
            What was removed.
        """
        found = list(places.listed(self._layout.shelf(shelf)))
        if not found:
            return []
        with self._alone(shelf) as may_remove:
            kept = named()
            found = [path for path in found if may_remove(path) and is_left(path, kept)]
            for path in found:
                unlink(path)
            return found

    def left(self, shelf: str, named: Callable[[], set[bytes]]) -> list[Path]:
        """What :meth:`clear_shelf` would remove."""
        found = list(places.listed(self._layout.shelf(shelf)))
        if not found:
            return []
        with self._alone(shelf) as may_remove:
            kept = named()
            return [path for path in found if may_remove(path) and is_left(path, kept)]

    @contextlib.contextmanager
    def _alone(self, shelf: str) -> Iterator[Callable[[Path], bool]]:
        with self._gates.alone_now(self._layout.gate(shelf)) as got:
            if got is Got.UNSUPPORTED:
                yield self._is_old
            else:
                yield lambda _: got is Got.YES

    def _is_old(self, path: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            # Touched now, by the clock that gave the file its time.
            gate = self._layout.gate(places.shelf_of(bytes.fromhex(path.parent.name)))
            os.utime(gate)
            return gate.stat().st_ctime - path.stat().st_ctime > _WITHOUT_LOCKS_SECONDS
        return False


def is_left(path: Path, named: set[bytes]) -> bool:
    """Whether nobody needs this file of a shelf; files that are not ours are left alone."""
    digest = places.digest_of(path)
    return places.is_temporary(path) or (digest is not None and digest not in named)


def _write(descriptor: int, chunk: memoryview) -> int:
    rest = chunk.cast("B") if chunk.contiguous else memoryview(bytes(chunk))
    size = len(rest)
    while rest:
        rest = rest[os.write(descriptor, rest[:_LARGEST_WRITE]) :]
    return size


def _sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` survive a loss of power, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | _CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
