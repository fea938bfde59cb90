"""One line a call: who listens, and how the lines come out whole."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from reprise import forks

if TYPE_CHECKING:
    from typing import TextIO

Sink: TypeAlias = Callable[[str], object]
Switch: TypeAlias = Callable[[bool], object]

_logger = logging.getLogger("reprise")


class Board:
    """Where lines are told to, by those who were asked to listen; one of it serves the process.

    >>> board, lines = Board(), []
    >>> board.add(lines.append)
    >>> board.tell("hit  load('a.csv')")
    >>> board.remove(lines.append)
    >>> lines
    ["hit  load('a.csv')"]
    """

    def __init__(self) -> None:
        self._sinks: tuple[Sink, ...] = ()
        self._always = False
        self._switch: Switch = bool
        self._local = threading.local()
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    @property
    def listening(self) -> bool:
        """Whether anybody listens."""
        return bool(self._sinks)

    def connect(self, switch: Switch) -> None:
        """Let ``switch`` be called when the first one begins and when the last one ends to listen.

        It is called with the lock held, so that it always knows the latest.
        """
        with self._lock:
            self._switch = switch
            switch(self.listening)

    def add(self, sink: Sink) -> None:
        """Tell ``sink`` from now on; it is told each line once, however often it was added."""
        self._change((*self._sinks, sink))

    def remove(self, sink: Sink) -> None:
        """Take one of its additions back."""
        with self._lock:
            kept = list(self._sinks)
            if sink in kept:
                kept.remove(sink)
            self._change(tuple(kept))

    def always(self, wanted: bool) -> None:
        """Write all lines to standard error, or end to, whoever else listens."""
        if wanted == self._always:
            return
        with self._lock:
            if wanted != self._always:
                self._always = wanted
                (self.add if wanted else self.remove)(to_stderr)

    def tell(self, line: str) -> None:
        """Tell all who listen. What they do may not be in the way of the call.

        What would end the line, or move the cursor of a terminal, is escaped.
        """
        line = printable(line)
        with self._lock:
            if getattr(self._local, "telling", False):
                return  # a sink that calls a cached function would hear of that for ever
            self._local.telling = True
            try:
                for sink in dict.fromkeys(self._sinks):
                    _tell(sink, line)
            finally:
                self._local.telling = False

    def _change(self, sinks: tuple[Sink, ...]) -> None:
        with self._lock:
            self._sinks = sinks
            self._switch(self.listening)


def printable(text: str) -> str:
    r"""A text on one line, with escapes in the place of what cannot be printed.

    >>> print(printable("caf\u00e9\n"))
    café\n
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def _tell(sink: Sink, line: str) -> None:
    try:
        sink(line)
    except Exception:
        _logger.exception("a line of the trace could not be written: %s", line)


board: Final = Board()
"""The one of this process."""


def to_stderr(line: str) -> None:
    """Write a line to standard error, as that is now."""
    # In one piece: another process may write there, too.
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def trace(file: TextIO | Sink | None = None) -> Iterator[None]:
    """Print one line for each call of a cached function, for as long as the context is open.

    A line says hit or miss, what was called, the short key, the time that the call took and, for a
    miss, the reason. Calls that a cached function makes itself stand above its own line, indented.
    Calls cost more meanwhile: each is looked at twice, and the quickest way to a hit is closed.

    Setting ``REPRISE_TRACE=1`` does the same for a whole process.

    Args:
        file: Where lines go: an open text file, or a function that is given each line without its
            end. Standard error by default.

    >>> from reprise import cache_data, trace
    >>> @cache_data
    ... def double(x):
    ...     return 2 * x
    >>> with trace(lambda line: print(line.partition(" key ")[0].strip())):
    ...     double(21), double(21)
    miss  double(x=21)
    hit   double(x=21)
    (42, 42)
    """
    sink = _sink(file)
    board.add(sink)
    try:
        yield
    finally:
        board.remove(sink)


def _sink(file: TextIO | Sink | None) -> Sink:
    if file is None:
        return to_stderr
    if callable(file):
        return file
    stream = file

    def write(line: str) -> None:
        stream.write(f"{line}\n")
        stream.flush()

    return write
