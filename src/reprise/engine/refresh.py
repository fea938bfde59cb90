"""Refreshes behind the back of those who are served a stale value meanwhile."""

from __future__ import annotations

import contextvars
import logging
import weakref
from typing import Any

from reprise.contracts import Key
from reprise.engine.drivers import Raised, Steps, drive, drive_async
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.plan import Backoff
from reprise.engine.steps import fly
from reprise.errors import RefreshFailedWarning
from reprise.flights import Flight
from reprise.observe.warn import warn
from reprise.units import format_duration

logger = logging.getLogger("reprise")


def refresh_in_thread(decorated: DecoratedFunction, values: tuple[Any, ...], key: Key) -> None:
    """Refresh ``key`` in another thread, unless that is under way or has just failed."""
    flight = _take_off(decorated, key)
    if flight is not None:
        try:
            decorated.runtime.refresher.submit(
                lambda: drive(_refresh(decorated, values, key, flight))
            )
        except RuntimeError:
            # No thread to be had. The caller is served, and a later call tries again.
            flight.abandon()
            logger.warning("no thread could be started to refresh %s", decorated.name)


def refresh_in_task(decorated: DecoratedFunction, values: tuple[Any, ...], key: Key) -> None:
    """Refresh ``key`` in a task of its own, unless that is under way or has just failed."""
    import asyncio  # whoever comes here has it loaded; a plain script should not pay for it

    flight = _take_off(decorated, key)
    if flight is not None:
        # An empty context: the flights that the caller leads are not this task's.
        task = asyncio.get_running_loop().create_task(
            drive_async(_refresh(decorated, values, key, flight)), context=contextvars.Context()
        )
        # A loop that ends may cancel the task before it began, or drop it. It is not kept alive
        # here: what it awaits does that, and one that nothing can wake must not hold its flight.
        task.add_done_callback(lambda _: flight.abandon())
        weakref.finalize(task, flight.abandon)


def _take_off(decorated: DecoratedFunction, key: Key) -> Flight | None:
    backoff = group_of(key).backoffs.get(key)
    if backoff is not None and decorated.runtime.clock.monotonic() < backoff.retry_at:
        return None
    flight, leads = decorated.runtime.flights.join(key, decorated.name)
    return flight if leads else None


def _refresh(
    decorated: DecoratedFunction, values: tuple[Any, ...], key: Key, flight: Flight
) -> Steps:
    with flight.leading():
        landed = yield from fly(decorated, decorated.call(values), key, flight)
    if not isinstance(landed, Raised):
        return None
    if not isinstance(landed.error, Exception):
        return landed
    group, now = group_of(key), decorated.runtime.clock.monotonic()
    first = key not in group.backoffs
    backoff = group.backoffs.get(key, Backoff()).after_failure(now, decorated.policy.ttl)
    group.backoffs[key] = backoff
    if first:
        warn(
            f"Refreshing {decorated.name} in the background failed with "
            f"{type(landed.error).__name__}: {landed.error}. The old value is served until it "
            f"expires; the next try is in {format_duration(backoff.delay)} or later.",
            RefreshFailedWarning,
        )
    return None
