"""Refreshes behind the back of those who are served a stale value meanwhile."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import weakref

from reprise.contracts import Removal
from reprise.engine.drivers import Raised, Steps, drive, drive_async
from reprise.engine.flying import fly
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.plan import Backoff
from reprise.engine.right import NOBODYS
from reprise.engine.serving import UNUSABLE
from reprise.engine.stale import Found, Stale
from reprise.errors import RefreshFailedWarning
from reprise.flights import Flight
from reprise.hosting import LeftEarlyError, NotBehindError
from reprise.observe.warn import warn
from reprise.units import format_duration

logger = logging.getLogger("reprise")


def refresh_in_thread(decorated: DecoratedFunction, stale: Stale) -> None:
    """Refresh ``stale`` in another thread, unless that is under way."""
    flight = _take_off(decorated, stale)
    if flight is not None:
        steps = _refresh(decorated, stale, flight)
        try:
            decorated.runtime.refresher.submit(lambda: contextvars.Context().run(drive, steps))
        except RuntimeError:
            # No thread to be had. The caller is served, and a later call tries again.
            flight.abandon()
            logger.warning("no thread could be started to refresh %s", decorated.name)


def refresh_in_task(decorated: DecoratedFunction, stale: Stale) -> None:
    """Refresh ``stale`` in a task of its own, unless that is under way."""
    import asyncio  # whoever comes here has it loaded; a plain script should not pay for it

    flight = _take_off(decorated, stale)
    if flight is not None:
        # An empty context: the flights that the caller leads are not this task's.
        task = asyncio.get_running_loop().create_task(
            drive_async(_refresh(decorated, stale, flight)), context=contextvars.Context()
        )
        # A loop that ends may cancel the task before it began, or drop it. It is not kept alive
        # here: what it awaits does that, and one that nothing can wake must not hold its flight.
        task.add_done_callback(lambda _: flight.abandon())
        weakref.finalize(task, flight.abandon)


def _take_off(decorated: DecoratedFunction, stale: Stale) -> Flight | None:
    flight, leads = decorated.runtime.flights.join(stale.found.flight, decorated.name)
    return flight if leads else None


def _refresh(decorated: DecoratedFunction, stale: Stale, flight: Flight) -> Steps:
    found, page = stale.found, stale.page
    with flight.leading():
        landed = yield from _compute(decorated, stale, flight)
    if landed is UNUSABLE:
        return None
    failed = isinstance(landed, Raised)
    if page is not None and (not failed or isinstance(landed.error, NotBehindError)):
        # What came of it stands in its place, or elsewhere, or is not kept. To serve the old one
        # again would be to refresh it again, with no other result.
        decorated.runtime.store.remove(found.place, Removal.REPLACED, only=found.entry)
        return None
    if not failed:
        return None
    if not isinstance(landed.error, Exception | LeftEarlyError):
        return landed
    _wait_longer(decorated, found, landed.error)
    return None


def _compute(decorated: DecoratedFunction, stale: Stale, flight: Flight) -> Steps:
    """Run the function, unless another process refreshes its result, or has just done so."""
    found, page, outside = stale.found, stale.page, decorated.persistence
    right = NOBODYS if outside is None else outside.right_at_once(found.place)
    if right is None:
        return UNUSABLE  # what the other process keeps will be noticed
    try:
        if outside is not None and not outside.is_still_there(found.entry):
            # The next call brings what it kept.
            decorated.runtime.store.remove(found.place, Removal.REPLACED, only=found.entry)
            return UNUSABLE
        with contextlib.nullcontext() if page is None else page.entered():
            return (yield from fly(decorated, stale.call, found.key, flight))
    except NotBehindError as error:  # what the function raises is returned: this is the page's own
        return Raised(error)
    finally:
        right.release()


def _wait_longer(decorated: DecoratedFunction, found: Found, error: BaseException) -> None:
    """The old entry is served for a while before the next try."""
    group, now = group_of(found.key), decorated.runtime.clock.monotonic()
    first = found.place not in group.backoffs
    backoff = group.backoffs.get(found.place, Backoff())
    group.backoffs[found.place] = backoff = backoff.after_failure(now, decorated.policy.ttl)
    if first:
        warn(
            f"Refreshing {decorated.name} in the background failed with "
            f"{type(error).__name__}: {error}. The old value is served until it "
            f"expires; the next try is in {format_duration(backoff.delay)} or later.",
            RefreshFailedWarning,
        )
