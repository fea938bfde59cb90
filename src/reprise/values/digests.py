"""Digests of parts."""

from __future__ import annotations

from collections.abc import Iterable

from blake3 import blake3

from reprise.hashing import threads_for


def digest_of(chunks: Iterable[memoryview], size: int) -> bytes:
    """The BLAKE3 digest of a part that comes in chunks, and has ``size`` bytes in all."""
    whole = blake3(max_threads=threads_for(size))
    for chunk in chunks:
        whole.update(chunk)
    return whole.digest()
