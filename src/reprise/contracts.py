"""The small contracts between the rooms: what each promises to the others, and nothing else.

Every room (``keys``, ``values``, ``stores``, ``flights``, ``hosts``, ``observe``) may import this
module; none of them may import another room. The engine puts them together.
"""

from __future__ import annotations

import enum
import math
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias, TypeVar, runtime_checkable

from reprise.errors import UnhashableParamError

T = TypeVar("T")

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


class Recording(Protocol):
    """What a function displayed while it ran, ready to be replayed by the host that made it."""

    @property
    def realm(self) -> str:
        """The host that can replay it (``Host.realm`` at the time it was made)."""
        ...

    @property
    def size(self) -> int:
        """Bytes that keeping it costs, roughly."""
        ...

    @property
    def replayable(self) -> bool:
        """Whether it can ever be replayed; when not, the function has to run every time."""
        ...

    @property
    def obstacle(self) -> str:
        """What cannot be replayed, to go into a message; empty when it is replayable."""
        ...

    @property
    def refreshable(self) -> bool:
        """Whether the function can be refreshed behind, on a page that nobody sees."""
        ...

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What the function read besides its arguments, in the order in which it did."""
        ...


class Input(Protocol):
    """Something besides its arguments that a function read while it ran: a widget's value, say."""

    @property
    def name(self) -> str:
        """What it is called in messages; empty where nothing need be said of it."""
        ...

    @property
    def question(self) -> Hashable:
        """What was asked for; equal for the same in any call."""
        ...

    @property
    def answer(self) -> bytes:
        """Digest of the question and of what was there when the function read it."""
        ...

    def read(self, call: Call) -> bytes:
        """The digest of what is there for ``call``, which has it read from now on.

        Raises:
            LookupError: there is nothing that could be compared.
        """
        ...

    def look(self, call: Call) -> bytes:
        """As :meth:`read`, and nothing on the page, or behind it, changes by it."""
        ...


def _no_digest(question: object, value: object) -> bytes:  # noqa: ARG001 - stands for one that does
    raise UnhashableParamError(f"there is nothing here that could digest {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a cached function, as a host gets to see it."""

    function: Callable[..., Any]
    """The user's own function. Its globals and closure are those of the current run."""
    arguments: Mapping[str, Any]
    """Every parameter with its value, defaults filled in, excluded ones too."""
    widgets_allowed: bool = False
    """Whether the function was decorated with ``experimental_allow_widgets=True``."""
    digest: Callable[[object, object], bytes] = _no_digest
    """Digests what was asked for together with what was read; raises :class:`RepriseError` for what
    has no encoding. Hash functions of the user's speak for what was read only."""

    @property
    def name(self) -> str:
        """The function's qualified name, for messages."""
        qualified: str = getattr(self.function, "__qualname__", repr(self.function))
        return qualified.rpartition("<locals>.")[2]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a function is that runs, as it told last."""

    done: float
    """From 0 to the total."""
    total: float | None
    """``None`` where nobody knows."""
    text: str
    began: float
    """``Clock.monotonic()`` when the function began to run, in seconds."""


class Recorder(Protocol):
    """Listens while a function runs."""

    def keep(self, act: Callable[[], T]) -> T:
        """Take or restore the snapshot of what the function returned, which is ``act``.

        Parts of a page in the value belong to this run; a later call is given its own.
        """
        ...

    def recording(self, shared: object = None) -> Recording | None:
        """What was displayed since the start; ``None`` when nothing was.

        Asked once, after the snapshot was taken and while the recorder is still active.

        Args:
            shared: What the function returned, where all callers are given that very object.

        Raises:
            CacheReplayClosureError: something was displayed in a place that no later call can find.
        """
        ...


class Replayed(Protocol):
    """What a replay has displayed."""

    def own(self, value: Any, restore: Callable[[], Any]) -> Any:
        """The value for the call that it was displayed for.

        Args:
            value: What was restored before. Parts of a page in it lead nowhere.
            restore: Restores it once more; now such parts are those that were displayed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Unparted:
    """A replay after which values are as they are: there is no part of a page in them."""

    def own(self, value: Any, restore: Callable[[], Any]) -> Any:  # noqa: ARG002 - it is own
        """The value."""
        return value


class HostListener(Protocol):
    """What a host tells the engine."""

    def session_ended(self, session: str) -> None:
        """A user has gone: what was kept for this session leaves."""
        ...

    def clear_requested(self) -> None:
        """The user asked the host to clear all caches."""
        ...


class LeftEarlyError(BaseException):
    """A function on a hidden page asked its host to stop the run, or to begin it again."""


class NotBehindError(LeftEarlyError):
    """A function on a hidden page did what can only be done in front."""


class HiddenPage(Protocol):
    """A page that nobody sees: what is displayed and written there comes into recordings only.

    What is read there is what there was when the page was made.
    """

    @property
    def call(self) -> Call:
        """The call as it is to be made there."""
        ...

    def entered(self) -> AbstractContextManager[None]:
        """Be on that page; to be entered once, in a context (``contextvars``) of its own."""
        ...


class Host(Protocol):
    """The environment that a function runs in."""

    def active(self) -> bool:
        """Whether the calling thread runs under this host now. Called often: it must be cheap."""
        ...

    @property
    def realm(self) -> str:
        """Recordings made in one realm can be replayed there and nowhere else."""
        ...

    def session(self) -> str | None:
        """The session that the calling thread works for, or ``None`` where there is none."""
        ...

    def user(self) -> str | None:
        """What tells the user that the calling thread works for from all others.

        It is the same in every session of that user, and ``None`` where nobody is logged in.
        """
        ...

    def spinner(self, text: str, show_time: bool) -> AbstractContextManager[None]:
        """Show that something slow is running for as long as the context is open."""
        ...

    def bar(
        self, text: str | None, show_time: bool, progress: Callable[[], Progress | None]
    ) -> AbstractContextManager[None]:
        """Show how far something slow is for as long as the context is open.

        Args:
            text: What the spinner says that stands there until there is progress, and what the bar
                says for progress without a text; ``None`` for no spinner.
            show_time: Whether that spinner tells the elapsed time.
            progress: Asked now and then, from any thread; never raises.
        """
        ...

    def record(self, call: Call) -> AbstractContextManager[Recorder]:
        """Listen to what ``call`` displays."""
        ...

    def replay(self, recording: Recording, call: Call) -> Replayed | None:
        """Display ``recording`` again, in the containers that are in force for ``call``.

        Returns:
            What was displayed; ``None`` when the recording does not fit this call (the page is
            another one, say). Nothing was displayed then, and the function has to run.
        """
        ...

    def hidden_page(self, recording: Recording, call: Call) -> HiddenPage | None:
        """A page to refresh ``recording`` on, behind ``call``; ``None`` where there can be none."""
        ...

    def connect(self, listener: HostListener) -> None:
        """Tell ``listener`` from now on. Called once, by the composition root."""
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
class Entry:
    """One stored result.

    Not frozen, for the sake of ``hits``: the wrapper counts on the entry that it serves, and that
    one addition is at the same time the mark that eviction looks at (an entry whose count moved
    since the hand passed it last was visited). It is the only field that changes.
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


class RemovalListener(Protocol):
    """Told of every entry that leaves a store, after it left and with no lock held."""

    def __call__(
        self, key: Key, entry: Entry, reason: Removal, eviction: Eviction | None, /
    ) -> None:
        """``entry`` left; ``eviction`` says by what, where that was the reason."""
        ...


class Store(Protocol):
    """Where entries live. It knows keys, groups and bounds, and nothing of functions."""

    def get(self, key: Key) -> Entry | None:
        """The entry, expired or not; looking is no visit."""
        ...

    def put(
        self, key: Key, entry: Entry, bounds: Bounds, *, when: Callable[[], bool] | None = None
    ) -> bool:
        """Keep ``entry`` within ``bounds`` and the store's own; false when it is too large.

        ``when`` is asked at the moment of the change, and nothing changes if it says no (false
        then, too): no ``remove`` that comes after can be overtaken.
        """
        ...

    def remove(self, key: Key, reason: Removal, *, only: Entry | None = None) -> bool:
        """Let go of one entry, where ``only`` is given just if it is still that very one."""
        ...

    def entries(self, group: str | None = None) -> Iterator[tuple[Key, Entry]]:
        """A consistent copy of what is kept, of one group or of all."""
        ...

    def usage(self, group: str | None = None) -> GroupUsage:
        """Entries and bytes of one group, or of all."""
        ...

    def sweep(self, now: float) -> float:
        """Remove what expired by ``now``; returns when the next one will, ``inf`` if none."""
        ...
