"""Digests of whole files, remembered for as long as the files look the same."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, TypeAlias

from blake3 import blake3

from reprise.keys.failures import UnencodableError, UnreadableFileError
from reprise.keys.framing import frame, leaf, text
from reprise.keys.names import short_name

_REMEMBERED: Final = 4096
"""Files whose digests are remembered."""

_PIECE: Final = 1 << 20
"""Bytes read at once."""

_SETTLED: Final = 2_000_000_000
"""Nanoseconds after which a change would have changed the time of a file: FAT counts in steps of
two seconds, other file systems in those of the kernel's clock, a few milliseconds."""

_NO_SUCH_FILE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)

_Stamp: TypeAlias = tuple[int, ...]


class FileContents:
    """Digests the content of files.

    A digest is remembered with device, inode, size and the times of the last changes of content and
    of status. A file that was changed just now is not remembered: it could change once more
    within one tick of the file system's clock, and look the same.

    Args:
        now: The time in nanoseconds since the epoch, on the clock that file times come from.
    """

    __slots__ = ("_known", "_now")

    def __init__(self, now: Callable[[], int] = time.time_ns) -> None:
        self._now = now
        self._known: dict[str, tuple[_Stamp, bytes]] = {}

    def digest(self, path: str) -> bytes | None:
        """Digest (32 bytes) the content of the file, ``None`` if there is no such file.

        Raises:
            UnreadableFileError: it is no file but a directory or a device, or cannot be read.
        """
        try:
            # Asked before it is opened: to open a pipe may wait for ever.
            _refuse_others(path, os.stat(path).st_mode)  # noqa: PTH116 - it stays a text
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123
                return self._digest(os.path.abspath(path), file)  # noqa: PTH100
        except OSError as error:
            if error.errno in _NO_SUCH_FILE:
                return None
            raise UnreadableFileError(path, f"cannot be read ({error.strerror})") from error
        except ValueError:  # a text that can be no path, for it has a null in it
            return None

    def _digest(self, path: str, file: BinaryIO) -> bytes:
        # Of the open file: file systems on a network bring its status up to date on opening.
        started, stamp = self._now(), _stamp(file)
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        digest = _content(file)
        if max(stamp[-2:]) + _SETTLED <= started and _stamp(file) == stamp:
            self._remember(path, stamp, digest)
        return digest

    def _remember(self, path: str, stamp: _Stamp, digest: bytes) -> None:
        self._known.pop(path, None)
        self._known[path] = (stamp, digest)
        while len(self._known) > _REMEMBERED:
            # Another thread may have taken the oldest away meanwhile.
            self._known.pop(next(iter(list(self._known)), ""), None)


def _refuse_others(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UnreadableFileError(path, "is a directory")
    if not stat.S_ISREG(mode):
        raise UnreadableFileError(path, "is a pipe or a device, which has no content to compare")


def _stamp(file: BinaryIO) -> _Stamp:
    status = os.fstat(file.fileno())
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return (status.st_dev, status.st_ino, status.st_size, *times)


def _content(file: Any) -> bytes:
    hasher = blake3()
    piece = bytearray(_PIECE)
    view = memoryview(piece)
    while size := file.readinto(piece):
        hasher.update(view[:size])
    return hasher.digest()


_contents: Final = FileContents()


def contents_of(value: object) -> bytes:
    """Encode the contents of all files that ``value`` names, each with its path.

    Args:
        value: A path, or a list, tuple, set, deque or dict of such, with numbers beside them.
            ``None``, truth values and what is empty name no file.

    Raises:
        UnreadableFileError: one of them has no content that can be read.
        UnencodableError: it may stand for files, but names none.
    """
    return frame("files", [_file(path) for path in _all_paths(value)])


def _all_paths(value: object) -> list[str]:
    try:
        names = set(_names(value))
    except UnencodableError:
        raise
    except Exception as error:  # a container or a path of the user's may raise anything
        failed = _names_none(value)
        raise failed from error
    paths = sorted(name for name in names if isinstance(name, str))
    if names and not paths:  # a number alone: it may be the descriptor of an open file
        raise _names_none(value)
    return paths


def _file(path: str) -> bytes:
    digest = _contents.digest(path)
    return frame("file", [text(path), leaf("content", digest) if digest else leaf("missing", b"")])


def _names(value: object) -> Iterator[str | float]:
    """All paths in a value, and all numbers."""
    if isinstance(value, str | bytes | os.PathLike):
        yield os.fsdecode(value)
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _names(pair)
    elif isinstance(value, list | tuple | set | frozenset | deque):
        for item in value:
            yield from _names(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value
    elif value is not None and not isinstance(value, bool):
        raise _names_none(value)


def _names_none(value: object) -> UnencodableError:
    error = UnencodableError(
        f"it is to count by the content of files, and this {short_name(type(value))} names none: "
        f"pass paths, or a list or dict of paths"
    )
    error.trail.append(value)
    return error
