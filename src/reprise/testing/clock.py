"""A clock that stands still until a test moves it."""

from __future__ import annotations

import math
import threading

_REAL_LIMIT = 30.0


class FakeClock:
    """Time that passes only when told to; implements ``reprise.contracts.Clock``.

    >>> clock = FakeClock(monotonic=100.0)
    >>> clock.advance(2.5)
    >>> clock.monotonic()
    102.5

    Args:
        monotonic: Where the monotonic clock begins, in seconds.
        time: Where the wall clock begins, in seconds since the epoch.
        limit: Real seconds after which a wait is given up as forgotten.
    """

    def __init__(
        self, monotonic: float = 1_000.0, time: float = 1.7e9, limit: float = _REAL_LIMIT
    ) -> None:
        self._now = monotonic
        self._epoch = time - monotonic
        self._limit = limit
        self._changed = threading.Condition()
        self._sleepers: list[tuple[float, threading.Condition]] = []
        self._seen = threading.local()

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        self._seen.now = now = self._now
        return now

    def time(self) -> float:
        """Seconds since the epoch."""
        return self._epoch + self._now

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake every thread whose wait is over by then.

        Args:
            seconds: How long; not negative.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if not seconds >= 0:
            msg = f"Time does not go back: advance({seconds!r})"
            raise ValueError(msg)
        with self._changed:
            self._now += seconds
            due = [condition for deadline, condition in self._sleepers if self._reached(deadline)]
        for condition in due:
            with condition:
                condition.notify_all()

    def wait(self, condition: threading.Condition, timeout: float) -> None:
        """Wait on a held ``condition`` until it is notified or time was moved past the timeout.

        The timeout counts from when this thread last read :meth:`monotonic`, so that a clock
        moved between that reading and this call is not missed.

        Args:
            condition: Held by the caller, as for ``Condition.wait``.
            timeout: Seconds of this clock.

        Raises:
            TimeoutError: Neither happened within ``limit`` real seconds.
        """
        sleeper = (getattr(self._seen, "now", self._now) + timeout, condition)
        with self._changed:
            if self._reached(sleeper[0]):
                return
            self._sleepers.append(sleeper)
            self._changed.notify_all()
        try:
            if not condition.wait(self._limit):
                msg = f"Nobody notified the waiter or moved the clock for {self._limit} s"
                raise TimeoutError(msg)
        finally:
            with self._changed:
                self._sleepers.remove(sleeper)

    def wait_for_sleepers(self, count: int = 1) -> None:
        """Wait, in real time, until at least ``count`` threads wait on this clock.

        Args:
            count: How many.

        Raises:
            TimeoutError: There were fewer within ``limit`` real seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._sleepers) >= count, self._limit):
                msg = f"{len(self._sleepers)} of {count} threads wait on the clock"
                raise TimeoutError(msg)

    def _reached(self, deadline: float) -> bool:
        # now + (deadline - now) need not be deadline again: forgive what rounding took.
        return deadline <= self._now + 4 * math.ulp(self._now)
