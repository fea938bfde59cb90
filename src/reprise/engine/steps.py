"""The path of a call, once for threads and tasks: what the wrapper could not answer by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from reprise.contracts import MISSING, Entry, Key, Removal
from reprise.engine.branches import Ask
from reprise.engine.display import Display, display_of
from reprise.engine.drivers import Do, Raised, Steps, Wait
from reprise.engine.flying import fly
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.lookup import find, flight_key
from reprise.engine.plan import Action, plan
from reprise.engine.serving import UNUSABLE, answered, serve
from reprise.engine.stale import Found, Stale, due, stale_of
from reprise.flights import Flight
from reprise.hosting import Call, Host, Input

if TYPE_CHECKING:
    from reprise.engine.persistence import Brought, Persistence


class Behind(Protocol):
    """Refreshes behind the back of those who are served a stale value meanwhile."""

    def __call__(self, decorated: DecoratedFunction, stale: Stale, /) -> None:
        """Begin to refresh ``stale``, unless that is under way."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One call that is to be answered."""

    decorated: DecoratedFunction
    values: tuple[Any, ...]
    """Its bound arguments."""
    key: Key
    call: Call
    host: Host
    behind: Behind

    def reading(self, one: Input) -> bytes:
        """Read what the function would read besides its arguments."""
        return one.read(self.call)


def begin(
    decorated: DecoratedFunction, values: tuple[Any, ...], behind: Behind
) -> tuple[Any, Steps | None]:
    """Begin to answer a call.

    Returns:
        The value, where there is an entry that wrappers may hand out by themselves; otherwise the
        steps that lead to it.
    """
    runtime, key = decorated.runtime, decorated.key(values)
    entry = runtime.store.lookup(key)
    if entry is None or entry.fast_until <= runtime.clock.monotonic():
        return None, answer(decorated, values, key, behind)
    try:
        value = entry.value if entry.restore is None else entry.restore()
    except Exception:  # noqa: BLE001 - met again on the long way, where the entry is dropped
        return None, answer(decorated, values, key, behind)
    entry.hits += 1
    return value, None


def from_start(decorated: DecoratedFunction, values: tuple[Any, ...], behind: Behind) -> Steps:
    """As :func:`answer`, and to make the key is the first step."""
    return (yield from answer(decorated, values, decorated.key(values), behind))


def answer(
    decorated: DecoratedFunction, values: tuple[Any, ...], key: Key, behind: Behind
) -> Steps:
    """Answer one call: from the store, from somebody's flight, or by running the function.

    Args:
        decorated: The function.
        values: Its bound arguments.
        key: The key of the call.
        behind: Starts a refresh behind the caller's back.

    Returns:
        The caller's own value, or :class:`Raised`.
    """
    host = decorated.runtime.hosts.current()
    asked = Asked(decorated, values, key, decorated.call(values), host, behind)
    while True:
        action, place, entry = look(decorated, key, host, asked.reading)
        if entry is not None and action is not Action.COMPUTE:
            value = _hand_out(asked, Found(key, place, entry, action is Action.SERVE_STALE))
            if value is UNUSABLE:
                continue
            return value
        display = display_of(decorated, host)
        flight, leads = decorated.runtime.flights.join(flight_key(key, place), decorated.name)
        if not leads:
            with display(flight):
                outcome = yield Wait(flight)
            if isinstance(outcome, Raised):
                return outcome
            shared = answered(outcome.result, asked.call, host) if outcome.finished else UNUSABLE
            if shared is UNUSABLE:
                continue
            group_of(key).tally.shared(outcome.result)
            return shared
        with flight.leading():
            # Unless somebody landed between our look and our lead.
            if look(decorated, key, host, asked.reading)[0] is Action.COMPUTE:
                return (yield from _lead(asked, place, flight, display))


def _lead(asked: Asked, place: Key, flight: Flight, display: Display) -> Steps:
    """Answer a call that nobody else in this process does: from outside, or by running it."""
    outside = asked.decorated.persistence
    if outside is None:
        with display(flight):
            return (yield from _compute(asked, flight))
    value = yield from _fetch(asked, outside, flight)
    if value is not UNUSABLE:
        return value
    with display(flight):
        right = yield from outside.right_to_compute(place)
        if isinstance(right, Raised):
            return right
        try:
            if right.waited:  # for another process, which has kept what we want
                value = yield from _fetch(asked, outside, flight)
                if value is not UNUSABLE:
                    return value
            return (yield from _compute(asked, flight))
        finally:
            right.release()


def _compute(asked: Asked, flight: Flight) -> Steps:
    landed = yield from fly(asked.decorated, asked.call, asked.key, flight)
    if not isinstance(landed, Raised):
        asked.decorated.runtime.repetitions.missed(asked.decorated, asked.key, asked.values)
    return landed


def _fetch(asked: Asked, outside: Persistence, flight: Flight) -> Steps:
    """Serve what the store outside of the process has; ``UNUSABLE`` where that answers nothing."""
    decorated, key, host = asked.decorated, asked.key, asked.host
    realm = host.realm  # of this thread: what takes time may be done in another
    brought = yield Do(lambda: outside.bring(key, host, realm, unless=lambda: flight.detached))
    if isinstance(brought, Raised):
        return brought
    action, place, entry = _look_again(decorated, key, host, asked.reading, brought)
    if entry is None or action is Action.COMPUTE:
        return UNUSABLE
    value = _hand_out(asked, Found(key, place, entry, action is Action.SERVE_STALE), flight)
    outside.count_hits(entry)  # now, for memory may have no room for it
    return value


def _hand_out(asked: Asked, found: Found, led: Flight | None = None) -> Any:
    """Serve what was found, and if it is stale have it refreshed behind.

    Args:
        asked: The call.
        found: What was found.
        led: The caller's own flight, which ends where it could be served: the refresh is another.
    """
    decorated, stale = asked.decorated, None
    if found.is_stale and due(decorated, found, led):
        # Before anything is displayed or written again: the refresh begins where this call did.
        stale = stale_of(asked.call, found, asked.host)
        if stale is None:
            decorated.runtime.store.remove(found.place, Removal.REPLACED, only=found.entry)
            return UNUSABLE
    value = serve(decorated, found.place, found.entry, asked.call, asked.host)
    if led is not None and value is not UNUSABLE:
        led.finish(found.entry)
    if stale is not None and value is not UNUSABLE:
        asked.behind(decorated, stale)
    return value


def look(
    decorated: DecoratedFunction, key: Key, host: Host, ask: Ask
) -> tuple[Action, Key, Entry | None]:
    """What is to be done about ``key``, and what was found for it where.

    Args:
        decorated: The function.
        key: The key of the call.
        host: Where it takes place.
        ask: Reads what the function would read besides its arguments.
    """
    runtime = decorated.runtime
    realm, branches = host.realm, group_of(key).branches
    place, entry = find(runtime.store, key, realm, lambda: branches.path(key, realm, ask))
    if entry is not None and entry.backing is not None and not _is_current(decorated, entry):
        runtime.store.remove(place, Removal.CLEARED, only=entry)
        entry = None
    return plan(entry, runtime.clock.monotonic()), place, entry


def look_everywhere(
    decorated: DecoratedFunction, key: Key, host: Host, ask: Ask
) -> tuple[Action, Key, Entry | None]:
    """As :func:`look`, in the store outside of the process, too."""
    found, outside = look(decorated, key, host, ask), decorated.persistence
    if found[0] is not Action.COMPUTE or outside is None:
        return found
    return _look_again(
        decorated, key, host, ask, outside.bring(key, host, host.realm, unless=lambda: True)
    )


def _look_again(
    decorated: DecoratedFunction, key: Key, host: Host, ask: Ask, brought: Brought
) -> tuple[Action, Key, Entry | None]:
    """As :func:`look`, among what was just brought, too: memory may have no room for it."""
    action, place, entry = look(decorated, key, host, ask)
    brought.settle()
    if entry is None:
        entry = brought.entries.get(key) or brought.entries.get(place)
        action = plan(entry, decorated.runtime.clock.monotonic())
    return action, place, entry


def _is_current(decorated: DecoratedFunction, entry: Entry) -> bool:
    outside = decorated.persistence
    return outside is None or outside.is_current(entry)


def peek(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Any:
    """The value that a call would be served, or ``MISSING``; nothing runs, nothing is counted."""
    call, host = decorated.call(values), decorated.runtime.hosts.current()
    key = decorated.key(values)
    action, _, entry = look_everywhere(decorated, key, host, lambda one: one.look(call))
    if entry is None or action is Action.COMPUTE:
        return MISSING
    value = entry.snapshot.restore()
    return value if entry.recording is None else entry.recording.unparted(value)


def renew(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Steps:
    """Run the function now, whatever is stored, and keep what it returns.

    A computation that began before this call is not waited for: it may have seen older data. Nor
    does what comes of it take the place of this one's result, in whichever process it is.
    """
    runtime, key, outside = decorated.runtime, decorated.key(values), decorated.persistence
    display = display_of(decorated, runtime.hosts.current())
    leads = False
    while not leads:
        runtime.detach(key)
        flight, leads = runtime.flights.join(key, decorated.name)
    with flight.leading(), display(flight):
        told = None if outside is None else (yield Do(outside.supersede))
        if isinstance(told, Raised):
            return told
        return (yield from fly(decorated, decorated.call(values), key, flight))
