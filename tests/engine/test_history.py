"""What is remembered of results that are gone."""

from __future__ import annotations

import gc
import weakref

from reprise.contracts import Removal
from reprise.engine.group import Group
from reprise.engine.history import EVENTS, VERSIONS, Event, ident_of
from reprise.engine.lookup import shown_key
from reprise.keys import ArgumentKeys, Parameter, Part

CLEARED = Event(Removal.CLEARED, 1.0)


def make_group():
    return Group("group|", "data", "load", "global")


def test_only_the_last_event_of_a_key_counts():
    group = make_group()
    key = (group.code(b"code"), int, 1)
    group.note(key, CLEARED)
    group.note(key, Event(Removal.EXPIRED, 2.0))
    assert group.event(ident_of(key)) == Event(Removal.EXPIRED, 2.0)


def test_so_many_events_are_remembered_the_latest():
    group = make_group()
    keys = [(group.code(b"code"), int, number) for number in range(EVENTS + 5)]
    for key in keys[:EVENTS]:
        group.note(key, CLEARED)
    assert not group.forgetful
    group.note(keys[0], CLEARED)
    for key in keys[EVENTS:]:
        group.note(key, CLEARED)
    assert group.forgetful
    remembered = [group.event(ident_of(key)) is not None for key in keys]
    assert remembered == [True, *[False] * 5, *[True] * (EVENTS - 1)]


def test_so_many_versions_are_remembered_the_latest_first():
    group = make_group()
    codes = [
        group.code(bytes([number]), (Part("code", bytes([number])),))
        for number in range(VERSIONS + 2)
    ]
    assert [version.digest for version in group.versions] == [code.digest for code in codes[:1:-1]]
    assert group.versions[0].parts == codes[-1].parts


def test_code_that_comes_back_is_the_latest_again():
    group = make_group()
    one = group.code(b"one")
    two = group.code(b"two")
    assert [version.digest for version in group.versions] == [b"two", b"one"]
    assert group.code(b"one") is one
    assert group.known_code(b"two") is two
    del one
    assert group.known_code(b"one") is None
    group.code(b"one")
    assert [version.digest for version in group.versions] == [b"one", b"two"]


def test_code_that_moved_to_another_line_says_so():
    group = make_group()
    code = group.code(b"code", (Part("code", b"digest", "app.py:1"),))
    assert group.code(b"code", (Part("code", b"digest", "app.py:9"),)) is code
    assert code.parts[0].where == "app.py:9"


def test_a_call_is_the_same_wherever_its_result_was_displayed():
    group = make_group()
    key = (group.code(b"code"), int, 1)
    assert ident_of(shown_key(key, "page")) == ident_of(key) == (b"code", int, 1)


def test_what_is_remembered_keeps_neither_code_nor_group_nor_arguments_alive():
    group = make_group()
    keys = ArgumentKeys("load", (Parameter("x"),))
    key = keys.key((group.code(b"code"),), ([1],))
    group.note(key, CLEARED)
    ident = ident_of(key)
    assert type(ident[-1]) is bytes
    code, alive = weakref.ref(key[0]), weakref.ref(group)
    del key
    assert code() is None
    gc.disable()
    try:
        del group
        assert alive() is None
    finally:
        gc.enable()
