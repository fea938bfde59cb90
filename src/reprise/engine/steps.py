"""The path of a call, once for threads and tasks: what the wrapper could not answer by itself."""

from __future__ import annotations

import inspect
import math
from collections.abc import Generator
from functools import partial
from typing import Any, Protocol

from reprise.contracts import MISSING, Entry, Key, Removal, Snapshot
from reprise.engine.branches import MANY, Ask
from reprise.engine.display import display_of
from reprise.engine.drivers import Raised, Run, Steps, Wait
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.history import Loss, ident_of
from reprise.engine.lookup import entry_key, find, flight_key
from reprise.engine.plan import Action, lifetime, plan
from reprise.engine.reading import differing
from reprise.engine.serving import UNUSABLE, answered, in_short, serve
from reprise.engine.stale import Found, Stale, due, stale_of
from reprise.errors import (
    HostWarning,
    ManyBranchesWarning,
    NotKeptWarning,
    UnserializableReturnValueError,
    UnsupportedFunctionError,
)
from reprise.flights import Flight
from reprise.hosting import Call, Host, Recording
from reprise.observe.warn import warn
from reprise.units import format_size


class Behind(Protocol):
    """Refreshes behind the back of those who are served a stale value meanwhile."""

    def __call__(self, decorated: DecoratedFunction, stale: Stale, /) -> None:
        """Begin to refresh ``stale``, unless that is under way."""
        ...


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
    runtime = decorated.runtime
    call = decorated.call(values)
    host = runtime.hosts.current()
    while True:
        action, place, entry = look(decorated, key, host, _reading(call))
        if entry is not None and action is not Action.COMPUTE:
            stale = action is Action.SERVE_STALE
            value = _hand_out(decorated, call, Found(key, place, entry, stale), host, behind)
            if value is UNUSABLE:
                continue
            return value
        display = display_of(decorated, host)
        flight, leads = runtime.flights.join(flight_key(key, place), decorated.name)
        if not leads:
            with display(flight):
                outcome = yield Wait(flight)
            if isinstance(outcome, Raised):
                return outcome
            shared = answered(outcome.result, call, host) if outcome.finished else UNUSABLE
            if shared is UNUSABLE:
                continue
            group_of(key).tally.shared(outcome.result)
            return shared
        with flight.leading():
            # Unless somebody landed between our look and our lead.
            if look(decorated, key, host, _reading(call))[0] is Action.COMPUTE:
                with display(flight):
                    landed = yield from fly(decorated, call, key, flight)
                if not isinstance(landed, Raised):
                    runtime.repetitions.missed(decorated, key, values)
                return landed


def _hand_out(
    decorated: DecoratedFunction, call: Call, found: Found, host: Host, behind: Behind
) -> Any:
    """Serve what was found, and if it is stale have it refreshed behind."""
    stale = None
    if found.is_stale and due(decorated, found):
        # Before anything is displayed or written again: the refresh begins where this call did.
        stale = stale_of(call, found, host)
        if stale is None:
            decorated.runtime.store.remove(found.place, Removal.REPLACED, only=found.entry)
            return UNUSABLE
    value = serve(decorated, found.place, found.entry, call, host)
    if stale is not None and value is not UNUSABLE:
        behind(decorated, stale)
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
    return plan(entry, runtime.clock.monotonic()), place, entry


def _reading(call: Call) -> Ask:
    return lambda one: one.read(call)


def peek(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Any:
    """The value that a call would be served, or ``MISSING``; nothing runs, nothing is counted."""
    call, host = decorated.call(values), decorated.runtime.hosts.current()
    action, _, entry = look(decorated, decorated.key(values), host, lambda one: one.look(call))
    if entry is None or action is Action.COMPUTE:
        return MISSING
    return entry.snapshot.restore()


def renew(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Steps:
    """Run the function now, whatever is stored, and keep what it returns.

    A computation that began before this call is not waited for: it may have seen older data.
    """
    runtime, key = decorated.runtime, decorated.key(values)
    display = display_of(decorated, runtime.hosts.current())
    leads = False
    while not leads:
        runtime.detach(key)
        flight, leads = runtime.flights.join(key, decorated.name)
    with flight.leading(), display(flight):
        return (yield from fly(decorated, decorated.call(values), key, flight))


def fly(decorated: DecoratedFunction, call: Call, key: Any, flight: Flight) -> Steps:
    """Run the function; everybody on board of ``flight`` gets what comes of it.

    The caller is inside ``flight.leading()``, and entered it before anything could fail: a flight
    that nobody ends would be waited for for ever.
    """
    if decorated.policy.show_progress:
        flight.measure(decorated.runtime.clock.monotonic())
    landed = yield from _run(decorated, call, key, decorated.runtime.hosts.current())
    if isinstance(landed, Raised):
        decorated.runtime.note(key, Loss.FAILED, in_short(landed.error))
        flight.fail(landed.error)
        return landed
    entry, value = landed
    code = decorated.link()
    if code is not key[0]:
        # What it depends on has changed since its key was made: the value belongs to neither.
        decorated.runtime.note(key, Loss.CODE_CHANGED, ", ".join(differing(key[0], code)))
    elif not decorated.has_same_files(tuple(call.arguments.values()), key):
        # It may be what came of the file's old content, or of its new one.
        decorated.runtime.note(key, Loss.FILE_CHANGED)
    elif _is_replayable(decorated, key, entry.recording):
        _keep(decorated, key, entry, flight)
    flight.finish(entry)
    return value


def _run(
    decorated: DecoratedFunction, call: Call, key: Any, host: Host
) -> Generator[Run | Wait, Any, Raised | tuple[Entry, Any]]:
    args, kwargs = decorated.shape.spread(tuple(call.arguments.values()))
    clock = decorated.runtime.clock
    group_of(key).tally.missed()
    started = clock.monotonic()
    try:
        with host.record(call) as recorder:
            value = yield Run(decorated.function, args, kwargs)
            if isinstance(value, Raised):
                return value
            cost = clock.monotonic() - started
            snapshot = recorder.keep(partial(_snapshot, decorated, key, value))
            recording = recorder.recording(value if decorated.policy.kind == "resource" else None)
            entry = _entry(decorated, key, snapshot, recording, cost)
            return entry, recorder.keep(partial(_first_restore, decorated, entry, value))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is for all who wait
        return Raised(error)


def _snapshot(decorated: DecoratedFunction, key: Any, value: Any) -> Snapshot:
    """Keep what the function returned."""
    from reprise.keys.provenance import remember
    from reprise.values import share, take_snapshot  # late: a sixth of the time to import

    policy = decorated.policy
    if policy.on_result is not None:
        policy.on_result(value)
    _refuse_coroutine(decorated, value)
    snapshot = take_snapshot(value, decorated.function) if policy.kind == "data" else share(value)
    if policy.kind == "resource":
        remember(value, ident_of(key), snapshot)
    return snapshot


def _entry(
    decorated: DecoratedFunction,
    key: Any,
    snapshot: Snapshot,
    recording: Recording | None,
    cost: float,
) -> Entry:
    policy = decorated.policy
    now = decorated.runtime.clock.monotonic()
    times = lifetime(now, policy.ttl, background=policy.background)
    fast = recording is None and policy.validate is None
    return Entry(
        snapshot,
        group_of(key).name,
        created=now,
        fresh_until=times.fresh_until,
        expires=times.expires,
        cost=cost,
        recording=recording,
        # From the key, for the thread of a refresh works for no session itself.
        session=key[1] if policy.scoped else None,
        fast_until=times.fresh_until if fast else -math.inf,
    )


def _first_restore(decorated: DecoratedFunction, entry: Entry, value: Any) -> Any:
    """The first caller gets a restored value like all others: what it does is no one else's."""
    try:
        return entry.snapshot.restore()
    except Exception as error:
        raise UnserializableReturnValueError(
            f"{decorated.name} returned a {type(value).__module__}.{type(value).__qualname__} that "
            f"can be pickled but not unpickled ({type(error).__name__}: {error}), so that no later "
            f"call could be given it.\nIf it is a connection, a model or the like that everyone "
            f"may share, use @cache_resource."
        ) from error


def _refuse_coroutine(decorated: DecoratedFunction, value: Any) -> None:
    if inspect.iscoroutine(value):
        value.close()
        raise UnsupportedFunctionError(
            f"{decorated.name} is a plain function that returned a coroutine, which can be awaited "
            f"only once and so cannot be cached. Make the function itself a coroutine function:\n\n"
            f"    @cache_{decorated.policy.kind}\n"
            f"    async def {decorated.name.rpartition('.')[2]}(...):\n"
            f"        return await ..."
        )


def _keep(decorated: DecoratedFunction, key: Key, entry: Entry, flight: Flight) -> None:
    """Store ``entry`` unless its key was cleared meanwhile; what answered so far leaves."""
    runtime, group = decorated.runtime, group_of(key)
    place, recording = entry_key(key, entry), entry.recording
    lost: list[Key] = []
    if recording is not None:
        group.realms.add(recording.realm)
        lost = group.branches.grow(place, recording.inputs) if recording.inputs else []
    kept = runtime.keep(place, entry, group, when=lambda: not flight.detached)
    if not kept and recording is not None and recording.inputs:
        group.branches.prune(place)
    if flight.detached:
        runtime.note(key, Loss.CLEARED_MEANWHILE)
        return
    if not kept:
        runtime.note(key, Loss.TOO_LARGE, format_size(entry.size))
    if not kept and group.once("not kept"):
        warn(
            f"{decorated.name} returned a value of {format_size(entry.size)}, more than its bounds "
            f"allow to keep (max_entries, max_size of the function or of the process). It was "
            f"returned and not kept; the function runs each time.",
            NotKeptWarning,
        )
    group.backoffs.pop(key, None)
    # What displays nothing and reads nothing answers everywhere; what does, at its place only.
    for other in list(group.places(key)) if recording is None else [key, *lost]:
        if other != place:
            runtime.store.remove(other, Removal.REPLACED)
    if recording is not None and recording.inputs:
        _tell_of_many(decorated, group.branches.names(place))


def _tell_of_many(decorated: DecoratedFunction, names: tuple[str, ...]) -> None:
    if names and decorated.group.once("many branches"):
        warn(
            f"{decorated.name} has more than {MANY} results for the same arguments, one for each "
            f"combination of what it reads while it runs: {', '.join(names)}. Each takes memory.\n"
            f"Read what has many values outside of the function and pass in what follows from it, "
            f"or bound what is kept, for example with max_entries=100.",
            ManyBranchesWarning,
        )


def _is_replayable(decorated: DecoratedFunction, key: Key, recording: Recording | None) -> bool:
    if recording is None or recording.replayable:
        return True
    decorated.runtime.note(key, Loss.NOT_REPLAYABLE, recording.obstacle)
    if group_of(key).once("not replayable"):
        warn(
            f"{decorated.name} displays something that cannot be replayed ({recording.obstacle}), "
            f"so it runs every time and nothing is kept.",
            HostWarning,
        )
    return False
