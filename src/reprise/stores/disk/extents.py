"""How parts lie in a file: one after another, each from the start of a page on."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from blake3 import blake3

from reprise.envelopes import Part

_CONTENT: Final = "reprise 2026-11-21 names of files with parts"


@dataclass(frozen=True, slots=True)
class Extents:
    """Where parts begin and end.

    >>> extents = Extents(4096, (5000, 10))
    >>> extents.places
    ((0, 5000), (8192, 8202))
    >>> extents.file_size
    12288
    >>> Extents.unpacked(extents.packed()) == extents
    True

    Args:
        page: Bytes that the start of each part is a multiple of.
        sizes: Bytes of each part.
    """

    page: int
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Extents:
        """Those of ``parts`` on this machine."""
        return cls(max(4096, mmap.PAGESIZE), tuple(part.size for part in parts))

    @classmethod
    def unpacked(cls, packed: bytes) -> Extents:
        """What :meth:`packed` made these bytes of."""
        page, *sizes = struct.unpack(f"<{len(packed) // 8}Q", packed)
        return cls(page, tuple(sizes))

    def packed(self) -> bytes:
        """As bytes."""
        return struct.pack(f"<{1 + len(self.sizes)}Q", self.page, *self.sizes)

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Where each part begins and where it ends, in bytes."""
        places: list[tuple[int, int]] = []
        start = 0
        for size in self.sizes:
            places.append((start, start + size))
            start += -(-size // self.page) * self.page
        return tuple(places)

    @property
    def file_size(self) -> int:
        """Bytes of the whole file, which ends with a page."""
        return sum(-(-size // self.page) * self.page for size in self.sizes)

    def content(self, parts: Sequence[Part]) -> bytes:
        """The digest that the file of ``parts`` is named after: same name, same bytes."""
        digests = b"".join(part.digest for part in parts)
        return blake3(self.packed() + digests, derive_key_context=_CONTENT).digest()

    def divided(self, inline: bytes) -> tuple[bytes, ...] | None:
        """The parts that were put one after another without gaps; ``None`` if there is not each."""
        if len(inline) != sum(self.sizes):
            return None
        parts: list[bytes] = []
        start = 0
        for size in self.sizes:
            parts.append(inline[start : start + size])
            start += size
        return tuple(parts)
