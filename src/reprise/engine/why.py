"""Why a call misses: what is kept and what is remembered, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from reprise.contracts import Entry, Key, Removal
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import Code, Group, group_of
from reprise.engine.history import Event, Ident, Loss, Version, ident_of
from reprise.engine.lookup import call_key
from reprise.engine.reading import differing, parts_of, session_of
from reprise.hosting import Input
from reprise.keys.calls import CallParts, key_text, readable
from reprise.keys.framing import seal
from reprise.observe import reasons
from reprise.observe.reasons import Reason

_LOOKED_AT: Final = 1_000
"""How many kept results, the newest, are looked at to find the nearest."""

_NOT_KEPT: Final = {
    Loss.TOO_LARGE: "{} is more than its bounds allow",
    Loss.FAILED: "the function raised {}",
    Loss.NOT_REPLAYABLE: "it displays something that cannot be replayed ({})",
    Loss.NOT_RESTORED: "it could not be restored ({})",
    Loss.CODE_CHANGED: "what the function depends on changed while it ran: {}",
    Loss.FILE_CHANGED: "a file that counts by its content changed while it ran",
    Loss.ELSEWHERE: "what it displayed had no place in the call that found it",
}


def why(
    decorated: DecoratedFunction, key: Key, entry: Entry | None, stray: Input | None = None
) -> Reason:
    """Why a call that computes does not hit.

    Args:
        decorated: The function.
        key: The call's own key.
        entry: What was found for it and is of no use any more, if anything.
        stray: The first thing that it reads besides its arguments and that is not as in any call
            whose result is kept.
    """
    runtime, group = decorated.runtime, group_of(key)
    if entry is not None:
        now = runtime.clock.monotonic()
        over = entry.expires if now >= entry.expires else entry.fresh_until
        return reasons.Expired(runtime.wall_time(over))
    if stray is not None:
        return reasons.InputChanged(stray.name)
    elsewhere = _elsewhere(decorated, key)
    if elsewhere:
        return reasons.Elsewhere(elsewhere)
    event = group.event(ident_of(key))
    if event is not None:
        return of_event(event)
    # Other closures come last: they may be other functions of one factory, alive and well.
    others = [one for one in runtime.siblings(group) if one is not group]
    return (
        _code_changed(decorated, key, [group])
        or _arguments_changed(decorated, key)
        or _code_changed(decorated, key, others)
        or reasons.NeverComputed(forgotten=group.forgetful)
    )


def of_event(event: Event) -> Reason:
    """The reason that something that happened is for a later miss."""
    what, at = event.what, event.at
    if what is Removal.EXPIRED:
        return reasons.Expired(at)
    if what is Removal.EVICTED:
        cause = event.cause
        function, ident = ("", ()) if cause is None else (cause.function, cause.ident)
        bound = "" if event.bound is None else event.bound.value
        return reasons.Evicted(at, bound, function, text_of(ident) if ident else "")
    if what is Removal.INVALID:
        return reasons.Rejected(at)
    if isinstance(what, Loss) and what is not Loss.CLEARED_MEANWHILE:
        return reasons.NotKept(at, _NOT_KEPT[what].format(event.note))
    return reasons.Cleared(
        at,
        meanwhile=what is Loss.CLEARED_MEANWHILE,
        session_ended=what is Removal.SESSION_ENDED,
    )


def text_of(ident: Ident) -> str:
    """The text that names a key."""
    return key_text(ident[0], ident[1:])


def _elsewhere(decorated: DecoratedFunction, key: Key) -> str:
    """Another realm that has a result of this call, if there is one."""
    here, store = decorated.runtime.hosts.current().realm, decorated.runtime.store
    kept = (store.get(place) for place in group_of(key).places(key))
    recordings = [entry.recording for entry in kept if entry is not None]
    return min(
        (one.realm for one in recordings if one is not None and one.realm != here), default=""
    )


def _code_changed(decorated: DecoratedFunction, key: Any, groups: Iterable[Group]) -> Reason | None:
    """Whether the same call was computed by other code, or by another closure."""
    now, rest = key[0], key[1:]
    for group in groups:
        for version in group.versions:
            if version.digest == now.digest and group is now.group:
                continue
            if _was_computed(decorated, group, version.digest, rest):
                return reasons.CodeChanged(changes(version, now))
    return None


def _was_computed(
    decorated: DecoratedFunction, group: Group, code: bytes, rest: tuple[Any, ...]
) -> bool:
    known = group.known_code(code)
    if known is not None:
        store = decorated.runtime.store
        if any(store.get(place) is not None for place in group.places((known, *rest))):
            return True
    return group.event((code, *rest)) is not None


def changes(before: Version | Code, after: Code) -> tuple[reasons.PartChange, ...]:
    """The parts of the code in which two versions differ."""
    old, new = ({part.name: part for part in parts} for parts in (before.parts, after.parts))
    return tuple(
        reasons.PartChange(
            name,
            old[name].digest.hex() if name in old else "",
            new[name].digest.hex() if name in new else "",
            (new.get(name) or old[name]).where,
        )
        for name in differing(before, after)
    )


def _arguments_changed(decorated: DecoratedFunction, key: Any) -> Reason | None:
    """In what the call differs from the nearest whose result is kept."""
    own = parts_of(decorated, key)
    best: tuple[list[str], Any] | None = None
    for other in _kept_keys(decorated, key):
        differing = _differing(dict(own), dict(parts_of(decorated, other)))
        if differing and (best is None or len(differing) < len(best[0])):
            best = (differing, other)
    if best is None:
        return None
    labels, nearest = best
    theirs = parts_of(decorated, nearest)
    return reasons.ArgumentsChanged(
        text_of(ident_of(nearest)),
        tuple(_argument_change(label, theirs, own) for label in labels),
    )


def _differing(own: dict[str, bytes], theirs: dict[str, bytes]) -> list[str]:
    labels = [*own, *(label for label in theirs if label not in own)]
    return [label for label in labels if own.get(label) != theirs.get(label)]


def _kept_keys(decorated: DecoratedFunction, key: Any) -> Iterator[Any]:
    """The calls of the same code, and session, whose results are kept, the newest first."""
    kept = list(decorated.runtime.store.entries(group_of(key).name))[-_LOOKED_AT:]
    for place, _ in reversed(kept):
        other = call_key(place)
        same_session = session_of(decorated, other) == session_of(decorated, key)
        if other[0] is key[0] and same_session:
            yield other


def _argument_change(label: str, before: CallParts, after: CallParts) -> reasons.ArgumentChange:
    old, new = dict(before).get(label), dict(after).get(label)
    shown = ("" if one is None else readable(one) for one in (old, new))
    return reasons.ArgumentChange(
        label,
        "" if old is None else seal(old).hex(),
        "" if new is None else seal(new).hex(),
        *shown,
    )
