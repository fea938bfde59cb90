"""What was found and is older than its ttl: whether it is refreshed now, and how."""

from __future__ import annotations

from dataclasses import dataclass

from reprise.contracts import Entry, Key
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.lookup import flight_key
from reprise.flights import Flight
from reprise.hosting import Call, HiddenPage, Host


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An entry that may be served."""

    key: Key
    """The call's own key."""
    place: Key
    """Where the entry stands."""
    entry: Entry
    is_stale: bool

    @property
    def flight(self) -> Key:
        """The key of the computation that would replace it."""
        return flight_key(self.key, self.place)


@dataclass(frozen=True, slots=True, eq=False)
class Stale:
    """A stale entry that is to be refreshed behind."""

    found: Found
    call: Call
    """The call that is to be made."""
    page: HiddenPage | None
    """Where; ``None`` if the function displays and reads nothing that needs one."""


def due(decorated: DecoratedFunction, found: Found, led: Flight | None) -> bool:
    """Whether a refresh may begin: none is under way, and none has just failed.

    Args:
        decorated: The function.
        found: What is stale.
        led: The caller's own flight, which is no refresh.
    """
    runtime = decorated.runtime
    if found.flight in runtime.flights and (led is None or led.key != found.flight):
        return False
    backoff = group_of(found.key).backoffs.get(found.place)
    return backoff is None or runtime.clock.monotonic() >= backoff.retry_at


def stale_of(call: Call, found: Found, host: Host) -> Stale | None:
    """Get ready to refresh what was found; ``None`` where that can only be done in front."""
    if found.entry.recording is None:
        return Stale(found, call, None)
    page = host.hidden_page(found.entry.recording, call)
    return None if page is None else Stale(found, page.call, page)
