"""What to do with what was found: pure decisions, no I/O."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

from reprise.contracts import Entry


class Action(enum.Enum):
    """What a call does next."""

    SERVE = "serve"
    SERVE_STALE = "serve, and refresh behind"
    COMPUTE = "compute"


def plan(entry: Entry | None, now: float) -> Action:
    """Decide by the entry's times, and by whether it can be refreshed behind.

    What displayed something is refreshed on a page that nobody sees, value and elements together.
    Where no page can stand for the user's, it is computed anew in front: a new value under old
    elements would be wrong.

    Args:
        entry: What the store has under the key, if anything.
        now: Seconds on the monotonic clock.
    """
    if entry is None or now >= entry.expires:
        return Action.COMPUTE
    if now < entry.fresh_until:
        return Action.SERVE
    behind = entry.recording is None or entry.recording.refreshable
    return Action.SERVE_STALE if behind else Action.COMPUTE


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Until when an entry is served; seconds on the monotonic clock."""

    fresh_until: float
    expires: float


def lifetime(now: float, ttl: float, *, background: bool) -> Lifetime:
    """The times of an entry stored ``now``: stale for one more ttl when it is refreshed behind."""
    fresh_until = now + ttl
    return Lifetime(fresh_until, fresh_until + ttl if background else fresh_until)


@dataclass(frozen=True, slots=True)
class Backoff:
    """When a refresh that failed may be tried again."""

    retry_at: float = -math.inf
    delay: float = 0.0

    def after_failure(self, now: float, ttl: float) -> Backoff:
        """Wait a second at first and twice as long each time, but never longer than the ttl."""
        delay = min(max(1.0, self.delay * 2), ttl)
        return Backoff(now + delay, delay)
