"""Copies of containers: equal to the value, and sharing nothing that can change."""

from __future__ import annotations

import enum
import itertools
from collections import OrderedDict
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.values.copying import copier_for


class Colour(enum.Enum):
    RED = 1


class Text(str):
    __slots__ = ("note",)


class Point(NamedTuple):
    x: int
    y: int


RED = Colour.RED


@pytest.mark.parametrize(
    "value",
    [
        *[{}, [], set(), {"a": 1}, [1, (2, "b")], {1, 2}, {(1, 2): None}],
        *[[{"a": 1}, {"b": 2}], [[1], [2]], {"a": [1], "b": [2]}, {"a": {"b": 1}}, [{1}, {2}]],
        *[[[[1]]], [1, [2]], [[1], {2}], {"a": [[1]]}, [{"a": []}], ([],), {"a": ({"b": {1}},)}],
        *[[[], {}, set(), ()], {(1, 2): [(3,)]}, [[number] for number in range(500)]],
    ],
    ids=repr,
)
def test_a_copy_is_equal_and_shares_no_container(value):
    copier = copier_for(value)
    assert copier is not None
    one, other = copier.copy(), copier.copy()
    assert one == other == value
    assert type(one) is type(value)
    mutable = [list(_containers(each)) for each in (one, other, value, copier.original)]
    identities = list(itertools.chain.from_iterable(map(id, found) for found in mutable))
    assert len(set(identities)) == len(identities)


def _containers(value):
    if isinstance(value, dict | list | set | tuple):
        if not isinstance(value, tuple):
            yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


SAME: list = []
ENDLESS: list = [[1], 2]
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    "value",
    [
        *[[SAME, SAME], {"a": SAME, "b": SAME}, [1, (SAME, {"a": SAME})], [SAME, [[SAME]]]],
        *[[[1], *[[[number]] for number in range(200)]], ENDLESS, {"a": ENDLESS}, 1, "a"],
        *[OrderedDict(a=1), {"a": RED}, {Point(1, 2): 1}, [Text("a")], bytearray(b"a")],
        *[{Text("a"): [1]}, [[1], Text("a")], {"a": [object()]}, [{RED}, 1]],
    ],
)
def test_what_a_copy_would_get_wrong_or_does_not_know_is_left_to_pickle(value):
    assert copier_for(value) is None


def test_a_later_change_to_the_value_is_not_seen_by_copies():
    value = {"a": [1, {"b": [2]}], "c": {3}}
    copier = copier_for(value)
    value["a"][1]["b"].append(4)
    value["c"].add(5)
    assert copier.copy() == copier.original == {"a": [1, {"b": [2]}], "c": {3}}


def test_order_and_types_stay_as_they_are():
    value = {"b": [1, True, 1.0], "a": [[2], {3: None, 2: [1]}], 0: ([], -0.0)}
    copy = copier_for(value).copy()
    assert repr(copy) == repr(value)


plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3))
nested = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(plain, inner, max_size=5),
        # Sets have no order of their own: their copies may list the items in another one.
        st.sets(st.integers(), max_size=1),
    ),
)


@given(nested)
def test_what_is_copied_is_the_same_to_the_letter_and_shares_no_container(value):
    copier = copier_for(value)
    if copier is not None:
        one, other = copier.copy(), copier.copy()
        assert repr(one) == repr(other) == repr(value)
        mutable = [id(each) for copy in (one, other, value) for each in _containers(copy)]
        assert len(set(mutable)) == len(mutable)


def test_a_very_deep_value_is_left_to_pickle():
    value: list = []
    for _ in range(5_000):
        value = [value, 1]
    assert copier_for(value) is None
