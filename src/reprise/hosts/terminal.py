"""The host for everywhere else: a script, a service, a shell."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from reprise.clocks import SystemClock
from reprise.config import settings
from reprise.contracts import Clock
from reprise.hosting import (
    Call,
    HostListener,
    Input,
    NotWrittenError,
    Progress,
    Recorder,
    Recording,
    Replayed,
    Unparted,
    Written,
)

if TYPE_CHECKING:
    from reprise.hosts.screen import Screen
    from reprise.hosts.spinner import Watcher

T = TypeVar("T")

_REALM = "terminal"


class TerminalHost:
    """Shows a spinner where there is a terminal; records nothing, knows no sessions.

    Implements ``reprise.hosting.Host``.

    Args:
        clock: Where time comes from.
        screen: Where the spinner is shown; the terminal of standard error by default.
    """

    def __init__(self, clock: Clock | None = None, screen: Screen | None = None) -> None:
        self._clock = clock or SystemClock()
        self._given = screen
        self._making = threading.Lock()
        self._made: Watcher | None = None

    @property
    def realm(self) -> str:
        """Where recordings of this host can be replayed."""
        return _REALM

    def active(self) -> bool:
        """Always: this host is asked last."""
        return True

    def session(self) -> str | None:
        """None: a terminal has one user."""
        return None

    def user(self) -> str | None:
        """None: nobody logs in to a terminal's program."""
        return None

    def spinner(self, text: str, show_time: bool) -> AbstractContextManager[None]:
        """Show ``text`` on standard error, if that is a terminal, once it has taken a while.

        Args:
            text: One line.
            show_time: Whether the elapsed time is shown too.
        """
        return self.bar(text, show_time, _no_progress)

    def bar(
        self, text: str | None, show_time: bool, progress: Callable[[], Progress | None]
    ) -> AbstractContextManager[None]:
        """Show a bar there, once there is progress; until then ``text``, as a spinner.

        Args:
            text: One line; ``None`` for none.
            show_time: Whether the elapsed time is shown beside it; a bar always shows it.
            progress: Asked for each drawing.
        """
        watcher = self._watcher
        if not watcher.available():
            return contextlib.nullcontext()
        from reprise.hosts.spinner import Running

        return Running(watcher, text, show_time, progress)

    def record(self, call: Call) -> AbstractContextManager[Recorder]:  # noqa: ARG002 - the contract
        """Listen to nothing."""
        return contextlib.nullcontext(_Recorder("streamlit" in sys.modules))

    def replay(self, recording: Recording, call: Call) -> Replayed:  # noqa: ARG002 - the contract
        """Nothing was displayed, so nothing is to be displayed again."""
        return Unparted()

    def write_down(
        self,
        recording: Recording,
        encode: Callable[[Any], bytes],  # noqa: ARG002 - the contract
    ) -> Written:
        """There is nothing in it to write down."""
        if not isinstance(recording, _Unheard):
            raise NotWrittenError("a recording of another host")
        return Written(b"", {})

    def read_back(
        self,
        written: Written,
        decode: Callable[[bytes], Any],  # noqa: ARG002 - the contract
    ) -> Recording | None:
        """The recording of nothing, where that was written down."""
        return _Unheard() if written == Written(b"", {}) else None

    def hidden_page(self, recording: Recording, call: Call) -> None:
        """None: there is no recording that would need one."""

    def connect(self, listener: HostListener) -> None:
        """A terminal has nothing to tell."""

    def close(self) -> None:
        """Clear the screen and end the thread that watches it."""
        if self._made is not None:
            self._made.close()

    @property
    def _watcher(self) -> Watcher:
        """Made for the first spinner: a program without misses needs none of it."""
        with self._making:
            if self._made is None:
                from reprise.hosts.screen import TerminalScreen
                from reprise.hosts.spinner import Watcher

                screen = self._given or TerminalScreen()
                self._made = Watcher(self._clock, screen, lambda: settings().spinner_delay)
            return self._made


def _no_progress() -> None:
    """What never tells how far it is has a spinner."""


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Notices when the function itself was the first to load Streamlit.

    It may have displayed something while nobody listened. Its result must not be taken for one
    that displays nothing, and so gets a recording which no other host will replay.
    """

    loaded_before: bool

    def keep(self, act: Callable[[], T]) -> T:
        return act()

    def recording(self, shared: object = None) -> Recording | None:  # noqa: ARG002 - the contract
        return None if self.loaded_before or "streamlit" not in sys.modules else _Unheard()


@dataclass(frozen=True, slots=True)
class _Unheard:
    """A recording of nothing; implements ``reprise.hosting.Recording``."""

    realm: str = _REALM
    size: int = 0
    replayable: bool = True
    obstacle: str = ""
    refreshable: bool = False
    inputs: tuple[Input, ...] = ()

    def unparted(self, value: Any) -> Any:
        """The value: what might be in it nobody has noticed."""
        return value
