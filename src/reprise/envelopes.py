"""Envelopes: entries as they are kept outside of the process, in memory that is only bytes.

An envelope is a signed header and the parts that the header describes. ``values`` fills envelopes
and opens them; stores keep them and look at nothing but what is named here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from reprise.contracts import Bounds, Key, Removal, Store


class InvalidEnvelopeError(Exception):
    """An envelope is not what was put: nothing in it may be used.

    Attributes:
        reason: One of :data:`REASONS`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        """Say for which of the reasons, and what more there is to say."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


REASONS: Final = {
    "truncated": "there are fewer bytes than there must be",
    "signature": "it was not written with this secret, or not under this key, or was changed",
    "format version": "it was rightly signed, by another version of Reprise",
    "header": "it was rightly signed, and cannot be read",
    "row": "what is kept beside the header is not what the header says",
    "digest": "the bytes of a part are not those that were put",
    "unreadable": "its file is gone, or cannot be read",
}
"""Why an envelope cannot be opened."""


@dataclass(frozen=True, slots=True)
class Part:
    """One run of bytes, on its way to a store."""

    size: int
    """Bytes."""
    digest: bytes
    """BLAKE3 of the bytes, which stand in the header, too."""
    chunks: Iterable[memoryview]
    """The bytes. They can be gone through more than once, and do not change meanwhile."""


class KeptFile(Protocol):
    """A file that holds parts, each from the start of a page on. Nobody writes to it any more."""

    @property
    def extents(self) -> tuple[tuple[int, int], ...]:
        """Where each part begins and where it ends, in bytes."""
        ...

    @property
    def witnessed(self) -> bool:
        """Whether the store vouches that the file is what the envelope was put with.

        Where it does not, whoever opens the envelope goes through all bytes before it trusts any.
        """
        ...

    def witness(self) -> None:
        """Told by who went through all bytes and found them right, so that others need not."""
        ...

    def descriptor(self) -> int:
        """A descriptor of the caller's own, for reading; the caller closes it.

        While it, or a mapping made of it, lives, the store does not give the file's room to others.

        Raises:
            OSError: the file is gone, or none can be had.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """An entry as it is kept outside of the process."""

    header: bytes
    """Signed, with the key that it belongs to; only ``values`` reads it."""
    group: str
    """The cached function that it belongs to, as text; bounds hold for each group."""
    created: float
    """Seconds since the epoch."""
    expires: float = math.inf
    """Seconds since the epoch."""
    parts: tuple[Part, ...] | tuple[bytes, ...] | KeptFile = ()
    """On the way in: parts. On the way out: bytes where they are small, else the file."""
    size: int = 0
    """Bytes that keeping it costs: header and parts."""
    version: int = 0
    """Given by the store on the way out: another envelope under the same key has another one."""


class Lock(Protocol):
    """The right to compute one result, which one process on the machine has at a time."""

    def try_acquire(self) -> bool:
        """Take it if nobody has it; never waits."""
        ...

    def release(self) -> None:
        """Give it back. Does nothing if it is not held."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """When a computation began, as a store tells it."""

    clears: int
    """Moves with every clear that concerns the group, by any process."""
    order: int
    """Of two computations, the one with the larger number began later."""


class SharedStore(Store[Envelope], Protocol):
    """A store outside of the process. Its keys are 32 bytes: 16 for the call, 16 for the place.

    All but :meth:`lock` and :meth:`count_hits` raise :class:`StoreError` where the store has
    trouble.
    """

    def keep(
        self,
        key: Key,
        entry: Envelope,
        bounds: Bounds,
        *,
        since: Moment,
    ) -> int | Removal | None:
        """As :meth:`put`, for what was computed since then.

        Returns:
            The version that it got, or ``None`` where there is no room. A reason where it is out of
            date: its group was cleared meanwhile, or what stands there began later. Nothing is
            changed then.
        """
        ...

    def keys(self, call: bytes) -> list[bytes]:
        """The keys that begin with these 16 bytes."""
        ...

    def version(self, key: Key) -> int | None:
        """The version of what is kept under ``key``; quicker than :meth:`get`."""
        ...

    def moment(self, group: str) -> Moment:
        """Now: for a computation that begins, whose result is to stand in ``group``."""
        ...

    def supersede(self) -> None:
        """Let what begins from now on count as later than all that began before."""
        ...

    def count_clear(self, group: str) -> None:
        """Count a clear, before what is cleared is removed piece by piece."""
        ...

    def count_hits(self, key: Key, version: int, hits: int, /) -> None:
        """Count calls that an entry answered. They are written when something is written anyway."""
        ...

    def flush(self) -> None:
        """Write what was only counted so far."""
        ...

    def clear(self, group: str | None = None, *, created_before: float = math.inf) -> int:
        """Remove one group, or all, or what was made before then; returns how many entries."""
        ...

    def set_aside(self, key: Key, version: int, reason: str) -> bool:
        """Take away what cannot be trusted, and keep it where nothing reads it."""
        ...

    def lock(self, key: Key) -> Lock:
        """The right to compute what is to stand under ``key``."""
        ...
