"""Parts of an envelope in a file that others keep: read, verified, and mapped where that pays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reprise.envelopes import InvalidEnvelopeError, KeptFile
from reprise.values.codecs import Received
from reprise.values.digests import digest_of
from reprise.values.headers import Layout, Size
from reprise.values.pages import Extent, PageFile, PagePool
from reprise.values.spool import PAGES_FROM, HeapBuffers, PageBuffers, Stretch

_PIECE: Final = 4 << 20
"""Bytes that are read at a time to digest them: a mapping of a file that somebody truncates just
then would end the process."""


@dataclass(frozen=True, slots=True)
class PartsFile:
    """An open file, and what must lie in it."""

    file: PageFile
    counted: bool
    """Whether it may be kept open; otherwise it is read at once."""
    extents: tuple[Extent, ...]
    digests: tuple[bytes, ...]

    @classmethod
    def of(cls, kept: KeptFile, parts: Sequence[Size], pool: PagePool) -> PartsFile:
        """Open the file of an envelope whose header lists these parts.

        Raises:
            InvalidEnvelopeError: the file has other parts, or ends too early.
            OSError: it is gone, or cannot be opened.
        """
        extents = tuple(Extent(*extent) for extent in kept.extents)
        if [extent.stop - extent.start for extent in extents] != [part.size for part in parts]:
            raise InvalidEnvelopeError("truncated", "the file has other parts")
        end = max((extent.stop for extent in extents), default=0)
        descriptor = kept.descriptor()
        if os.fstat(descriptor).st_size < end:
            os.close(descriptor)
            raise InvalidEnvelopeError("truncated", "the file ends too early")
        try:
            file, counted = pool.adopt(descriptor, end), True
        except OSError:
            # As many as allowed are open. For a moment there may be one more.
            file, counted = PageFile(kept.descriptor(), pool, end), False
        return cls(file, counted, extents, tuple(part.digest for part in parts))

    def verify(self) -> None:
        """Go through all bytes.

        Raises:
            InvalidEnvelopeError: they are others than those that were put.
            OSError: they cannot be read.
        """
        for extent, digest in zip(self.extents, self.digests, strict=True):
            expect_digest(digest_of(self._pieces(extent), extent.stop - extent.start), digest)

    def _pieces(self, extent: Extent) -> Iterator[memoryview]:
        for start in range(extent.start, extent.stop, _PIECE):
            yield memoryview(self.file.read(Extent(start, min(start + _PIECE, extent.stop))))

    def receive(self, value: Layout, first: int) -> Received:
        """Read the stream of a value; its buffers stay in the file if they are large.

        Raises:
            InvalidEnvelopeError: what was read is not what was put.
            OSError: it cannot be read.
        """
        buffers = range(first + 1, first + len(value.parts))
        size = sum(part.size for part in value.parts[1:])
        kept: HeapBuffers | PageBuffers | None = None
        if self.counted and size >= PAGES_FROM:
            kept = PageBuffers(tuple(Stretch(self.file, self.extents[at]) for at in buffers))
        elif buffers:
            kept = on_heap([self._read(at) for at in buffers])
        return Received(value.codec, self._read(first), kept, value.versions)

    def _read(self, number: int) -> bytes:
        data = self.file.content(self.extents[number])
        expect_digest(digest_of((memoryview(data),), len(data)), self.digests[number])
        return data


def on_heap(buffers: Sequence[bytes]) -> HeapBuffers | None:
    """Buffers in memory. None is handed out as it is: the stream says which are read-only."""
    return HeapBuffers(tuple(buffers), (False,) * len(buffers)) if buffers else None


def expect_digest(digest: bytes, expected: bytes) -> None:
    """Refuse bytes that are not those that were put.

    Raises:
        InvalidEnvelopeError: the digests differ.
    """
    if digest != expected:
        raise InvalidEnvelopeError("digest")
