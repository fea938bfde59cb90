"""Recordings of Streamlit's as bytes, and such bytes as recordings.

They mean the same in the same release of Streamlit only. What they hold is its own messages, plain
data, and where things stand, functions of a widget's included. A returned container is found by its
number in the value: with one, a recording is not written down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from reprise.hosting import NotWrittenError, Recording, Written
from reprise.hosts.streamlit.places import Outside
from reprise.hosts.streamlit.ready import Ready
from reprise.hosts.streamlit.recording import (
    Event,
    FormOpened,
    MadeOneWith,
    Remembered,
    Sent,
    Shown,
    StateWritten,
    StatusChanged,
    StreamlitRecording,
)
from reprise.hosts.streamlit.returned import numbers_of
from reprise.hosts.streamlit.writing import EVENT, PLACE, forms
from reprise.hosts.streamlit.written_widgets import INPUT
from reprise.hosts.writing import Pen, Reader, expect

FORMAT: Final = "2"
"""To be counted up whenever recordings are written, or replayed, in another way."""

_MOST_NUMBERS: Final = 1_000_000
"""A replay makes a list of so many generators."""

_Identity = tuple[str, list[tuple[int | None, str]]]
_Outside = tuple[int, list[Any], bool]
_Whole = tuple[str, list[Any], list[_Outside], int, _Identity | None, list[Any], bool]


def versions() -> dict[str, str]:
    """That on which it depends whether a written recording means the same to its reader."""
    import streamlit

    return {"streamlit": streamlit.__version__, "recording": FORMAT}


def write_down(recording: Recording, encode: Callable[[Any], bytes]) -> Written:
    """Make bytes of a recording; see :meth:`reprise.hosting.Host.write_down`.

    Raises:
        NotWrittenError: it holds what only this process has.
    """
    if not isinstance(recording, StreamlitRecording):
        raise NotWrittenError("a recording of another host")
    if recording.returns_containers:
        raise NotWrittenError("a container that is returned")
    if recording.numbers > _MOST_NUMBERS:
        raise NotWrittenError(f"more than {_MOST_NUMBERS:,} elements")
    try:
        return Written(_content(recording, Pen(forms(), encode)), versions())
    except NotWrittenError:
        raise
    except Exception as error:
        # Anything may go wrong in a future Streamlit, and a value may be of a type that passes for
        # another.
        what = f"what could not be written down ({type(error).__name__}: {error})"
        raise NotWrittenError(what) from error


def _content(recording: StreamlitRecording, pen: Pen) -> bytes:
    import msgspec

    # First, for what cannot be written is told by what is met first, and a widget has a name.
    read = [pen.node(INPUT, one) for one in recording.inputs]
    whole = (
        recording.realm,
        [pen.node(EVENT, event) for event in recording.events],
        [
            (one.number, [pen.node(PLACE, place) for place in one.places], one.one_element)
            for one in recording.outside
        ],
        recording.numbers,
        recording.identity,
        read,
        recording.refreshable,
    )
    return msgspec.msgpack.encode(whole)


def read_back(written: Written, decode: Callable[[bytes], Any]) -> StreamlitRecording | None:
    """Make a recording of bytes; see :meth:`reprise.hosting.Host.read_back`."""
    if dict(written.versions) != versions():
        return None
    try:
        return _recording(written.content, decode)
    except Exception:  # noqa: BLE001 - of any type: these bytes were never written by this release
        return None


def _recording(content: bytes, decode: Callable[[bytes], Any]) -> StreamlitRecording:
    import msgspec

    reader = Reader(forms(), decode)
    realm, happened, stood, numbers, identity, read, refreshable = msgspec.msgpack.decode(
        content, type=_Whole
    )
    events = tuple(reader.read(EVENT, node) for node in happened)
    outside = tuple(
        Outside(number, tuple(reader.read(PLACE, place) for place in places), one_element)
        for number, places, one_element in stood
    )
    expect(numbers <= _MOST_NUMBERS, "too many elements")
    expect(_all_known(events, outside, numbers), "it writes to what is not there")
    return StreamlitRecording(
        realm,
        sum(event.size for event in events),
        events,
        outside,
        numbers,
        None if identity is None else (identity[0], tuple(identity[1])),
        inputs=tuple(reader.read(INPUT, node) for node in read),
        refreshable=refreshable,
    )


def _all_known(events: tuple[Event, ...], outside: tuple[Outside, ...], numbers: int) -> bool:
    """Whether each event names only what stood outside, or what one before it has made."""
    known: set[int | None] = {one.number for one in outside if one.places}
    if len(known) != len(outside):
        return False
    for event in events:
        named, made = _numbers_in(event)
        if not known.issuperset(named):
            return False
        known.update(made)
    return all(one is not None and 0 <= one < numbers for one in known)


def _numbers_in(event: Event) -> tuple[list[int | None], list[int]]:
    """The numbers that an event relies on, and those of what it makes."""
    match event:
        case Ready() | FormOpened():
            return _numbers_in(event.shown)
        case Shown():
            return [event.on], [event.made]
        case Sent():
            return [] if event.about is None else [event.about], []
        case StatusChanged():
            return [event.on], []
        case Remembered():
            return [event.about], []
        case MadeOneWith():
            return [event.as_number], [event.number]
        case StateWritten():
            return list(numbers_of((event.args, event.kwargs))), []
    return [], []
