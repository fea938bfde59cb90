"""Headers of envelopes: their form, and the signature that goes over all of it.

A header is four bytes that name the format and its version, MessagePack of :class:`Header`, and
the signature of these two under the key. Nothing is decoded before the signature was verified.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import Any, Final

from reprise import forks
from reprise.envelopes import InvalidEnvelopeError
from reprise.signing import SIGNATURE_SIZE, Signer

FORMAT: Final = b"RPR"
VERSION: Final = 1
"""To be counted up whenever an older Reprise would misread what a newer one writes."""

_PURPOSE: Final = "entry"

_LONGEST_TEXT: Final = 2000
"""Characters of the arguments' text that are kept for people."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an entry besides its value."""

    group: str
    """The cached function that it belongs to, as the store knows it."""
    created: float
    """Seconds since the epoch."""
    expires: float = math.inf
    """Seconds since the epoch."""
    label: str = ""
    """The function's name, for people."""
    cost: float = 0.0
    """Seconds that the function took."""
    arguments: str = ""
    """The arguments, for people; what is too long is cut."""
    realm: str = ""
    """Where the recording can be replayed: the host, and its version."""
    owner: str = ""
    """What tells whose entry it is, where the function is cached for each user."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a header says of one part."""

    size: int
    """Bytes."""
    digest: bytes
    """BLAKE3 of them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts that hold one value: its stream, then its buffers."""

    codec: str
    parts: list[Size]
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says."""

    facts: Facts
    value: Layout
    recording: Layout | None = None

    @property
    def parts(self) -> list[Size]:
        """All parts, in the order in which they lie."""
        return self.value.parts + ([] if self.recording is None else self.recording.parts)


class _Decoder:
    """Decodes headers; made by one thread, when it is first needed.

    Of two threads that look at a class at the same time, msgspec gives one what the other has not
    finished yet, and the process ends.
    """

    def __init__(self) -> None:
        self._made: Any = None
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def make(self) -> None:
        """Have it made, unless it is."""
        if self._made is None:
            import msgspec

            with self._lock:
                if self._made is None:
                    self._made = msgspec.msgpack.Decoder(Header)

    def decode(self, body: bytes) -> Header:
        """The header that ``body`` encodes."""
        self.make()
        header: Header = self._made.decode(body)
        return header


DECODER: Final = _Decoder()


def write_header(key: bytes, header: Header, signer: Signer) -> bytes:
    """Make the bytes of a header, signed for one key."""
    import msgspec

    body = FORMAT + bytes((VERSION,)) + msgspec.msgpack.encode(header)
    return body + signer.sign(_PURPOSE, key, body)


def read_header(key: bytes, data: bytes, signer: Signer) -> Header:
    """Read a header that was written for ``key`` with the same secret.

    Raises:
        InvalidEnvelopeError: it was not, or was changed, or is of another version's form.
    """
    start = len(FORMAT) + 1
    if len(data) < start + SIGNATURE_SIZE:
        raise InvalidEnvelopeError("truncated", "the header")
    body, signature = data[:-SIGNATURE_SIZE], data[-SIGNATURE_SIZE:]
    if not signer.verifies(signature, _PURPOSE, key, body):
        raise InvalidEnvelopeError("signature")
    if body[:start] != FORMAT + bytes((VERSION,)):
        raise InvalidEnvelopeError("format version", f"{body[:start]!r}")
    try:
        header = DECODER.decode(body[start:])
    except Exception as error:
        # Signed and unreadable: the form has changed, and its version was not counted up.
        raise InvalidEnvelopeError("header", str(error)) from error
    return header


def owner_of(key: Any, data: bytes, signer: Signer) -> str | None:
    """Whose entry it is by its header; ``None`` where that was not written for ``key``."""
    try:
        return read_header(key, data, signer).facts.owner
    except InvalidEnvelopeError:
        return None


def shortened(text: str) -> str:
    """A text that is short enough to be kept for people, and that can be encoded."""
    cut = text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."
    return cut.encode("utf-8", "replace").decode()
