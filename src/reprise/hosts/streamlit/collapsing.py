"""What was replaced before the function ended is not displayed again.

A progress bar of a hundred steps, or text that came in five hundred pieces, is one place on the
page with one thing in it at the end. An element that is written to such a place replaces all that
is there. So of several in a row that write to one place only the last counts, and the first where
it is what made the place: that one also moves what comes after it down.

Containers are left alone. One that is put where another stood may keep what was in that, and a
status keeps whether the user has opened it: their order matters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from reprise.hosts.streamlit import internals
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.places import Outside
from reprise.hosts.streamlit.recording import (
    Event,
    FormOpened,
    MadeOneWith,
    MediaAdded,
    Sent,
    Shown,
)

_ONE_SHOT: Final = frozenset({"balloons", "snow", "toast"})
"""Elements that do something when they appear, whether or not they stay."""


class Numbered(Protocol):
    """Gives the generators of the call that was recorded."""

    def numbered(self, number: int) -> Generator:
        """The generator with that number."""
        ...


def collapsed(
    events: Sequence[Event], outside: Sequence[Outside], call: Numbered, handed_out: set[int]
) -> tuple[tuple[Event, ...], tuple[Outside, ...]]:
    """Leave out what does not count at the end.

    Args:
        events: What happened.
        outside: What the events write to and did not make.
        call: The call that was recorded.
        handed_out: The numbers of generators that somebody has after the call.

    Returns:
        The events that count; and the outside, with those marked that have to be places for one
        element for that.
    """
    places = _places(events, outside, call)
    later: set[int] = set()
    kept: list[Event] = []
    dropped: list[Event] = []
    stand_in: dict[int, int] = {}
    for event in reversed(events):
        if isinstance(event, Shown) and _is_replaced(event, places, later):
            dropped.append(event)
            stand_in[event.made] = places[event.on]
            if event.made in handed_out:
                kept.append(MadeOneWith(event.made, places[event.on]))
        else:
            kept.append(event)
        if isinstance(event, Shown):
            later |= {places[event.made]} if event.made in places else set()
    if not dropped:
        return tuple(events), tuple(outside)
    left = _without_media([_renumbered(event, stand_in) for event in reversed(kept)], dropped)
    relied_on = set(stand_in.values())
    marked = (dataclasses.replace(one, one_element=one.number in relied_on) for one in outside)
    return tuple(left), tuple(marked)


def _places(events: Sequence[Event], outside: Sequence[Outside], call: Numbered) -> dict[int, int]:
    """The places for one element, each named by what stands for it, by all that write there.

    Where rows are added to a chart they are left out: Streamlit itself may send these after what
    replaced the chart.
    """
    places = {
        one.number: one.number
        for one in outside
        if internals.holds_one_element(internals.written_to(call.numbered(one.number)))
    }
    for event in events:
        if isinstance(event, Shown) and event.method == "_enqueue":
            places[event.made] = places.get(event.on, event.made)
    added_to = {
        places.get(event.about)
        for event in events
        if isinstance(event, Sent) and event.about is not None
    }
    return {number: place for number, place in places.items() if place not in added_to}


def _is_replaced(event: Shown, places: Mapping[int, int], later: set[int]) -> bool:
    """Whether another element is put in its place by one of the events that follow."""
    return (
        event.method == "_enqueue"
        and event.args[:1] not in {(kind,) for kind in _ONE_SHOT}
        and event.on in places
        and places[event.on] in later
    )


def _renumbered(event: Event, stand_in: Mapping[int, int]) -> Event:
    """The event with what stands for generators that are made no more."""
    match event:
        case Shown() if event.on in stand_in:
            return dataclasses.replace(event, on=stand_in[event.on])
        case FormOpened() if event.shown.on in stand_in:
            shown = dataclasses.replace(event.shown, on=stand_in[event.shown.on])
            return dataclasses.replace(event, shown=shown)
    return event


def _without_media(kept: list[Event], dropped: Sequence[Event]) -> list[Event]:
    """Leave out the files that nothing shows but what was left out."""
    files = {one.url for one in kept if isinstance(one, MediaAdded)}
    if not files:
        return kept
    gone, shown = _texts(dropped), _texts(kept)
    unseen = {url for url in files if url.encode() in gone and url.encode() not in shown}
    return [one for one in kept if not (isinstance(one, MediaAdded) and one.url in unseen)]


def _texts(events: Sequence[Event]) -> bytes:
    """All messages, one behind the other."""
    return b"\0".join(
        value.SerializeToString()
        for one in events
        for value in _values(one)
        if hasattr(value, "SerializeToString")
    )


def _values(event: Event) -> tuple[Any, ...]:
    match event:
        case Shown():
            return (*event.args, *event.kwargs.values())
        case FormOpened():
            return _values(event.shown)
        case Sent():
            return (event.message,)
    return ()
