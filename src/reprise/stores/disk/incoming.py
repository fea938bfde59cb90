"""An envelope on its way in: what its row will say, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from reprise.envelopes import Envelope, Part
from reprise.signing import Signer
from reprise.stores.disk import seals
from reprise.stores.disk.extents import Extents
from reprise.stores.disk.rows import Row

INLINE_BYTES: Final = 64 * 2**10
"""Parts that together are no larger stand in the row itself."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An envelope, and how it is going to be kept."""

    key: bytes
    envelope: Envelope
    begun: int
    """Where its computation stands in the order of all."""
    parts: tuple[Part, ...]
    extents: Extents
    content: bytes | None
    """Of the file with the parts; ``None`` where they stand in the row."""

    @classmethod
    def of(cls, key: bytes, envelope: Envelope, begun: int) -> Incoming:
        """Decide how ``envelope`` is kept."""
        parts = cast("tuple[Part, ...]", envelope.parts)
        extents = Extents.of(parts)
        inline = sum(extents.sizes) <= INLINE_BYTES
        return cls(key, envelope, begun, parts, extents, None if inline else extents.content(parts))

    @property
    def file_size(self) -> int:
        """Bytes of its file."""
        return 0 if self.content is None else self.extents.file_size

    @property
    def size(self) -> int:
        """Bytes that it takes: header and parts, in a file up to the end of their last pages."""
        inline = sum(self.extents.sizes) if self.content is None else 0
        return len(self.envelope.header) + self.file_size + inline

    def row(self, signer: Signer, identity: bytes) -> Row:
        """Its row.

        Args:
            signer: Seals it.
            identity: Of its file as it was written; nothing where that is not known.
        """
        envelope, layout = self.envelope, self.extents.packed()
        times = (float(envelope.created), float(envelope.expires))
        sealed = seals.seal(
            signer,
            key=self.key,
            group=envelope.group,
            begun=self.begun,
            times=times,
            layout=layout,
            content=self.content,
            header=envelope.header,
        )
        inline = None
        if self.content is None:
            inline = b"".join(bytes(chunk) for part in self.parts for chunk in part.chunks)
        return Row(
            0,
            self.key,
            envelope.group,
            self.begun,
            *times,
            self.size,
            sealed,
            layout,
            self.content,
            self.file_size,
            seals.voucher(signer, sealed, identity),
            envelope.header,
            inline,
        )
