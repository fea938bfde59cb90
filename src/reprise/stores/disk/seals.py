"""What rows are signed with: nothing in the index is believed before its seal was verified.

A seal covers the key and all that decides what is handed out for it, times included. A voucher says
of one file, for one entry, that its bytes were right when it was the file that it still is. It
covers the seal, so that the voucher of another entry's file is worth nothing here.
"""

from __future__ import annotations

import struct
from typing import Final

from reprise.signing import SIGNATURE_SIZE, Signer

_ROW: Final = "row of the disk store"
_FILE: Final = "file of the disk store"


def seal(
    signer: Signer,
    *,
    key: bytes,
    group: str,
    begun: int,
    times: tuple[float, float],
    layout: bytes,
    content: bytes | None,
    header: bytes,
) -> bytes:
    """The seal of a row; ``times`` are those of creation and expiry, in seconds.

    ``begun`` hands nothing out, but one that was moved on would keep the entry from being replaced.
    """
    return signer.sign(
        _ROW,
        key,
        group.encode(errors="surrogatepass"),
        struct.pack("<q2d", begun, *times),
        layout,
        content or b"",
        header,
    )


def voucher(signer: Signer, sealed: bytes, identity: bytes) -> bytes | None:
    """What the row with this seal says of the file with this identity, ``None`` for no file."""
    return signer.sign(_FILE, sealed, identity) + identity if identity else None


def vouched(signer: Signer, sealed: bytes, voucher: bytes | None) -> bytes | None:
    """The identity of the file that a voucher stands for, ``None`` where it is not ours."""
    if voucher is None:
        return None
    signature, identity = voucher[:SIGNATURE_SIZE], voucher[SIGNATURE_SIZE:]
    return identity if signer.verifies(signature, _FILE, sealed, identity) else None
