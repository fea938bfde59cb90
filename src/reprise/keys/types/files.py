"""Encoders for files: in memory by content, open ones by what the file system says."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, number, stream, text

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def bytes_io(value: Any, walk: Walk) -> bytes:
    """Content, position, and attributes: a name that somebody gave it is one."""
    own = vars(value) if type(value) is io.BytesIO else {}  # of a subclass they are added anyway
    return frame("BytesIO", [*_in_memory(value), walk(own)])


def string_io(value: Any, walk: Walk) -> bytes:
    """Content, position, what ends a line, and attributes."""
    _must_be_open(value)
    kind: Any = io.StringIO  # a subclass may have a state of its own
    content, newline, position, attributes = kind.__getstate__(value)
    own = attributes or {} if type(value) is io.StringIO else {}
    parts = [number(position), text(content), walk(newline), walk(own)]
    return frame("StringIO", parts)


def uploaded_file(value: Any, walk: Walk) -> bytes:
    """Name, type, content and position of a file that a user sent; not which upload it was."""
    return frame("uploaded", [walk(value.name), walk(value.type), *_in_memory(value)])


def _in_memory(value: Any) -> list[bytes]:
    _must_be_open(value)
    with value.getbuffer() as content:
        return [number(value.tell()), stream("content", [content])]


def open_file(value: Any, walk: Walk) -> bytes:
    """Path, device and inode, size, time of the last change, mode and position."""
    _must_be_open(value)
    name = value.name
    if not isinstance(name, str | bytes):
        raise UnencodableError("it has no path")
    try:
        status = os.fstat(value.fileno())
        position = value.tell()
    except (OSError, ValueError) as error:
        raise UnencodableError(f"it has no position ({error})") from error
    numbers = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, position)
    reading = [getattr(value, name, None) for name in ("mode", "encoding", "errors")]
    settings = (type(value).__name__, *reading)
    path = text(os.path.abspath(os.fsdecode(name)))  # noqa: PTH100 - resolving would read links
    return frame("file", [path, *map(number, numbers), walk(settings)])


def status_of(path: str) -> bytes:
    """Which file a path leads to, its size and the time of its last change, or that none is."""
    known = text(os.path.abspath(path))  # noqa: PTH100 - resolving would read links
    try:
        status = os.stat(path)  # noqa: PTH116 - the path is a text, and stays one
    except FileNotFoundError:
        return frame("missing", [known])
    numbers = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return frame("status", [known, *map(number, numbers)])


def temporary_file(value: Any, walk: Walk) -> bytes:
    """The file that ``tempfile`` wraps."""
    return frame("temporary", [walk(value.file)])


def _must_be_open(value: Any) -> None:
    if value.closed:
        raise UnencodableError("it is closed")
