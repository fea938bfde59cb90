"""What ``reprise.trace()`` sees: every call, also those that wrappers would answer themselves.

While somebody listens, the lookup of every wrapper is replaced by one that finds nothing, so that
each call takes the engine's path. Nobody pays for it otherwise.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from reprise import forks
from reprise.engine.drivers import Raised, Run, Step, Steps, Wait
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.history import ident_of
from reprise.engine.wrapper import look_with
from reprise.observe.showing import shown
from reprise.observe.trace import board

if TYPE_CHECKING:
    from reprise.engine.explaining import Prospect

logger = logging.getLogger("reprise")

_depth: ContextVar[int] = ContextVar("reprise_trace_depth", default=0)
"""How many traced functions the caller runs inside of."""


class _Wrappers:
    """All wrappers of the process with their lookups, for as long as they live."""

    def __init__(self) -> None:
        self._lookups: weakref.WeakKeyDictionary[FunctionType, Callable[[Any], Any]] = (
            weakref.WeakKeyDictionary()
        )
        self._blind = False
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def join(self, wrapper: FunctionType, lookup: Callable[[Any], Any]) -> None:
        with self._lock:
            self._lookups[wrapper] = lookup
            if self._blind:
                look_with(wrapper, _nothing)

    def switch(self, blind: bool) -> None:
        with self._lock:
            if blind == self._blind:
                return
            self._blind = blind
            for wrapper, lookup in list(self._lookups.items()):
                look_with(wrapper, _nothing if blind else lookup)


def _nothing(_: Any) -> None:
    """Finds no entry."""


_wrappers: Final = _Wrappers()
join = _wrappers.join
"""Take a wrapper in, when it is made, together with what it looks entries up with."""
board.connect(_wrappers.switch)


def told(
    decorated: DecoratedFunction, values: tuple[Any, ...], steps: Steps, reason: str = ""
) -> Steps:
    """The steps of a call; when they are done, those who listen are told what came of it.

    Args:
        decorated: The function.
        values: Its bound arguments.
        steps: What is to be done.
        reason: Why the function runs, where that is known beforehand.
    """
    ahead, clock = _ahead(decorated, values), decorated.runtime.clock
    course, depth = _Course(), _depth.get()
    started = clock.monotonic()
    try:
        return (yield from course.follow(steps))
    finally:
        micros = (clock.monotonic() - started) * 1e6
        words = [
            f"{'  ' * depth}{course.outcome(ahead):<5}",
            f"{decorated.name}({_arguments(decorated, values)})",
            *([f"key {ahead.short}"] if ahead.key is not None else []),
            f"{micros:.0f} us",
            *filter(None, [reason or course.reason(ahead), course.raised]),
        ]
        board.tell("  ".join(words))


def _ahead(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Prospect:
    """What the call is going to meet; whatever goes wrong with it goes wrong with the call, too."""
    from reprise.engine.explaining import Prospect, prospect

    try:
        return prospect(decorated, values)
    except Exception as error:  # noqa: BLE001 - to look must not be in the way of the call
        logger.debug("cannot look ahead for the trace: %r", error)
        return Prospect("raise")


class _Course:
    """Notices how a call is answered."""

    def __init__(self) -> None:
        self.raised = ""
        self._ran = False
        self._waited = False

    def follow(self, steps: Steps) -> Steps:
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as stop:
                if isinstance(stop.value, Raised):
                    self.raised = f"raised {type(stop.value.error).__name__}"
                return stop.value
            except BaseException as error:
                self.raised = f"raised {type(error).__name__}"
                raise
            finally:
                answer = None  # a frame outlives its call in a traceback
            answer = yield from self._carry_out(step)

    def _carry_out(self, step: Step) -> Steps:
        if not isinstance(step, Run):
            self._waited = self._waited or isinstance(step, Wait)
            return (yield step)
        self._ran = True
        depth = _depth.get()
        _depth.set(depth + 1)
        try:
            return (yield step)
        finally:
            _depth.set(depth)  # no token: what is closed from elsewhere cannot be reset

    def outcome(self, ahead: Prospect) -> str:
        if self._ran:
            return "miss"
        if self.raised:
            return "fail"
        if self._waited:
            return "wait"
        return "stale" if ahead.action == "serve stale" else "hit"

    def reason(self, ahead: Prospect) -> str:
        if self._waited and not self._ran:
            return "shared the computation of another call"
        if ahead.action == "raise":
            return ""  # what it raised says it
        if not self._ran or ahead.reason is not None:
            return str(ahead.reason or "")
        # It looked like a hit. What was found turned out to be of no use.
        from reprise.engine.why import of_event

        event = group_of(ahead.key).event(ident_of(ahead.key))
        return "" if event is None else str(of_event(event))


def _arguments(decorated: DecoratedFunction, values: tuple[Any, ...]) -> str:
    """The arguments in short. Those that are left out of the key may be secret: not they."""
    written = [
        f"{name}={shown(value)}"
        for name, value in zip(decorated.shape.names, values, strict=True)
        if not name.startswith("_")
    ]
    return ", ".join(written)
