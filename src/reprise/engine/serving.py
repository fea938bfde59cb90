"""Handing out what was found, or what another caller computed: value and display together."""

from __future__ import annotations

from typing import Any, Final

from reprise.contracts import Entry, Key, Removal
from reprise.engine.branches import same_answers
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import group_of
from reprise.engine.history import Loss
from reprise.errors import RestoreFailedWarning
from reprise.hosting import Call, Host, Replayed, Unparted
from reprise.observe.warn import warn

UNUSABLE: Final = object()
"""Stands for what is of no use: look again."""


def serve(decorated: DecoratedFunction, place: Key, entry: Entry, call: Call, host: Host) -> Any:
    """Hand out what was found; what is of no use any more leaves, and the caller computes."""
    validate = decorated.policy.validate
    if validate is not None and not validate(entry.value):
        decorated.runtime.store.remove(place, Removal.INVALID, only=entry)
        return UNUSABLE
    try:
        value = entry.snapshot.restore()
    except Exception as error:  # noqa: BLE001 - a class of the user's may raise anything
        decorated.runtime.store.remove(place, Removal.INVALID, only=entry)
        decorated.runtime.note(place, Loss.NOT_RESTORED, in_short(error))
        if group_of(place).once("not restored"):
            warn(
                f"A stored value of {decorated.name} could not be restored "
                f"({type(error).__name__}: {error}). It was dropped and is computed again.",
                RestoreFailedWarning,
            )
        return UNUSABLE
    replayed = _show(entry, call, host)
    if replayed is None:
        # Its elements belong to another page or form than this call's: the function runs here.
        decorated.runtime.store.remove(place, Removal.REPLACED, only=entry)
        decorated.runtime.note(place, Loss.ELSEWHERE)
        return UNUSABLE
    entry.hits += 1
    return replayed.own(value, entry.snapshot.restore)


def answered(entry: Entry, call: Call, host: Host) -> Any:
    """Hand out what another call came to, if this call reads the same as that did."""
    replayed = _show(entry, call, host) if same_answers(entry.recording, call) else None
    if replayed is None:
        return UNUSABLE
    return replayed.own(entry.snapshot.restore(), entry.snapshot.restore)


def _show(entry: Entry, call: Call, host: Host) -> Replayed | None:
    """Display what belongs to ``entry``; ``None`` when that is not possible for this call."""
    recording = entry.recording
    if recording is None:
        return Unparted()
    if recording.realm != host.realm or not recording.replayable:
        return None
    return host.replay(recording, call)


def in_short(error: BaseException) -> str:
    """An error's type and message; of the error itself nothing is kept."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - a class of the user's may raise anything
        message = ""
    # On one line, and without what would move the cursor of a terminal.
    clean = "".join(one if one.isprintable() else " " for one in message[:200])
    return f"{type(error).__name__}: {clean}".rstrip(": ")
