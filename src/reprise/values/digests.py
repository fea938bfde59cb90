"""Digests of parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from blake3 import blake3

from reprise import forks

_THREADED: Final = 4 << 20
"""Bytes from which on more than one thread is worth its start."""


class _Threads:
    """How many threads may digest one part."""

    def __init__(self) -> None:
        self.most = blake3.AUTO
        forks.watch(self)

    def after_fork(self) -> None:
        """BLAKE3's own threads stayed with the parent, and the child would wait for them."""
        self.most = 1


_threads: Final = _Threads()


def digest_of(chunks: Iterable[memoryview], size: int) -> bytes:
    """The BLAKE3 digest of a part that comes in chunks, and has ``size`` bytes in all."""
    whole = blake3(max_threads=_threads.most if size >= _THREADED else 1)
    for chunk in chunks:
        whole.update(chunk)
    return whole.digest()
