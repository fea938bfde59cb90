"""Entries leave when their time is up, without anybody calling for them."""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import threading

from reprise import forks
from reprise.contracts import Clock, Entry, Key, Store

_logger = logging.getLogger("reprise")

_RETRY_SECONDS = 60.0
"""How long the sweeper waits after the store failed it."""

_SPARE_ITEMS = 64
"""Stale items that a heap may hold however small it is, so that small ones are seldom rebuilt."""


class Deadlines:
    """Keys by the time at which they expire: a heap with lazy deletion. It has no lock.

    A key that leaves early stays in the heap until it comes up or until such stale items are more
    than half of it; then it is rebuilt, which costs nothing per change on average.

    >>> deadlines = Deadlines()
    >>> deadlines.add("soon", 5.0)
    >>> deadlines.add("later", 9.0)
    >>> deadlines.overdue(now=7.0)
    'soon'
    >>> deadlines.discard("soon")
    >>> deadlines.next()
    9.0
    """

    __slots__ = ("_heap", "_serial", "_times")

    def __init__(self) -> None:
        self._times: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._serial = itertools.count()  # Decides between equal times, for keys have no order.

    def __len__(self) -> int:
        return len(self._times)

    def add(self, key: Key, time: float) -> None:
        """Note that ``key`` expires at ``time``. It must not be noted yet."""
        self._times[key] = time
        heapq.heappush(self._heap, (time, next(self._serial), key))
        self._compact()

    def discard(self, key: Key) -> None:
        """Forget ``key``, if it is noted."""
        self._times.pop(key, None)
        self._compact()

    def next(self) -> float:
        """The earliest time noted, infinity if there is none."""
        # Where a key came back with the same time as before, its stale item serves as well.
        while self._heap and self._times.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else math.inf

    def overdue(self, now: float) -> Key | None:
        """The key whose time came first, if that is ``now`` or past; it stays until discarded."""
        due = self._heap if self.next() <= now else []  # now may be infinity
        return due[0][2] if due else None

    def _compact(self) -> None:
        if len(self._heap) > 2 * len(self._times) + _SPARE_ITEMS:
            heap = [(time, next(self._serial), key) for key, time in self._times.items()]
            heapq.heapify(heap)
            self._heap = heap


class Sweeper:
    """Sweeps a store whenever an entry in it expires.

    One daemon thread, started when there is something to wait for, asleep until the next entry
    expires and gone when nothing is left that ever will. Whoever puts an entry that expires into
    the store calls :meth:`notice` afterwards.

    Args:
        store: What is swept.
        clock: Tells the time, in the terms of ``Entry.expires``, and waits.
    """

    def __init__(self, store: Store[Entry], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._due = math.inf
        forks.watch(self)

    def notice(self, expires: float) -> None:
        """Make sure that a sweep follows once ``expires`` has come.

        Args:
            expires: Seconds on the monotonic clock; infinity asks for nothing.
        """
        if expires == math.inf:
            return
        with self._condition:
            if expires < self._due:
                self._due = expires
                self._condition.notify_all()
            if self._thread is None:
                self._start()

    def stop(self) -> None:
        """End the thread and wait until it has gone. The next :meth:`notice` starts another."""
        with self._condition:
            thread, self._thread = self._thread, None
            self._due = math.inf
            self._condition.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def after_fork(self) -> None:
        """Forget the thread, which stayed with the parent; the next notice starts another."""
        self._condition = threading.Condition()
        self._thread = None
        self._due = math.inf

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="reprise-sweeper", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            # The interpreter is about to exit, or the platform has no threads.
            self._thread = None
            _logger.warning("Expired entries will not leave on their own: %s", error)

    def _run(self) -> None:
        me = threading.current_thread()
        try:
            while self._sleep(me):
                self._sweep()
        except Exception:
            _logger.exception("The sweeper of expired entries ended; the next entry restarts it")
        finally:
            with self._condition:
                if self._thread is me:
                    self._thread = None

    def _sleep(self, me: threading.Thread) -> bool:
        """Wait until the next entry is due; false when this thread has nothing left to do."""
        with self._condition:
            while self._thread is me and self._due < math.inf:
                remaining = self._due - self._clock.monotonic()
                if remaining <= 0:
                    # Before the sweep, so that what is noticed during it is not forgotten.
                    self._due = math.inf
                    return True
                self._clock.wait(self._condition, remaining)
            # Within the same hold of the lock, or a notice now would rely on a thread that ends.
            if self._thread is me:
                self._thread = None
            return False

    def _sweep(self) -> None:
        try:
            due = self._store.sweep(self._clock.monotonic())
        except Exception:
            _logger.exception("Sweeping expired entries failed")
            due = self._clock.monotonic() + _RETRY_SECONDS
        with self._condition:
            self._due = min(self._due, due)
