"""The right to compute a result, which one process has at a time."""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

from reprise.contracts import Clock
from reprise.engine.drivers import Pause, Raised
from reprise.envelopes import Lock
from reprise.errors import StoreError
from reprise.flights import leading_depth

_logger = logging.getLogger("reprise")

_FIRST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.05
"""Seconds between two looks at a lock that another process holds."""

_PATIENCE_INSIDE: Final = 60.0
"""Seconds that a computation inside of another one waits.

It holds the other's right meanwhile, and two processes may each wait for what the other holds. To
compute something twice is better than to wait for ever.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Right:
    """The right to compute one result.

    Args:
        lock: What gives it; ``None`` where nothing can.
        waited: Whether another process had it meanwhile, which may have kept the result.
    """

    lock: Lock | None
    waited: bool = False

    @classmethod
    def waited_for(cls, lock: Lock, clock: Clock) -> Generator[Pause, Any, Right | Raised]:
        """Wait until nobody else has it, or until the caller was interrupted or cancelled."""
        pause, waited = _FIRST_PAUSE, False
        last = clock.monotonic() + _PATIENCE_INSIDE if leading_depth() > 1 else None
        while not lock.try_acquire():
            waited = True
            if last is not None and clock.monotonic() > last:
                return cls(None, waited=True)
            interrupted = yield Pause(clock, pause)
            if isinstance(interrupted, Raised):
                return interrupted
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        return cls(lock, waited)

    def release(self) -> None:
        """Give it back."""
        try:
            if self.lock is not None:
                self.lock.release()
        except (StoreError, OSError) as error:
            _logger.warning("a lock could not be released: %s", error)


NOBODYS: Final = Right(None)
"""The right of who need not ask."""
