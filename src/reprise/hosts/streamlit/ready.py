"""Elements of a recording that are shown again by the message that announced them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from reprise.hosts.streamlit.recording import (
    Event,
    FormOpened,
    IdClaimed,
    MediaAdded,
    Registered,
    Replay,
    Sent,
    Shown,
    StateReset,
    StateWritten,
    StatusChanged,
    Tested,
)

_NAMELESS: Final = (IdClaimed, MediaAdded, Registered, StateReset, StateWritten, Tested)
"""Events that name no element and no container by its number."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A new element that no other event names, with the message that announced it."""

    shown: Shown
    message: Any

    @property
    def size(self) -> int:
        """The bytes of what it holds; the element in the arguments is that of the message."""
        return self.shown.size

    def play(self, replay: Replay) -> None:
        """Send the message again; where that is not enough, show the element anew."""
        shown, sender = self.shown, replay.sender
        if sender is None or not sender.send(self.message, shown.on, replay.numbered[shown.on]):
            shown.play(replay)


def ready(events: tuple[Event, ...], handed_out: Iterable[int]) -> tuple[Event, ...]:
    """The events of a recording with all elements that can be :class:`Ready`.

    Args:
        events: What happened.
        handed_out: The numbers of generators that somebody has after the call.
    """
    named: set[int | None] = set(handed_out)
    for event in events:
        if (numbers := _named(event)) is None:
            return events
        named.update(numbers)
    return tuple(
        Ready(event, event.message)
        if isinstance(event, Shown) and event.message is not None and event.made not in named
        else event
        for event in events
    )


def _named(event: Event) -> Iterable[int | None] | None:
    """The numbers that an event relies on; ``None`` where that is not known."""
    if isinstance(event, Shown | StatusChanged):
        return (event.on,)
    if isinstance(event, FormOpened):
        return (event.shown.on, event.shown.made)
    if isinstance(event, Sent):
        return (event.about,)
    return () if isinstance(event, _NAMELESS) else None
