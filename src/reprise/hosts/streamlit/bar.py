"""A progress bar on the page of one user, in the place where Streamlit would have its spinner.

A thread of its own looks how far the function is and draws it. The function itself draws nothing:
whatever is sent from the thread of the script may end the script there and then, because the user
has clicked on something meanwhile, and the computation would be lost. For the same reason whoever
waits for another user's computation has a bar too: its thread looks at the same progress.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from reprise.contracts import Clock
from reprise.hosting import Progress
from reprise.hosts import bars
from reprise.hosts.streamlit import internals, listening, names

_logger = logging.getLogger("reprise")

_DELAY: Final = 0.5
"""Seconds until anything is shown, as with Streamlit's spinner: what is done sooner would blink."""
_PERIOD: Final = 0.1
"""Seconds between two drawings, at least."""


@dataclass(frozen=True, slots=True)
class View:
    """What is on the page at one moment: a spinner, or a bar."""

    text: str
    percent: int | None = None
    """``None`` makes it a spinner."""
    show_time: bool = False


def view(text: str | None, show_time: bool, progress: Progress | None, now: float) -> View | None:
    """What is to be on the page; ``None`` for nothing.

    >>> view("Loading", False, Progress(3, 4, "Reading", began=100), now=130)
    View(text='Reading 3/4 (0:30, 0:10 left)', percent=75, show_time=False)
    >>> view("Loading", True, None, now=130)
    View(text='Loading', percent=None, show_time=True)
    """
    if progress is None:
        return None if text is None else View(text, show_time=show_time)
    words = (progress.text or text, bars.amount(progress), f"({bars.times(progress, now)})")
    return View(" ".join(filter(None, words)), bars.percent(progress))


class Bar:
    """The context of one function that runs, or is waited for, in the thread of a script.

    Args:
        clock: Where time comes from.
        text: What the spinner says until there is progress; ``None`` for none.
        show_time: Whether that spinner tells the elapsed time.
        progress: How far the function is.
    """

    def __init__(
        self,
        clock: Clock,
        text: str | None,
        show_time: bool,
        progress: Callable[[], Progress | None],
    ) -> None:
        self._clock = clock
        self._text = text
        self._show_time = show_time
        self._progress = progress
        self._condition = threading.Condition()
        self._place: _Place | None = None
        self._drawing = False
        self._shown: View | None = None

    def __enter__(self) -> None:
        # Where it stands follows from the ``with`` blocks of the script, which this thread knows.
        try:
            with listening.unheard():
                place = _Transient() if names.TRANSIENT.present else _Slot()
                thread = threading.Thread(
                    target=self._watch, args=(place,), name="reprise-progress", daemon=True
                )
                names.ATTACH.find()(thread)
                self._place, self._drawing = place, True
                thread.start()
        except Exception:  # whatever it is, it is no reason to disturb the function
            _logger.debug("The progress of a function cannot be shown", exc_info=True)

    def __exit__(self, *_: object) -> None:
        with self._condition:  # the thread is not drawing now, and will not any more
            self._drawing = False
            self._condition.notify_all()
        if self._place is None or self._shown is None:
            return
        try:
            with listening.unheard():
                self._place.clear()
        except Exception:  # as above
            _logger.debug("The progress of a function cannot be taken away", exc_info=True)

    def _watch(self, place: _Place) -> None:
        look = self._clock.monotonic() + _DELAY
        with self._condition:
            while self._drawing:
                now = self._clock.monotonic()
                if now < look:
                    self._clock.wait(self._condition, look - now)
                    continue
                look = now + _PERIOD
                self._draw(place)

    def _draw(self, place: _Place) -> None:
        seen = view(self._text, self._show_time, self._progress(), self._clock.monotonic())
        if seen is None or seen == self._shown:
            return
        try:
            with listening.unheard():
                place.draw(seen)
            self._shown = seen
        except Exception:  # as above; the page may be gone
            _logger.debug("The progress of a function cannot be shown any more", exc_info=True)
            self._drawing = False


class _Place(Protocol):
    """Where a bar stands. Made in the thread of the script."""

    def draw(self, seen: View) -> None: ...

    def clear(self) -> None: ...


class _Transient:
    """A place that is none: what stands there moves nothing, and leaves no gap."""

    def __init__(self) -> None:
        self._element = names.ELEMENT.find()()
        self._create, self._clear = internals.show(
            "_transient", internals.main(), (self._element,), {}
        )

    def draw(self, seen: View) -> None:
        self._element.CopyFrom(_element(seen))
        internals.send(self._create(), None)

    def clear(self) -> None:
        internals.send(self._clear(), None)


class _Slot:
    """A place of its own on the page, which the spinner has too in releases up to 1.54."""

    def __init__(self) -> None:
        import streamlit

        self._slot = streamlit.empty()

    def draw(self, seen: View) -> None:
        if seen.percent is None:
            internals.show("_enqueue", self._slot, ("spinner", _element(seen).spinner), {})
        else:
            self._slot.progress(seen.percent, seen.text)

    def clear(self) -> None:
        self._slot.empty()


def _element(seen: View) -> Any:
    element = names.ELEMENT.find()()
    if seen.percent is not None:
        element.progress.value, element.progress.text = seen.percent, seen.text
        return element
    element.spinner.text, element.spinner.cache = seen.text, True
    if hasattr(element.spinner, "show_time"):  # not before release 1.43
        element.spinner.show_time = seen.show_time
    return element
