"""Widgets as bytes: what comes back is what was written, and forged bytes reach nothing by them."""

from __future__ import annotations

import copy
import dataclasses
import os
import threading

import msgspec
import numpy
import pytest
from test_widgets import CASES, HELPERS, KEYED

from reprise.hosting import Call, NotWrittenError, Written
from reprise.hosts.streamlit import recording as recordings
from reprise.hosts.streamlit.converters import KNOWN, Handing
from reprise.hosts.streamlit.inputs import Widget
from reprise.hosts.streamlit.recording import Registered
from reprise.hosts.streamlit.written import read_back, versions, write_down
from reprise.values.codecs import pack_data, unpack_data

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HOLDING = """
def changed(*given):
    return os.getcwd(), given

@cached(widgets=True)
def pick(n):
    st.session_state.k = 5
    st.slider("own", 0, 10, key="k")
    st.selectbox("pick", ["a", "b"], format_func=lambda one: one * n, on_change=changed, args=(n,))
    st.toggle("tick", key="tick", on_change=lambda more=n: (changed(), more))

pick(1)
"""


def recorded(open_app, cached, app):
    """The recordings of an app, and the call that the last of them is of."""
    opened = open_app("import os\n" + HELPERS + app, lambda **_: lambda f: cached(f, widgets=True))
    assert not opened.run().exception
    made = [one for one in cached.recordings if one is not None]
    assert all(one.replayable for one in made)
    return made


def untested(recording):
    """Without what there is under ``AppTest`` only."""
    events = tuple(one for one in recording.events if not isinstance(one, recordings.Tested))
    return dataclasses.replace(recording, events=events)


@pytest.mark.parametrize("key", ["", "key='k'"], ids=["unkeyed", "keyed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_every_widget_is_read_back_as_it_was_written(open_app, cached, case, key):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    made = recorded(open_app, cached, KEYED.format(call=case.call(key)))
    for recording in map(untested, made):
        written = write_down(recording, pack_data)
        found = read_back(written, unpack_data)
        assert write_down(found, pack_data) == written
        assert [one.question for one in found.inputs] == [one.question for one in recording.inputs]
        assert any(isinstance(one, Widget) for one in found.inputs)


def test_a_recording_that_holds_functions_is_read_back_as_it_was_written(open_app, cached):
    [recording] = recorded(open_app, cached, HOLDING)
    written = write_down(recording, pack_data)
    assert write_down(read_back(written, unpack_data), pack_data) == written
    assert any(isinstance(one, Registered) for one in recording.events)
    assert sum(isinstance(one, Widget) for one in recording.inputs) == 2


def test_each_changed_bit_gives_a_recording_or_nothing(open_app, cached):
    [recording] = recorded(open_app, cached, HOLDING)
    bare = dataclasses.replace(recording, events=())
    content = write_down(bare, pack_data).content
    nothing = 0
    for offset in range(len(content)):
        changed = bytearray(content)
        changed[offset] ^= 1 << offset % 8
        found = read_back(Written(bytes(changed), versions()), unpack_data)
        nothing += found is None
        assert found is None or write_down(found, pack_data)
    assert nothing > len(content) / 4


def forged(content, change):
    """The recording, with the first node of a widget changed."""
    whole = msgspec.msgpack.decode(content)
    [first, *_] = [node for node in whole[5] if node[0] == "widget"]
    change(first)
    return read_back(Written(msgspec.msgpack.encode(whole), versions()), unpack_data)


def at(*path):
    """Change what stands somewhere in a node: all but the last lead there."""
    *path, last, value = path

    def change(node):
        for name in path:
            node = node[name]
        node[last] = value

    return change


FACTS, KEY, CALLBACKS, CONVERTER = 1, 2, 3, 4
KIND, HELD, FUNCTIONS = 1, 2, 3
SAME = ["same", 1]
HOSTILE = {
    "no facts": at(FACTS, {}),
    "a fact that no widget has": at(FACTS, "more", 1),
    "an identity that is none": at(FACTS, "id", 5),
    "a value of no type": at(FACTS, "value_type", "system"),
    "a fact of another kind": at(FACTS, "value_type", ["tuple", ["string_value"]]),
    "a serializer among the callbacks": at(CALLBACKS, "serializer", SAME),
    "a key that is none": at(KEY, 5),
    "a callback that is a number": at(CALLBACKS, "callback", ["numbered", 0]),
    "a callback with a container inside": at(
        CALLBACKS, "callback_args", ["filled", "tuple", [["numbered", 0]]]
    ),
    "a callback with one in a variable": at(
        CALLBACKS, "callback", ["inner", b"", [["numbered", 0]], SAME, SAME]
    ),
    "a callback that is no way to make one": at(CALLBACKS, "callback", ["data", b""]),
    "a callback that is built by another": at(CALLBACKS, "callback", ["filled", "map", [SAME]]),
    "code that is none": at(CALLBACKS, "callback", ["inner", 5, [], SAME, SAME]),
    "a converter of no kind": at(CONVERTER, KIND, "Popen"),
    "one of another kind of object": at(CONVERTER, KIND, "DeltaGenerator"),
    "one that hides its method": at(CONVERTER, HELD, "serialize", 1),
    "one that hides its class": at(CONVERTER, HELD, "__class__", 1),
    "one with a name that is none": at(CONVERTER, HELD, "a b", 1),
    "one whose function hides its method": at(CONVERTER, FUNCTIONS, "deserialize", SAME),
    "a function that is not everywhere": at(CONVERTER, FUNCTIONS, "format_func", ["known", "eval"]),
    "a function of pickle's": at(
        CONVERTER, FUNCTIONS, "format_func", ["same", ["data", b"cos\nsystem\n."]]
    ),
    "a record in its place": at(CONVERTER, ["record", "LayoutConfig", {}]),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_no_widget_was_written_as_is_none(open_app, cached, change):
    [recording] = recorded(open_app, cached, HOLDING)
    content = write_down(dataclasses.replace(recording, events=()), pack_data).content
    assert forged(content, lambda node: None) is not None
    assert forged(content, change) is None


REACHING = {
    "what the function does not name": [["function", None], ["global", "shutil"]],
    "what is inside of a module": [["function", None], ["global", "st"], ["attribute", "system"]],
    "a method of a class": [["argument", "n"], ["attribute", "bit_length"]],
}
CALLED = {
    "what cannot be called": [["argument", "n"]],
    "nothing": [],
}
MADE = [(CALLBACKS, "callback"), (CONVERTER, FUNCTIONS, "format_func")]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        *((path, where) for path in REACHING.values() for where in MADE),
        *((path, MADE[0]) for path in CALLED.values()),
    ],
)
def test_a_path_to_what_the_function_does_not_name_leads_nowhere(open_app, cached, path, where):
    [recording] = recorded(open_app, cached, HOLDING)
    content = write_down(dataclasses.replace(recording, events=()), pack_data).content
    called = {"__name__": "__main__", "shutil": copy, "st": os, "changed": len}
    text = "def pick(n):\n    st.slider(changed); lambda one: one * n"
    exec(compile(text, "script", "exec", dont_inherit=True), called)
    call = Call(called["pick"], {"n": 1})

    def made(steps):
        found = forged(content, at(*where, ["found", [steps]]))
        return next(one for one in found.inputs if isinstance(one, Widget)).made(call)

    assert made([["function", None], ["global", "changed"]])
    with pytest.raises(LookupError):
        made(path)


def test_only_functions_without_effects_are_known_by_name():
    assert all(isinstance(known("text"), str) for known in KNOWN.values())


def test_what_is_of_no_known_kind_is_told_by_the_name_of_the_widget(open_app, cached):
    [recording] = recorded(open_app, cached, HOLDING)
    [first, *_] = [one for one in recording.inputs if isinstance(one, Widget)]
    foreign = dataclasses.replace(first, converter=None)
    uploaded = dataclasses.replace(first, uploaded=True)
    for one, told in [
        (foreign, "a selectbox that converts its values in a way of its own"),
        (uploaded, "a selectbox by which a user handed a file in"),
    ]:
        with pytest.raises(NotWrittenError, match=told):
            write_down(dataclasses.replace(recording, inputs=(one,)), pack_data)
    unnamed = Registered(dataclasses.replace(foreign, user_key="k", name="a widget"))
    with pytest.raises(NotWrittenError, match="a widget with the key 'k' that converts"):
        write_down(dataclasses.replace(recording, inputs=(), events=(unnamed,)), pack_data)


class Unequal:
    """Equal to itself alone."""


@pytest.mark.parametrize(
    "option", [Unequal(), threading.Lock(), numpy.zeros(2)], ids=lambda one: type(one).__name__
)
def test_an_option_without_an_equal_copy_is_handed_out_itself(option):
    assert Handing([option].__getitem__)(0) is option


def test_an_option_is_handed_out_as_an_equal_copy():
    option = [["a"], {"b": 1}]
    handed_out = Handing([option].__getitem__)(0)
    assert handed_out == option
    assert handed_out[0] is not option[0]
