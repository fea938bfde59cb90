"""The real clock. Tests inject ``reprise.testing.FakeClock`` in its place."""

from __future__ import annotations

import threading
import time


class SystemClock:
    """The clocks of the operating system; implements ``reprise.contracts.Clock``.

    >>> clock = SystemClock()
    >>> clock.monotonic() <= clock.monotonic()
    True
    """

    __slots__ = ()

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    def wait(self, condition: threading.Condition, timeout: float) -> None:
        """Wait until ``condition`` is notified or ``timeout`` has passed, whichever is first.

        Args:
            condition: Held by the caller, as for ``Condition.wait``.
            timeout: Seconds; infinity and what is larger than the platform can wait are allowed.
        """
        condition.wait(min(timeout, threading.TIMEOUT_MAX))
