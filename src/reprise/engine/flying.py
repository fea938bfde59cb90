"""One computation: the function runs, and what came of it is kept."""

from __future__ import annotations

import inspect
import math
from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from reprise.contracts import Entry, Key, Removal, Snapshot
from reprise.engine.branches import MANY
from reprise.engine.drivers import Do, Raised, Run, Step, Steps
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.history import Loss, ident_of
from reprise.engine.lookup import entry_key
from reprise.engine.plan import lifetime
from reprise.engine.reading import differing
from reprise.engine.serving import in_short
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

if TYPE_CHECKING:
    from reprise.engine.shown import Outcome


def fly(decorated: DecoratedFunction, call: Call, key: Any, flight: Flight) -> Steps:
    """Run the function; everybody on board of ``flight`` gets what comes of it.

    The caller is inside ``flight.leading()``, and entered it before anything could fail: a flight
    that nobody ends would be waited for for ever.
    """
    if decorated.policy.show_progress:
        flight.measure(decorated.runtime.clock.monotonic())
    outside = decorated.persistence
    host = decorated.runtime.hosts.current()
    save = None if outside is None else (yield Do(partial(outside.saving, key, host)))
    if isinstance(save, Raised):
        return save
    landed = yield from _run(decorated, call, key, host)
    if isinstance(landed, Raised):
        decorated.runtime.note(key, Loss.FAILED, in_short(landed.error))
        flight.fail(landed.error)
        return landed
    entry, value, packed = landed
    place: Key | None = None
    code = decorated.link()
    if code is not key[0]:
        # What it depends on has changed since its key was made: the value belongs to neither.
        decorated.runtime.note(key, Loss.CODE_CHANGED, ", ".join(differing(key[0], code)))
    elif not decorated.has_same_files(tuple(call.arguments.values()), key):
        # It may be what came of the file's old content, or of its new one.
        decorated.runtime.note(key, Loss.FILE_CHANGED)
    elif _is_replayable(decorated, key, entry.recording):
        place = _keep(decorated, key, entry, flight)
    flight.finish(entry)
    if save is not None and place is not None:
        saved = yield Do(partial(save, place, entry, packed))
        if isinstance(saved, Raised):  # the caller was interrupted, or cancelled, meanwhile
            return saved
    return value


def _run(
    decorated: DecoratedFunction, call: Call, key: Any, host: Host
) -> Generator[Step, Any, Raised | tuple[Entry, Any, Outcome | None]]:
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
            own = recorder.keep(partial(_first_restore, decorated, entry, value))
        outside = decorated.persistence
        # Refused before anybody is given it, or nobody would hear of it.
        packed = outside.pack(entry, host) if outside is not None and outside.safe else None
        return entry, own, packed
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


def _keep(decorated: DecoratedFunction, key: Key, entry: Entry, flight: Flight) -> Key | None:
    """Store ``entry`` unless its key was cleared meanwhile; what answered so far leaves.

    Returns:
        Where it stands, or would if there were room; ``None`` when it was cleared.
    """
    runtime, group = decorated.runtime, group_of(key)
    place, recording = entry_key(key, entry), entry.recording
    lost: list[Key] = []
    if recording is not None:
        lost = group.note_place(place, recording)
    kept = runtime.keep(place, entry, group, when=lambda: not flight.detached)
    if not kept and recording is not None and recording.inputs:
        group.branches.prune(place)
    if flight.detached:
        runtime.note(key, Loss.CLEARED_MEANWHILE)
        return None
    if not kept:
        runtime.note(key, Loss.TOO_LARGE, format_size(entry.size))
    if not kept and decorated.persistence is None and group.once("not kept"):
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
    return place


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
