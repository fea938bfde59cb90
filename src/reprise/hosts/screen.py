"""One line of text on a terminal, which leaves no trace and spoils nothing that others write.

The line is drawn to the right of the cursor, and the cursor stays where the program left it: text
without a newline that stands there already is kept, whereas the usual carriage return would wipe
it out. To take the line away is to erase from the cursor to the end of the line.

What the program prints meanwhile has to come after an erasure. ``rich.live`` puts other objects in
the place of ``sys.stdout`` and ``sys.stderr`` for that. It is not used here: done from another
thread, that clashes with ``contextlib.redirect_stdout`` in the function (the wrong stream stays in
place for good), misses those who hold the stream already, such as ``logging``, and sends what goes
to a redirected stdout to stderr. Here the stream stays the same object and gets another ``write``.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reprise.hosting import Progress
from reprise.hosts import bars

if TYPE_CHECKING:
    from rich.console import Console

_logger = logging.getLogger("reprise")

_SAVE_CURSOR, _RESTORE_CURSOR = "\x1b7", "\x1b8"
_ERASE_TO_END = "\x1b[0K"
# Nobody knows the cursor's column, so what does not fit is cut off instead of going to a new line.
_WRAP_OFF, _WRAP_ON = "\x1b[?7l", "\x1b[?7h"
_BAR_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Frame:
    """What the line shows at one moment."""

    text: str
    seconds: float
    """How long the function has been running."""
    show_time: bool
    others: int = 0
    """How many more functions are running for as long that they would be shown."""
    progress: Progress | None = None
    """How far it is, if it tells that."""
    now: float = 0.0
    """The moment, on the clock of ``progress.began``."""


Content = Callable[[], "Frame | None"]


class Screen(Protocol):
    """Where the line is shown."""

    def available(self) -> bool:
        """Whether anything can be shown now. Called on every miss."""
        ...

    def refresh(self, content: Content) -> None:
        """Show what ``content`` says, or nothing for ``None``.

        ``content`` is asked while no other thread can change the screen: of two refreshes at the
        same time, the later one shows what is true then.
        """
        ...

    def abandon(self) -> None:
        """Forget what is shown without touching it: it belongs to the process forked from."""
        ...


class TerminalScreen:
    """The terminal that standard error leads to, if it does.

    Args:
        stream: What is standard error now.
    """

    def __init__(self, stream: Callable[[], object] = lambda: sys.stderr) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._line: _Line | None = None
        self._usable = True

    def available(self) -> bool:
        """Whether standard error is a terminal which understands the codes used here."""
        return self._usable and _terminal(self._stream()) is not None

    def refresh(self, content: Content) -> None:
        """Show what ``content`` says, or nothing for ``None``."""
        with self._lock:
            frame = content()
            try:
                if frame is not None:
                    self._draw(frame)
                elif self._line is not None:
                    self._line.remove()
                    self._line = None
            except (OSError, ValueError):
                # The terminal is gone, the stream closed, or the text not in its encoding. A
                # spinner is no reason to disturb the function: from now on there is none.
                _logger.debug("The spinner cannot be shown any more", exc_info=True)
                self._give_up()

    def abandon(self) -> None:
        """Forget what is shown without touching it."""
        self._lock = threading.RLock()
        if self._line is not None:
            self._line.unguard()
            self._line = None

    def _draw(self, frame: Frame) -> None:
        if self._line is None:
            stream = _terminal(self._stream())
            if stream is None:  # redirected since the function was called
                return
            from rich.console import Console

            console = Console(file=stream, force_terminal=True, highlight=False)
            if console.legacy_windows:  # knows no codes
                self._usable = False
                return
            self._line = _Line(stream, console, self._lock)
        self._line.draw(frame)

    def _give_up(self) -> None:
        self._usable = False
        if self._line is not None:
            self._line.unguard()
            self._line = None


def _terminal(stream: object) -> io.TextIOWrapper | None:
    """``stream`` if it is a terminal on which a line can be drawn."""
    # Exactly what Python itself opens: a stand-in (rich, colorama, an IDE) may hold back what is
    # written until a newline, or may change the codes.
    if type(stream) is not io.TextIOWrapper or os.environ.get("TERM") in ("dumb", "unknown"):
        return None
    try:
        return stream if stream.isatty() else None
    except ValueError:  # closed
        return None


class _Line:
    """The line as long as it is there. Everything happens under the screen's lock."""

    def __init__(self, stream: io.TextIOWrapper, console: Console, lock: threading.RLock) -> None:
        from rich.spinner import Spinner

        wide = console.encoding.startswith("utf")
        self._console = console
        self._marks = "━─" if wide else "#-"
        self._spinner = Spinner("dots" if wide else "line", style="status.spinner")
        self._stream = stream
        self._write = stream.write
        self._drawn = False
        self._guards = [_Guard(other, self._erase, lock) for other in _streams_to_guard(stream)]

    def draw(self, frame: Frame) -> None:
        self._put(
            f"{_SAVE_CURSOR}{_WRAP_OFF}{self._render(frame)}{_ERASE_TO_END}{_WRAP_ON}"
            f"{_RESTORE_CURSOR}"
        )
        self._drawn = True

    def remove(self) -> None:
        self.unguard()
        self._erase()

    def unguard(self) -> None:
        for guard in self._guards:
            guard.remove()

    def _erase(self) -> None:
        if self._drawn:
            self._drawn = False
            self._put(_ERASE_TO_END)

    def _put(self, text: str) -> None:
        self._write(text)
        self._stream.flush()

    def _render(self, frame: Frame) -> str:
        from rich.text import Text

        self._spinner.update(text=Text(describe(frame, self._marks)))
        rendered = self._spinner.render(frame.seconds)
        with self._console.capture() as capture:
            self._console.print(rendered, end="", no_wrap=True, overflow="ellipsis")
        return capture.get()


def describe(frame: Frame, marks: str = "#-") -> str:
    """The words of the line.

    >>> describe(Frame("Running `load(...)`.", 61.25, show_time=True, others=2))
    'Running `load(...)`. (1:01) and 2 more'
    >>> half = Progress(5, 10, "Reading", began=0)
    >>> describe(Frame("Running `load(...)`.", 61.25, False, progress=half, now=61.25))
    '##########----------  50% 5/10 (1:01, 1:01 left) Reading'

    Args:
        frame: What is shown.
        marks: What a bar is drawn with: what is done, what is not.
    """
    if frame.progress is not None:
        parts = [*_bar(frame.progress, frame.now, marks), frame.progress.text or frame.text]
    elif frame.show_time:
        parts = [frame.text, f"({_elapsed(frame.seconds)})"]
    else:
        parts = [frame.text]
    if frame.others:
        parts.append(f"and {frame.others} more")
    # Newlines and escape codes of the user's text would leave the line.
    return "".join(char if char.isprintable() else " " for char in " ".join(filter(None, parts)))


def _bar(progress: Progress, now: float, marks: str) -> Iterator[str]:
    # Before the text, which may be cut off at the end of the line.
    part, amount = bars.share(progress), bars.amount(progress)
    if part is not None:
        yield bars.drawn(part, _BAR_WIDTH, marks)
        percent = f"{bars.percent(progress)}%"
        yield f"{percent:>4}"
        amount = "" if amount == percent else amount
    yield amount
    yield f"({bars.times(progress, now)})"


def _elapsed(seconds: float) -> str:
    # Of a width that hardly changes, as a readable duration would not be.
    tenths = round(seconds * 10)
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    minutes, rest = divmod(tenths // 10, 60)
    return f"{minutes}:{rest:02}"


def _streams_to_guard(stream: io.TextIOWrapper) -> Iterator[io.TextIOWrapper]:
    candidates = (stream, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    unique = {id(candidate): candidate for candidate in candidates}
    for candidate in unique.values():
        found = _terminal(candidate)
        if found is not None:
            yield found


class _Guard:
    """Erases the line before anything else is written to ``stream``."""

    def __init__(
        self, stream: io.TextIOWrapper, erase: Callable[[], None], lock: threading.RLock
    ) -> None:
        self._stream = stream
        self._write = stream.write
        self._erase = erase
        self._lock = lock
        self._active = True
        # Somebody else may have replaced it before us, and may do so after us.
        self._previous = vars(stream).get("write")
        self._own = self._guarded
        vars(stream)["write"] = self._own

    def remove(self) -> None:
        self._active = False
        attributes = vars(self._stream)
        if attributes.get("write") is not self._own:
            return  # theirs calls ours, which has just turned into a mere passage
        if self._previous is None:
            del attributes["write"]
        else:
            attributes["write"] = self._previous

    def _guarded(self, text: str) -> int:
        if not self._active:
            return self._write(text)
        with self._lock:
            if self._active:
                self._erase()
            return self._write(text)
