"""Signatures: what shows that bytes outside of the process were written by this deployment.

BLAKE3 in its keyed mode (the BLAKE3 specification, section 6.2) is the only algorithm, and the
only one that is ever tried: what is stored cannot choose another.
"""

from __future__ import annotations

import hmac
from typing import Final

from blake3 import blake3

SIGNATURE_SIZE: Final = 32
"""Bytes of a signature."""

_CONTEXT: Final = "reprise 2026-11-21 signatures of entries"
"""Tells keys made here from keys that others derive from the same secret."""


class Signer:
    """Signs and verifies with one secret.

    Args:
        secret: What only this deployment knows; at least 16 bytes.

    Raises:
        ValueError: the secret is too short to be one.

    >>> signer = Signer(b"sixteen or more bytes")
    >>> signature = signer.sign("entry", b"header", b"content")
    >>> signer.verifies(signature, "entry", b"header", b"content")
    True
    >>> signer.verifies(signature, "entry", b"head", b"ercontent")
    False
    """

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("a secret needs at least 16 bytes")
        self._key = blake3(secret, derive_key_context=_CONTEXT).digest()

    def sign(self, purpose: str, *parts: bytes | memoryview) -> bytes:
        """The signature of ``parts``, each with its length, for one purpose and no other."""
        whole = blake3(key=self._key)
        for part in (purpose.encode(), *parts):
            whole.update(len(part).to_bytes(8, "little"))
            whole.update(part)
        return whole.digest()

    def verifies(self, signature: bytes, purpose: str, *parts: bytes | memoryview) -> bool:
        """Whether ``signature`` is that of ``parts``, found in the same time whatever it is."""
        return hmac.compare_digest(self.sign(purpose, *parts), bytes(signature))
