"""From a row to an envelope, or to what is wrong with it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from reprise.envelopes import Envelope, KeptFile
from reprise.signing import Signer
from reprise.stores.disk import seals
from reprise.stores.disk.extents import Extents
from reprise.stores.disk.files import Files
from reprise.stores.disk.rows import Row

Attest: TypeAlias = Callable[[Row, bytes], None]
"""Told the identity of a row's file once its bytes were found right."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Why an entry cannot be handed out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Opener:
    """Makes envelopes of rows.

    Args:
        signer: Verifies seals.
        files: Where large parts are.
        attest: Told of files that were found right.
    """

    signer: Signer
    files: Files
    attest: Attest

    def opened(self, key: bytes, row: Row) -> Envelope | Damage:
        """The envelope of ``row``, which was found under ``key``.

        Raises:
            OSError: its file is there and cannot be opened.
        """
        if not row.is_well_typed():
            return Damage("its row was damaged")
        sealed = seals.seal(
            self.signer,
            key=key,
            group=row.group,
            begun=row.begun,
            times=(row.created, row.expires),
            layout=row.layout,
            content=row.content,
            header=row.header,
        )
        if not hmac.compare_digest(sealed, row.seal):
            return Damage("its row was changed, or was written with another secret")
        extents = Extents.unpacked(row.layout)
        parts: tuple[bytes, ...] | KeptFile | None
        if row.content is None:
            parts = extents.divided(row.inline or b"")
        else:
            vouched = seals.vouched(self.signer, row.seal, row.witness)
            parts = self.files.open(
                row.content, extents, vouched, lambda identity: self.attest(row, identity)
            )
        if parts is None:
            return Damage("its parts are missing, or not whole")
        return replace(row.envelope(), parts=parts)
