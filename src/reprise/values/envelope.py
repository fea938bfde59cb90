"""Filling envelopes with packed values, and opening them again.

What comes out was written by us and is what was put: streams are digested each time before anything
decodes them; raw buffers of a file are, too, unless the store has seen that nobody wrote to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reprise.envelopes import Envelope, InvalidEnvelopeError, KeptFile, Part
from reprise.signing import Signer
from reprise.values.codecs import Packed, Received
from reprise.values.digests import digest_of
from reprise.values.headers import Facts, Header, Layout, Size, read_header, shortened, write_header
from reprise.values.kept_files import PartsFile, expect_digest, on_heap
from reprise.values.pages import POOL, PagePool


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What was in an envelope, verified."""

    facts: Facts
    value: Received
    recording: Received | None = None


def fill(
    key: bytes, facts: Facts, packed: Packed, recording: Packed | None, signer: Signer
) -> Envelope:
    """Make an envelope of a packed value and of what the function displayed.

    Args:
        key: What the envelope is kept under; under another one it cannot be opened.
        facts: What else is known of the entry.
        packed: The value.
        recording: What was displayed; ``None`` when nothing was.
        signer: Signs the header.

    Returns:
        The envelope. Its parts go through the buffers anew each time; nothing is copied.

    >>> from reprise.values import take_snapshot
    >>> from reprise.values.codecs import pack, unpack
    >>> signer = Signer(b"sixteen or more bytes")
    >>> packed = pack(take_snapshot([1, 2], list), list)
    >>> envelope = fill(b"key", Facts("group", created=0.0), packed, None, signer)
    >>> kept = replace(envelope, parts=tuple(b"".join(part.chunks) for part in envelope.parts))
    >>> unpack(open_envelope(b"key", kept, signer).value, list)
    [1, 2]
    """
    facts = replace(facts, arguments=shortened(facts.arguments))
    value_parts = tuple(_parts(packed))
    shown_parts = () if recording is None else tuple(_parts(recording))
    described = Header(
        facts,
        _describe(packed, value_parts),
        None if recording is None else _describe(recording, shown_parts),
    )
    header = write_header(key, described, signer)
    parts = value_parts + shown_parts
    return Envelope(
        header=header,
        group=facts.group,
        created=facts.created,
        expires=facts.expires,
        parts=parts,
        size=len(header) + sum(part.size for part in parts),
    )


def _parts(packed: Packed) -> Iterator[Part]:
    stream = (memoryview(packed.stream),)
    yield Part(len(packed.stream), digest_of(stream, len(packed.stream)), stream)
    for buffer in packed.buffers:
        yield Part(buffer.size, digest_of(buffer.chunks, buffer.size), buffer.chunks)


def _describe(packed: Packed, parts: Sequence[Part]) -> Layout:
    sizes = [Size(part.size, part.digest) for part in parts]
    return Layout(packed.codec, sizes, dict(packed.versions))


def open_envelope(key: bytes, envelope: Envelope, signer: Signer, pool: PagePool = POOL) -> Opened:
    """Take out of an envelope what was put into it.

    Args:
        key: What the envelope was kept under.
        envelope: As a store gave it back.
        signer: Of the same secret as the one that signed it.
        pool: Counts the files and the mappings that are alive.

    Returns:
        What can be given to :func:`reprise.values.codecs.unpack`.

    Raises:
        InvalidEnvelopeError: anything is not as it was put.
    """
    header = checked_header(key, envelope, signer)
    if isinstance(envelope.parts, tuple):
        return _open(header, _in_memory(header, envelope.parts))
    try:
        return _open_file(header, envelope.parts, pool)
    except OSError as error:
        raise InvalidEnvelopeError("unreadable", str(error)) from error


def _open_file(header: Header, kept: KeptFile, pool: PagePool) -> Opened:
    file = PartsFile.of(kept, header.parts, pool)
    if not kept.witnessed:
        file.verify()
        kept.witness()
    return _open(header, file.receive)


def verify(key: bytes, envelope: Envelope, signer: Signer, pool: PagePool = POOL) -> Facts:
    """Go through every byte of an envelope, whoever vouches for it.

    Raises:
        InvalidEnvelopeError: anything is not as it was put.
    """
    header = checked_header(key, envelope, signer)
    if isinstance(envelope.parts, tuple):
        _in_memory(header, envelope.parts)
        return header.facts
    try:
        PartsFile.of(envelope.parts, header.parts, pool).verify()
    except OSError as error:
        raise InvalidEnvelopeError("unreadable", str(error)) from error
    return header.facts


def checked_header(key: bytes, envelope: Envelope, signer: Signer) -> Header:
    """What the header of an envelope says, signature verified; its parts are not looked at.

    Raises:
        InvalidEnvelopeError: it was not signed under this key with this secret, or what the store
            says beside it is something else.
    """
    header = read_header(key, envelope.header, signer)
    facts = header.facts
    said = (facts.group, facts.created, facts.expires)
    if said != (envelope.group, envelope.created, envelope.expires):
        raise InvalidEnvelopeError("row", "group or times")
    return header


def _in_memory(header: Header, parts: Sequence[object]) -> Callable[[Layout, int], Received]:
    """Verify parts that are in memory; what gives the values in them."""
    checked = [part for part in parts if isinstance(part, bytes)]
    if list(map(len, checked)) != [part.size for part in header.parts]:
        raise InvalidEnvelopeError("truncated", "there are other parts")
    for data, part in zip(checked, header.parts, strict=True):
        expect_digest(digest_of((memoryview(data),), part.size), part.digest)

    def receive(value: Layout, first: int) -> Received:
        stream, *buffers = checked[first : first + len(value.parts)]
        return Received(value.codec, stream, on_heap(buffers), value.versions)

    return receive


def _open(header: Header, receive: Callable[[Layout, int], Received]) -> Opened:
    shown = None
    if header.recording is not None:
        shown = receive(header.recording, len(header.value.parts))
    return Opened(header.facts, receive(header.value, 0), shown)
