"""The shape of an encoding: tagged, length-framed, and never longer than a few dozen bytes.

An encoding is either *raw*, ``<length of tag> <tag> <content>``, or, where that would take more
than :data:`LIMIT` bytes, *folded*: ``0x80 <BLAKE3 of the raw form>``. Which of the two depends on
the content alone, so equal values always get equal bytes; and since a tag is shorter than 0x80
bytes the two cannot be mistaken for one another. Folding keeps each part of a frame short enough
for its length to fit into one byte, and makes a value that is shared many times cost only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from reprise.hashing import threads_for

if TYPE_CHECKING:
    from typing_extensions import Buffer

LIMIT: Final = 64
"""Longest raw encoding, in bytes."""

_FOLDED: Final = b"\x80"
_VERSION: Final = b"reprise key encoding 3"
"""To be counted up whenever any value's encoding changes."""

_SMALL: Final = 1 << 16
"""Pieces below this many bytes are gathered first, for each update has a price of its own."""


@cache
def head(tag: str) -> bytes:
    r"""What every encoding tagged ``tag`` begins with.

    >>> head("list")
    b'\x04list'
    """
    text = tag.encode()
    if len(text) > 40:
        raise ValueError(f"the tag {tag!r} is longer than 40 bytes")
    return bytes([len(text)]) + text


def leaf(tag: str, content: bytes | bytearray) -> bytes:
    r"""Encode one undivided piece of content.

    >>> leaf("str", b"abc")
    b'\x03strabc'
    >>> len(leaf("str", b"abc" * 1000))
    33
    """
    start = head(tag)
    if len(start) + len(content) <= LIMIT:
        return start + content
    return _FOLDED + _digest(start, (content,))


def stream(tag: str, pieces: Iterable[Buffer]) -> bytes:
    """Encode the concatenation of ``pieces`` without making it; where they are cut is no matter."""
    return _FOLDED + _digest(head(tag), pieces)


def frame(tag: str, parts: Sequence[bytes]) -> bytes:
    r"""Encode a sequence of encodings, with their number and the length of each.

    >>> frame("pair", [leaf("str", b"a"), leaf("str", b"bc")])[:14]
    b'\x04pair\x02\x00\x00\x00\x00\x00\x00\x00\x05'
    """
    data = b"".join((head(tag), len(parts).to_bytes(8, "little"), bytes(map(len, parts)), *parts))
    return data if len(data) <= LIMIT else _FOLDED + blake3(data).digest()


_STR: Final = head("str")
_INT: Final = head("int")
_ROOM: Final = LIMIT - len(_INT)


def text(value: str) -> bytes:
    """Encode a text, lone surrogates included."""
    content = value.encode("utf-8", "surrogatepass")
    return _STR + content if len(content) <= _ROOM else leaf("str", content)


def number(value: int) -> bytes:
    """Encode a whole number of any size."""
    content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return _INT + content if len(content) <= _ROOM else leaf("int", content)


def seal(encoding: bytes) -> bytes:
    """Make the final digest (32 bytes) of an encoding."""
    return blake3(_VERSION + encoding).digest()


def _digest(start: bytes, pieces: Iterable[Buffer]) -> bytes:
    """BLAKE3 of ``start`` and all pieces; large ones are neither copied nor joined."""
    hasher = blake3(start)
    pending = bytearray()
    fresh = True
    for piece in pieces:
        view = memoryview(piece)
        if view.nbytes and view.format != "B":
            view = view.cast("B")
        if view.nbytes < _SMALL:
            pending += view
            if len(pending) < _SMALL:
                continue
            view, pending = memoryview(pending), bytearray()
        elif fresh and (threads := threads_for(view.nbytes)) != 1:
            hasher = blake3(start + pending, max_threads=threads)
            pending = bytearray()
        hasher.update(pending)
        pending = bytearray()
        hasher.update(view)
        fresh = False
    hasher.update(pending)
    return hasher.digest()
