"""The table of computations under way, so that callers who ask for one key share one.

Whoever comes first leads the flight: runs the function and says what came of it. Everybody else
waits, threads by blocking and tasks by awaiting, on whatever event loop they run.

A computation that waits for itself would wait for ever. Each flight notes which others it waits
for, and the one wait that would close a circle is refused, be it in one thread, in a task and its
children, or across threads that each hold what the other needs. Who leads what is told by a context
variable: it follows ``await``, child tasks and ``asyncio.to_thread``. Threads that a cached
function starts by hand do not inherit it, so a circle that runs through one is not seen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from reprise import forks
from reprise.contracts import Key
from reprise.errors import RecursiveCallError
from reprise.hosting import Progress

_logger = logging.getLogger("reprise")


class _Computation:
    """A flight as the graph of waits sees it.

    Contexts are copied and kept by tasks that may live long after the flight; for that reason they
    hold this, and neither the flight nor its result.
    """

    __slots__ = ("began", "label", "landed", "told", "waits_for")

    def __init__(self, label: str) -> None:
        self.label = label
        self.landed = False
        self.waits_for: list[_Computation] = []
        self.began: float | None = None
        """When it began, if it may tell its progress."""
        self.told: tuple[float, float | None, str] | None = None
        """A plain tuple: a loop may tell each of its rounds, and somebody looks at few of them."""


_leading: ContextVar[tuple[_Computation, ...]] = ContextVar("reprise_leading", default=())
"""The computations that this context runs inside of, the outermost first."""


def leading_depth() -> int:
    """How many computations the caller runs inside of; 0 outside of any.

    >>> leading_depth()
    0
    """
    return len(_under_way())


def _under_way() -> list[_Computation]:
    # A task that outlives the computation that started it still carries it in its context.
    return [computation for computation in _leading.get() if not computation.landed]


def tell(done: float, total: float | None, text: str) -> None:
    """Note how far the innermost measured computation is that the caller runs inside of, if any.

    To tell where nobody measures is no mistake: a library cannot know.
    """
    for computation in reversed(_leading.get()):
        if computation.began is not None and not computation.landed:
            computation.told = (done, total, text)
            return


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a flight that somebody waited for."""

    finished: bool
    """False when it was abandoned: ask again, one of those who do will lead the next."""
    result: Any = None
    """What the leader passed to :meth:`Flight.finish`."""


_ABANDONED = Outcome(finished=False)


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException
    traceback: TracebackType | None


class Flight:
    """One computation under way. Made by :meth:`FlightTable.join`; its attributes are to be read.

    Attributes:
        key: What is computed.
        computation: What the graph of waits knows of it.
        shared: Whether anybody but the leader has joined.
        detached: Whether the table was told to forget it. What it computes is still right for
            those who wait, and must not be kept for later callers. To be asked at the moment of
            keeping: ``store.put(..., when=lambda: not flight.detached)``.
    """

    __slots__ = ("_future", "_table", "computation", "detached", "key", "shared")

    def __init__(self, table: FlightTable, key: Key, label: str) -> None:
        self.key = key
        self.computation = _Computation(label)
        self.shared = False
        self.detached = False
        self._table = table
        self._future: Future[Outcome | _Failure] = Future()

    def leading(self) -> _Lead:
        """A context manager around the work of the leader.

        Inside, this computation counts as one that the caller runs inside of. Leaving it without
        :meth:`finish` or :meth:`fail` abandons the flight, by whatever way it is left; also when a
        coroutine is closed because its event loop is gone.
        """
        return _Lead(self)

    def measure(self, began: float) -> None:
        """Let what runs inside of :meth:`leading` tell how far it is (:func:`tell`).

        Args:
            began: When it began, on the monotonic clock in seconds.
        """
        self.computation.began = began

    def progress(self) -> Progress | None:
        """How far the leader is; ``None`` as long as it has not told."""
        began, told = self.computation.began, self.computation.told
        if began is None or told is None:
            return None
        done, total, text = told
        return Progress(done if total is None else min(done, total), total, text, began)

    def finish(self, result: Any) -> None:
        """Give ``result`` to all who wait. Does nothing once the flight has ended."""
        self._land(Outcome(finished=True, result=result))

    def fail(self, error: BaseException) -> None:
        """Raise ``error`` in all who wait. Does nothing once the flight has ended.

        What is no ``Exception`` (a cancelled task, an interrupt, a script that was stopped) says
        nothing about the computation: then the flight is abandoned.

        Args:
            error: What the function raised.
        """
        if isinstance(error, Exception):
            self._land(_Failure(error, error.__traceback__))
        else:
            self.abandon()

    def abandon(self) -> None:
        """Leave it to those who wait to start again. Does nothing once the flight has ended."""
        self._land(_ABANDONED)

    def wait(self) -> Outcome:
        """Block until the leader is done.

        Returns:
            The result, or that there is none and the caller must ask again.

        Raises:
            RecursiveCallError: The leader would wait for this caller in turn.
            Exception: What the leader failed with, the very instance.
        """
        with self._table.waiting(self.computation):
            landing = self._future.result()
        return _outcome(landing)

    async def wait_async(self) -> Outcome:
        """Await the leader, as :meth:`wait`. Cancelling the caller disturbs nobody else."""
        import asyncio

        loop = asyncio.get_running_loop()
        landed = loop.create_future()

        def wake_task() -> None:
            if not landed.done():
                landed.set_result(None)

        def wake_loop(_future: Future[Any]) -> None:
            # asyncio.wrap_future would do, but logs an error where the loop was closed meanwhile.
            try:
                loop.call_soon_threadsafe(wake_task)
            except RuntimeError as error:
                _logger.debug("A task that waited for a computation is gone: %s", error)

        with self._table.waiting(self.computation):
            self._future.add_done_callback(wake_loop)
            await landed
        return _outcome(self._future.result())

    def _land(self, landing: Outcome | _Failure) -> None:
        with self._table.lock:
            if self.computation.landed:
                return
            self.computation.landed = True
            self._table.forget(self)
            if isinstance(landing, _Failure) and not self.shared:
                # Nobody will ask. A traceback holds the leader's frames and with them this
                # flight: to keep it here would be a cycle, and all that the frames hold a leak.
                landing = _ABANDONED
        self._future.set_result(landing)


def _outcome(landing: Outcome | _Failure) -> Outcome:
    if isinstance(landing, Outcome):
        return landing
    error, context = landing.error, landing.error.__context__
    try:
        # Each waiter starts from the leader's traceback, not from what others added to it.
        raise error.with_traceback(landing.traceback)
    finally:
        # raise notes what this caller happens to be handling, and the others share the instance.
        error.__context__ = context
        del error, context, landing


class _Lead:
    """What :meth:`Flight.leading` returns. A class, for it is on the path of every miss."""

    __slots__ = ("_flight", "_token")

    _token: Token[tuple[_Computation, ...]]

    def __init__(self, flight: Flight) -> None:
        self._flight = flight

    def __enter__(self) -> Flight:
        self._token = _leading.set((*_leading.get(), self._flight.computation))
        return self._flight

    def __exit__(self, *_: object) -> None:
        self._flight.abandon()
        try:
            _leading.reset(self._token)
        except ValueError as error:
            # A coroutine that nobody will resume is closed from outside of its context.
            _logger.debug("A computation was closed from elsewhere: %s", error)


class FlightTable:
    """The flights of one process by key.

    >>> flights = FlightTable()
    >>> flight, leads = flights.join("key", "load")
    >>> leads
    True
    >>> with flight.leading():
    ...     flight.finish(42)
    """

    def __init__(self) -> None:
        self._flights: dict[Key, Flight] = {}
        # Re-entrant, for a finaliser may call a cached function at any step.
        self.lock = threading.RLock()
        forks.watch(self)

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, key: Key) -> bool:
        """Whether ``key`` is being computed, so that who asks for it now would wait."""
        return key in self._flights

    def join(self, key: Key, label: str) -> tuple[Flight, bool]:
        """Find the flight for ``key``, or start one.

        Args:
            key: What is wanted.
            label: Names the function in messages.

        Returns:
            The flight, and whether the caller leads it. A leader must enter
            :meth:`Flight.leading` or end the flight in another way.
        """
        fresh = Flight(self, key, label)
        with self.lock:
            flight = self._flights.setdefault(key, fresh)
            leads = flight is fresh
            flight.shared = not leads
        return flight, leads

    def detach(self, key: Key) -> None:
        """Forget the flight for ``key``: who asks from now on starts another."""
        with self.lock:
            flight = self._flights.pop(key, None)
            if flight is not None:
                flight.detached = True

    def detach_where(self, predicate: Callable[[Key], bool]) -> None:
        """Forget all flights that are under way now and whose key satisfies ``predicate``."""
        for key in [key for key in self._flights.copy() if predicate(key)]:
            self.detach(key)

    def forget(self, flight: Flight) -> None:
        """Take ``flight`` off the table, if it is still the one for its key."""
        if self._flights.get(flight.key) is flight:
            self._flights.pop(flight.key, None)

    @contextmanager
    def waiting(self, target: _Computation) -> Generator[None, None, None]:
        """Note that the caller waits for ``target``, for as long as the context is open.

        Raises:
            RecursiveCallError: ``target`` waits for the caller already.
        """
        chain = _under_way()
        if not chain:
            # Nobody can wait for a caller who computes nothing.
            yield
            return
        with self.lock:
            circle = _find_circle(target, chain)
            if circle:
                raise RecursiveCallError(_describe(circle))
            for computation in chain:
                computation.waits_for.append(target)
        try:
            yield
        finally:
            with self.lock:
                for computation in chain:
                    computation.waits_for.remove(target)

    def after_fork(self) -> None:
        """Start over in a forked child: those who led these flights stayed with the parent."""
        self.lock = threading.RLock()
        self._flights.clear()


def _find_circle(target: _Computation, chain: list[_Computation]) -> list[_Computation]:
    """The way from ``target`` along what waits for what to one in ``chain``; empty if none."""
    came_from: dict[_Computation, _Computation | None] = {target: None}
    open_ends = [target]
    while open_ends:
        end = open_ends.pop()
        if end in chain:
            way: list[_Computation] = []
            step: _Computation | None = end
            while step is not None:
                way.append(step)
                step = came_from[step]
            return way[::-1]
        for following in end.waits_for:
            if not following.landed and following not in came_from:
                came_from[following] = end
                open_ends.append(following)
    return []


def _describe(circle: list[_Computation]) -> str:
    names = [computation.label for computation in circle]
    if len(names) == 1:
        return (
            f"{names[0]} was called from inside itself with the same arguments: it would wait for "
            f"its own result. Call it with other arguments, or move what both need into a function "
            f"of its own."
        )
    way = ", which waits for ".join([*names, names[0]])
    return (
        f"These computations would wait for each other for ever: {way}. "
        f"Let one of them not call the other, or call them one after the other."
    )
