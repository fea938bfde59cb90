"""When the spinner is shown: after a delay, and never for what is done sooner.

One thread watches all functions that are running. A thread or a timer for each of them would cost
every miss some 50 us, and most are over long before the delay has passed. The watcher sleeps until
the first of them is due; those that begin meanwhile are due later still, so that it need not be
woken for them.
"""

from __future__ import annotations

import atexit
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reprise import forks
from reprise.contracts import Clock
from reprise.hosting import Progress
from reprise.hosts.screen import Frame, Screen

_FRAME_SECONDS: Final = 0.08


@dataclass(slots=True, eq=False)
class Ticket:
    """One function that is running."""

    text: str | None
    """``None``: nothing is shown before there is progress."""
    show_time: bool
    progress: Callable[[], Progress | None]
    started: float
    due: float
    """When it is shown if it still runs then, on the monotonic clock."""
    shown: bool = False


class Watcher:
    """Shows the functions that run for long.

    Args:
        clock: Where time comes from.
        screen: Where they are shown.
        delay: How many seconds a function runs before that; asked for each of them.
    """

    def __init__(self, clock: Clock, screen: Screen, delay: Callable[[], float]) -> None:
        self._clock = clock
        self._screen = screen
        self._delay = delay
        self._start_over()
        forks.watch(self)

    def _start_over(self) -> None:
        self._condition = threading.Condition()
        self._tickets: dict[Ticket, None] = {}
        self._thread: threading.Thread | None = None
        self._look = math.inf
        """When the watcher looks at the tickets next. It is woken only to make that sooner: once
        in each delay at most, even if what it was woken for is done by the time it looks."""

    def after_fork(self) -> None:
        """Leave what is shown to the parent, whose functions these are."""
        self._start_over()
        self._screen.abandon()

    def available(self) -> bool:
        """Whether there is a screen to show anything on."""
        return self._screen.available()

    def begin(
        self,
        text: str | None,
        show_time: bool,
        progress: Callable[[], Progress | None] = lambda: None,
    ) -> Ticket:
        """A function begins to run; give the ticket back to :meth:`end`."""
        now = self._clock.monotonic()
        ticket = Ticket(text, show_time, progress, now, now + self._delay())
        with self._condition:
            self._tickets[ticket] = None
            if ticket.due < self._look:
                self._look = ticket.due
                self._condition.notify()
            if self._thread is None:
                self._start_thread()
        return ticket

    def end(self, ticket: Ticket) -> None:
        """The function is done: when this returns, nothing of it is on the screen any more."""
        with self._condition:
            # Absent in a process that was forked while the function ran.
            self._tickets.pop(ticket, None)
        if ticket.shown:
            self._screen.refresh(self._frame)

    def close(self) -> None:
        """Clear the screen and end the thread; used at the end of the process."""
        atexit.unregister(self.close)
        with self._condition:
            thread, self._thread = self._thread, None
            self._tickets.clear()
            self._look = math.inf
            self._condition.notify()
        if thread is not None:
            thread.join()
        self._screen.refresh(self._frame)

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._watch, name="reprise-spinner", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads, or the interpreter is about to end: no spinner
            return
        self._thread = thread
        atexit.register(self.close)

    def _watch(self) -> None:
        me = threading.current_thread()
        while True:
            with self._condition:
                if self._thread is not me:
                    return
                now = self._clock.monotonic()
                if now < self._look:
                    self._sleep(self._look - now)
                    continue
                self._look = self._mark_due(now)
            self._screen.refresh(self._frame)

    def _mark_due(self, now: float) -> float:
        """Have those shown that have been running for long; returns when to look again."""
        for ticket in self._tickets:
            ticket.shown = ticket.shown or ticket.due <= now
        if any(ticket.shown for ticket in self._tickets):
            return now + _FRAME_SECONDS
        return min((ticket.due for ticket in self._tickets), default=math.inf)

    def _sleep(self, seconds: float) -> None:
        if seconds == math.inf:
            self._condition.wait()
        else:
            self._clock.wait(self._condition, seconds)

    def _frame(self) -> Frame | None:
        with self._condition:
            due = [ticket for ticket in self._tickets if ticket.shown]
        told = [(ticket, ticket.progress()) for ticket in due]
        shown = [each for each in told if each[0].text is not None or each[1] is not None]
        if not shown:
            return None
        oldest, progress = shown[0]
        now = self._clock.monotonic()
        return Frame(
            oldest.text or "",
            now - oldest.started,
            oldest.show_time,
            others=len(shown) - 1,
            progress=progress,
            now=now,
        )


class Running:
    """The context of one function that runs.

    A class, for it is a part of every miss: a generator would cost more than all the rest.
    """

    __slots__ = ("_progress", "_show_time", "_text", "_ticket", "_watcher")

    def __init__(
        self,
        watcher: Watcher,
        text: str | None,
        show_time: bool,
        progress: Callable[[], Progress | None] = lambda: None,
    ) -> None:
        self._watcher = watcher
        self._text = text
        self._show_time = show_time
        self._progress = progress

    def __enter__(self) -> None:
        self._ticket = self._watcher.begin(self._text, self._show_time, self._progress)

    def __exit__(self, *_: object) -> None:
        self._watcher.end(self._ticket)
