"""Recordings as bytes: what comes back is what was written, and nothing else comes of any bytes."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_apps import APPS

from reprise.hosting import NotWrittenError, Written
from reprise.hosts.carried import Carried, Filled, Found, Keyed, Same
from reprise.hosts.containers import Step
from reprise.hosts.streamlit import recording as recordings
from reprise.hosts.streamlit.places import Ambient, At, Held, Outside
from reprise.hosts.streamlit.reads import Read
from reprise.hosts.streamlit.recording import (
    FormOpened,
    IdClaimed,
    MediaAdded,
    Shown,
    StateReset,
    StateWritten,
    StatusChanged,
    StreamlitRecording,
)
from reprise.hosts.streamlit.returned import Numbered
from reprise.hosts.streamlit.written import read_back, versions, write_down
from reprise.values.codecs import pack_data, unpack_data

pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")


def bare(event):
    """Without the message that nothing is shown by."""
    if isinstance(event, Shown):
        return dataclasses.replace(event, message=None)
    if isinstance(event, FormOpened):
        return dataclasses.replace(event, shown=bare(event.shown))
    return event


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_what_is_read_back_is_what_was_written(app, run, cached):
    run(app, cached)
    made = [one for one in cached.recordings if one is not None]
    assert made
    for recording in made:
        written = write_down(recording, pack_data)
        found = read_back(written, unpack_data)
        expected = dataclasses.replace(recording, events=tuple(map(bare, recording.events)))
        assert dataclasses.replace(found, size=0) == dataclasses.replace(expected, size=0)
        assert write_down(found, pack_data) == written


def one_of_all(name="a", number=1.5) -> StreamlitRecording:
    """A small recording with some of everything that no element is needed for."""
    path = (Step("argument", name), Step("item", (1, None)))
    parts: tuple[Carried, ...] = (Same(name), Found((path,)), Keyed(("k",), (Numbered(0),)))
    return StreamlitRecording(
        "streamlit",
        200 * 4 + len(name),
        (
            IdClaimed("text", name),
            StateWritten("session_state", "__setitem__", Filled(tuple, parts), Keyed((), ())),
            StateReset(name, [number, {name: 2**70}]),
            StatusChanged(0, {"label": name}),
            MediaAdded({"path_or_data": name.encode(), "mimetype": "image/png"}, "/media/x"),
            recordings.Tested(Keyed((), ())),
        ),
        (Outside(0, (Ambient(), At(path), Held(path)), one_element=True),),
        1,
        ("page", ((0, name), (None, ""))),
        inputs=(Read("session_state", "all", "", frozenset({name}), b"answer"),),
        refreshable=True,
    )


@given(st.text(st.characters(), max_size=5), st.floats(allow_nan=False))
def test_texts_and_numbers_of_all_kinds(name, number):
    recording = one_of_all(name.encode("utf-8", "replace").decode(), number)
    found = read_back(write_down(recording, pack_data), unpack_data)
    assert dataclasses.replace(found, size=0) == dataclasses.replace(recording, size=0)


def is_like_a_recording(found: StreamlitRecording) -> bool:
    """Whether a recording that came of changed bytes has the types of one."""
    return write_down(found, pack_data) == write_down(
        read_back(write_down(found, pack_data), unpack_data), pack_data
    )


def test_each_changed_bit_gives_a_recording_or_nothing(run, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show(n):
            with st.sidebar:
                st.text(f"shown {n}")

        show(1)

    run(app, cached)
    contents = [write_down(one, pack_data).content for one in (cached.recordings[0], one_of_all())]
    nothing = 0
    for content in contents:
        for offset in range(len(content)):
            for bit in range(8):
                changed = bytearray(content)
                changed[offset] ^= 1 << bit
                found = read_back(Written(bytes(changed), versions()), unpack_data)
                nothing += found is None
                assert found is None or is_like_a_recording(found)
    assert nothing > sum(map(len, contents))


def test_each_cut_off_recording_is_none():
    content = write_down(one_of_all(), pack_data).content
    for size in range(len(content)):
        assert read_back(Written(content[:size], versions()), unpack_data) is None
    assert read_back(Written(content + b"x", versions()), unpack_data) is None


@given(st.binary(max_size=60))
def test_any_bytes_are_a_recording_or_none(content):
    found = read_back(Written(content, versions()), unpack_data)
    assert found is None or is_like_a_recording(found)


SHOWN = ["shown", "_enqueue", 0, ["text", None], {}, 1]
SAME = ["same", None]
HOSTILE = {
    "a method that shows nothing": ["shown", "__init__", 0, [], {}, 1],
    "a method that writes nothing": ["written", "session_state", "__class__", SAME, SAME],
    "another object of Streamlit's": ["written", "secrets", "__setitem__", SAME, SAME],
    "a class of another library": ["shown", "_block", 0, [["class", "Popen"]], {}, 1],
    "a class that is no record": ["shown", "_block", 0, [["record", "system", {}]], {}, 1],
    "a record with another field": ["shown", "_block", 0, [["record", "Text", {"x": 1}]], {}, 1],
    "a message of another kind": ["shown", "_block", 0, [["message", "os.system", b""]], {}, 1],
    "a message that is none": ["shown", "_block", 0, [["message", "Block", b"\xff"]], {}, 1],
    "an element and another message": ["ready", "_enqueue", 0, ["text"], {}, 1, b""],
    "a place that is not there": ["shown", "_enqueue", 7, ["text", None], {}, 1],
    "a number beyond all": ["shown", "_enqueue", 0, ["text", None], {}, 99],
    "a negative number": ["shown", "_enqueue", 0, ["text", None], {}, -1],
    "a container that is not there": [
        *("written", "session_state", "__setitem__", SAME),
        ["keyed", ["k"], [["numbered", 5]]],
    ],
    "a file that is read": ["media", {"path_or_data": "/etc/passwd"}, "/media/x"],
    "a dictionary with one key twice": [
        *("written", "session_state", "__setitem__", SAME),
        ["keyed", ["k", "k"], [SAME, SAME]],
    ],
    "what was never written": ["pickle", b"cos\nsystem\n(S'true'\ntR."],
    "a step that calls": [
        "written",
        "session_state",
        "__setitem__",
        SAME,
        ["found", [[["call", "x"]]]],
    ],
    "data of no codec": ["reset", "a", ["data", b"cos\nsystem\n(S'true'\ntR."]],
    "data of pickle's": [
        "reset",
        "a",
        ["data", msgspec.msgpack.encode(("pickle", b"cos\nsystem\n(S'true'\ntR.", []))],
    ],
    "a tree of another role": ["form", ["id", "a", "b"], "form"],
    "a text as an identity": ["id", "a", 5],
}


def whole(*events, outside=((0, [["ambient"]], False),), numbers=2):
    content = ["streamlit", events, outside, numbers, None, [], False]
    return Written(msgspec.msgpack.encode(content), versions())


@pytest.mark.parametrize("event", HOSTILE.values(), ids=HOSTILE)
def test_what_no_recording_was_written_as_is_none(event):
    assert read_back(whole(SHOWN), unpack_data) is not None
    assert read_back(whole(event), unpack_data) is None
    assert read_back(whole(SHOWN, event), unpack_data) is None


def test_a_place_on_no_page_and_too_many_elements_are_none():
    assert read_back(whole(SHOWN, outside=((0, [["root", 1]], False),)), unpack_data) is not None
    assert read_back(whole(SHOWN, outside=((0, [["root", 9]], False),)), unpack_data) is None
    assert read_back(whole(SHOWN, outside=((0, [], False),)), unpack_data) is None
    assert read_back(whole(SHOWN, numbers=10**12), unpack_data) is None


def test_other_versions_are_none():
    written = write_down(one_of_all(), pack_data)
    assert set(written.versions) == {"streamlit", "recording"}
    for name in written.versions:
        other = {**written.versions, name: "0"}
        assert read_back(dataclasses.replace(written, versions=other), unpack_data) is None
    assert read_back(dataclasses.replace(written, versions={}), unpack_data) is None


class Own:
    """What no codec knows."""


@pytest.mark.parametrize(
    "event",
    [
        StateReset("a", type),
        StateReset("a", [lambda: 1]),
        StateWritten("session_state", "__setitem__", Same(Own), Same(None)),
        StateWritten("session_state", "__setitem__", Filled(sorted, ()), Same(None)),
        IdClaimed("a", type("Text", (str,), {})("a")),
        recordings.Tested(Same(object())),
    ],
)
def test_what_only_this_process_has_is_not_written(event):
    def refuse(value):
        raise NotWrittenError(f"a {type(value).__name__}")

    with pytest.raises(NotWrittenError):
        write_down(StreamlitRecording("streamlit", events=(event,)), refuse)


def test_a_recording_of_another_host_is_not_written():
    with pytest.raises(NotWrittenError):
        write_down(object(), pack_data)


def test_what_goes_wrong_in_a_release_of_tomorrow_is_told_and_not_raised(monkeypatch):
    def gone():
        raise AttributeError("module 'streamlit' has no attribute 'gone'")

    monkeypatch.setattr("reprise.hosts.streamlit.written.forms", gone)
    with pytest.raises(NotWrittenError, match="gone"):
        write_down(one_of_all(), pack_data)
    assert read_back(Written(b"\x97", versions()), unpack_data) is None
