"""The small contracts between the rooms: what each promises to the others, and nothing else.

Every room (``keys``, ``values``, ``stores``, ``flights``, ``hosts``, ``observe``) may import this
module; none of them may import another room. The engine puts them together.
"""

from __future__ import annotations

import enum
import math
import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias, TypeVar, runtime_checkable

from reprise.hosting import Recording

Key: TypeAlias = Hashable
"""What finds an entry: a tuple of exact types and values, or a digest. Compared, never read."""


class Missing(enum.Enum):
    """The type of :data:`MISSING`, an enum so that type checkers can narrow it away.

    >>> from reprise import MISSING
    >>> MISSING
    MISSING
    """

    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""What ``func.peek(...)`` answers when nothing is stored. It is false, and it is not ``None``."""


class Clock(Protocol):
    """Where time comes from. Tests inject one that they move by hand."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; for ages inside the process."""
        ...

    def time(self) -> float:
        """Seconds since the epoch; for what is read by other processes or people."""
        ...

    def wait(self, condition: threading.Condition, timeout: float) -> None:
        """Wait on a held ``condition`` until it is notified or ``timeout`` seconds have passed."""
        ...


@runtime_checkable
class Snapshot(Protocol):
    """A value in the form in which it is kept."""

    @property
    def size(self) -> int:
        """Bytes that keeping it costs."""
        ...

    @property
    def shared(self) -> object:
        """The value itself where it may be handed out as it is, else :data:`MISSING`."""
        ...

    def restore(self) -> Any:
        """Give the caller a value of its own. What is done to it is never seen by another."""
        ...


class Removal(enum.Enum):
    """Why an entry left its store."""

    CLEARED = "cleared"
    EVICTED = "evicted"
    EXPIRED = "expired"
    REPLACED = "replaced"
    INVALID = "invalid"
    SESSION_ENDED = "session ended"
    EXIT = "interpreter exit"


@dataclass(slots=True, eq=False)
class Backing:
    """Where an entry also stands outside of the process."""

    key: bytes
    version: int
    checked: float
    """``Clock.monotonic()`` when it was last known to be there still, in seconds."""
    counted: int = 0
    """Hits of the entry that the store was told of."""


@dataclass(slots=True, eq=False)
class Entry:
    """One stored result.

    Not frozen, for the sake of ``hits``: the wrapper counts on the entry that it serves, and that
    one addition is at the same time the mark that eviction looks at (an entry whose count moved
    since the hand passed it last was visited). Besides it only ``backing`` and, with that,
    ``fast_until`` change.
    """

    snapshot: Snapshot
    group: str
    """The cached function that it belongs to, as text; bounds hold for each group."""
    created: float
    """``Clock.monotonic()`` when the value was there, in seconds: its ttl counts from then."""
    fresh_until: float = math.inf
    """Until then it is served as it is."""
    expires: float = math.inf
    """From then on it is never served, and leaves on its own. Past ``fresh_until`` when a
    background refresh may serve it stale."""
    cost: float = 0.0
    """Seconds that the function took."""
    recording: Recording | None = None
    session: str | None = None
    """The session that it was made for, when the function is cached for each session."""
    fast_until: float = -math.inf
    """Until then the generated wrapper may hand it out without asking the engine: it was
    computed without display, needs no validation and can be restored without a host."""
    value: object = MISSING
    """``snapshot.shared``, copied here so that the wrapper reads one attribute."""
    backing: Backing | None = None
    """Where it stands outside of the process too; it is good for as long as it does."""
    restore: Callable[[], Any] | None = None
    """``snapshot.restore`` where ``value`` is missing, for the same reason."""
    hits: int = 0
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.value = self.snapshot.shared
        self.restore = self.snapshot.restore if self.value is MISSING else None
        recording = self.recording.size if self.recording is not None else 0
        self.size = self.snapshot.size + recording


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of one group may be kept."""

    entries: float = math.inf
    size: float = math.inf
    """Bytes."""


@dataclass(frozen=True, slots=True)
class GroupUsage:
    """What one group occupies now."""

    entries: int = 0
    size: int = 0
    """Bytes."""


class Bound(enum.Enum):
    """What an entry had to leave for."""

    ENTRIES = "max_entries of the function"
    SIZE = "max_size of the function"
    TOTAL_SIZE = "max_size of the process"


@dataclass(frozen=True, slots=True)
class Eviction:
    """By what an entry was evicted."""

    bound: Bound
    key: Key | None = None
    """What was put in its place; ``None`` where the bound itself was lowered."""


class Keepable(Protocol):
    """What a store looks at in what it keeps: an :class:`Entry`, or an envelope of its bytes."""

    @property
    def group(self) -> str:
        """The cached function that it belongs to, as text; bounds hold for each group."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def expires(self) -> float:
        """When it expires, in seconds on the clock of the store."""
        ...


Kept = TypeVar("Kept", bound=Keepable)
Left_contra = TypeVar("Left_contra", bound=Keepable, contravariant=True)


class RemovalListener(Protocol[Left_contra]):
    """Told of every entry that leaves a store, after it left and with no lock held."""

    def __call__(
        self, key: Key, entry: Left_contra, reason: Removal, eviction: Eviction | None, /
    ) -> None:
        """``entry`` left; ``eviction`` says by what, where that was the reason."""
        ...


class Store(Protocol[Kept]):
    """Where entries live. It knows keys, groups and bounds, and nothing of functions."""

    def get(self, key: Key) -> Kept | None:
        """The entry, expired or not; looking is no visit."""
        ...

    def put(
        self, key: Key, entry: Kept, bounds: Bounds, *, when: Callable[[], bool] | None = None
    ) -> bool:
        """Keep ``entry`` within ``bounds`` and the store's own; false when it is too large.

        ``when`` is asked at the moment of the change, and nothing changes if it says no (false
        then, too): no ``remove`` that comes after can be overtaken.
        """
        ...

    def remove(self, key: Key, reason: Removal, *, only: Kept | None = None) -> bool:
        """Let go of one entry, where ``only`` is given just if it is still that very one."""
        ...

    def entries(self, group: str | None = None) -> Iterator[tuple[Key, Kept]]:
        """A consistent copy of what is kept, of one group or of all."""
        ...

    def usage(self, group: str | None = None) -> GroupUsage:
        """Entries and bytes of one group, or of all."""
        ...

    def sweep(self, now: float) -> float:
        """Remove what expired by ``now``; returns when the next one will, ``inf`` if none."""
        ...
