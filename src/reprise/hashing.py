"""BLAKE3 on as many threads as a piece is worth, and on one where its threads are gone."""

from __future__ import annotations

from typing import Final

from blake3 import blake3

from reprise import forks

_THREADED: Final = 4 << 20
"""Bytes from which more than one thread is worth its start.

Starting them costs about 50 us: measured on two busy cores, one thread was faster up to 8 MB by
a few per cent, and level at 32 MB; with more cores several are ahead from about 1 MB.
"""


class _Threads:
    """How many threads may hash one piece."""

    def __init__(self) -> None:
        self.most = blake3.AUTO
        forks.watch(self)

    def after_fork(self) -> None:
        """BLAKE3's own threads stayed with the parent, and the child would wait for them."""
        self.most = 1


_threads: Final = _Threads()


def threads_for(size: int) -> int:
    """What BLAKE3 is to be given as ``max_threads``.

    Args:
        size: Bytes of the piece that is to be hashed.

    >>> threads_for(1000)
    1
    """
    return _threads.most if size >= _THREADED else 1
