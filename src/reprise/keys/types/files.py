"""Encoders for files: in memory by content, open ones by what the file system says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, number, stream, text

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def bytes_io(value: Any, _: Walk) -> bytes:
    """Content and position."""
    _must_be_open(value)
    with value.getbuffer() as content:
        return frame("BytesIO", [number(value.tell()), stream("content", [content])])


def string_io(value: Any, _: Walk) -> bytes:
    """Content and position."""
    _must_be_open(value)
    return frame("StringIO", [number(value.tell()), text(value.getvalue())])


def uploaded_file(value: Any, walk: Walk) -> bytes:
    """Name, type, content and position of a file that a user sent; not which upload it was."""
    return frame("uploaded", [walk(value.name), walk(value.type), bytes_io(value, walk)])


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
    settings = (type(value).__name__, value.mode, getattr(value, "encoding", None))
    path = text(os.path.abspath(os.fsdecode(name)))  # noqa: PTH100 - resolving would read links
    return frame("file", [path, *map(number, numbers), walk(settings)])


def temporary_file(value: Any, walk: Walk) -> bytes:
    """The file that ``tempfile`` wraps."""
    return frame("temporary", [walk(value.file)])


def _must_be_open(value: Any) -> None:
    if value.closed:
        raise UnencodableError("it is closed")
