"""The contract between the engine and its hosts: calls, recordings, replays, pages.

What else the rooms promise to one another stands in :mod:`reprise.contracts`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from reprise.errors import UnhashableParamError

T = TypeVar("T")


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

    def unparted(self, value: Any) -> Any:
        """``value`` for who is shown nothing: parts of a page in it lead nowhere.

        Args:
            value: What the function returned, restored.
        """
        ...


class NotWrittenError(Exception):
    """A recording holds what only this process has; the message is what that is."""


@dataclass(frozen=True, slots=True)
class Written:
    """A recording as bytes that outlive the process."""

    content: bytes
    versions: Mapping[str, str]
    """Of all on which it depends whether the bytes mean the same to their reader."""


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
        """Be on that page; to be entered once, in a context (``contextvars``) of its own.

        Raises:
            NotBehindError: the thread, or the task, that enters it cannot be there.
        """
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

    def write_down(self, recording: Recording, encode: Callable[[Any], bytes]) -> Written:
        """Make bytes of a recording of this host, of which another process can make it again.

        Args:
            recording: What was displayed.
            encode: Makes bytes of plain data; raises :class:`NotWrittenError` for anything else.

        Raises:
            NotWrittenError: it holds what only this process has.
        """
        ...

    def read_back(self, written: Written, decode: Callable[[bytes], Any]) -> Recording | None:
        """Make a recording of such bytes. They do nothing but become one, whatever they are.

        Args:
            written: What came back.
            decode: Makes plain data of bytes; may raise anything.

        Returns:
            The recording; ``None`` where it was written for other versions, or is none.
        """
        ...

    def hidden_page(self, recording: Recording, call: Call) -> HiddenPage | None:
        """A page to refresh ``recording`` on, behind ``call``; ``None`` where there can be none."""
        ...

    def connect(self, listener: HostListener) -> None:
        """Tell ``listener`` from now on. Called once, by the composition root."""
        ...
