"""Remembered digests: never another than encoding the arguments now would give."""

from __future__ import annotations

import copyreg
import dataclasses
import functools
import os
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.errors import UnhashableParamError
from reprise.keys import ArgumentKeys, Parameter
from reprise.keys.names import type_name
from reprise.keys.registered import registry
from reprise.keys.shortcuts import Shortcuts
from reprise.keys.walk import Walk

PARAMETERS = (Parameter("x"), Parameter("y"))


@dataclasses.dataclass
class Point:
    x: object
    y: object = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    x: object


@dataclasses.dataclass
class Derived(Point):
    z: object = 0


class Plain:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Keyed:
    def __init__(self, key):
        self.key = key

    def __reprise_key__(self):
        return self.key


class Lazy:
    def __init__(self, x):
        self.x = x

    @functools.cached_property
    def doubled(self):
        return self.x * 2


class Pair(NamedTuple):
    x: object
    y: object


plain = st.one_of(
    st.none(), st.booleans(), st.sampled_from([0, 1, 2, 0.0, -0.0, 1.0, float("nan")]),
    st.text(max_size=2), st.binary(max_size=2), st.sampled_from(["a" * 65, b"a" * 65, 1 << 80]),
)  # fmt: skip
nested = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["x", "y", 1, True, "z"]), inner, max_size=3),
        st.builds(Point, inner, inner),
        st.builds(Derived, inner, inner, inner),
        st.builds(Slotted, inner),
        st.builds(Keyed, inner),
        st.builds(Lazy, inner),
        st.builds(Pair, inner, inner),
        st.builds(lambda x, y: Plain(x=x, y=y), inner, inner),
        st.builds(lambda x, y: Plain(y=y, x=x), inner, inner),
    ),
    max_leaves=4,
)


def key(keys, *values):
    return keys.key((), values)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(nested, nested), min_size=1, max_size=6))
def test_remembered_digests_are_those_of_encoding(calls):
    keys = ArgumentKeys("load", PARAMETERS)
    for values in [*calls, *reversed(calls)]:
        found = key(keys, *values)
        assert found == ArgumentKeys("load", PARAMETERS).key((), values)
        if isinstance(found[-1], bytes) and len(found) == 1:
            assert found[-1].parts == keys.digest(values).parts


@pytest.fixture
def encoded(monkeypatch):
    """Counts the values that are encoded."""
    seen = []
    walk = Walk.__call__

    def spy(self, value):
        seen.append(value)
        return walk(self, value)

    monkeypatch.setattr(Walk, "__call__", spy)
    return seen


@pytest.mark.parametrize(
    "make",
    [
        lambda: Point(1, "a"),
        lambda: Derived(1, 2, None),
        lambda: Plain(x=1, y=2.5),
        lambda: Keyed("a"),
        lambda: Keyed(("a", 1)),
        lambda: [1, "a"],
        lambda: (1, None),
        lambda: {"a": 1},
        lambda: (),
    ],
)
def test_small_arguments_are_encoded_once(make, encoded):
    keys = ArgumentKeys("load", PARAMETERS)
    first = key(keys, make(), 1)
    encoded.clear()
    assert key(keys, make(), 1) == first
    assert encoded == []


@pytest.mark.parametrize(
    "value", [[0.0], [-0.0], [float("nan")], ["a" * 65], [(1,)], [[1]], Point([], 1), Slotted(1)]
)
def test_what_equality_does_not_tell_apart_is_encoded_each_time(value, encoded):
    keys = ArgumentKeys("load", PARAMETERS)
    key(keys, value, 1)
    encoded.clear()
    key(keys, value, 1)
    assert encoded != []


def test_fields_and_other_attributes_are_told_apart():
    keys = ArgumentKeys("load", (Parameter("x"),))
    point, other = Point("a", 1), Point("a", 1)
    del other.y
    other.z = 1
    assert key(keys, point) != key(keys, other)
    assert key(keys, other) != key(keys, point)


def test_an_object_that_changes_has_another_digest():
    keys, point = ArgumentKeys("load", (Parameter("x"),)), Point(1)
    seen = {key(keys, point)}
    for x in (2, True, 1.0, "1", [1]):
        point.x = x
        seen.add(key(keys, point))
    assert len(seen) == 6
    point.x = 1
    assert key(keys, point) in seen


def made_class(source):
    names = {"__name__": "__main__", "dataclasses": dataclasses}
    exec(source, names)
    return names["Made"]


def test_an_edited_class_of_the_same_name_has_another_digest():
    source = (
        "@dataclasses.dataclass\nclass Made:\n    x: int\n    def area(self): return self.x * 2"
    )
    keys = ArgumentKeys("load", (Parameter("x"),))
    before = key(keys, made_class(source)(1))
    assert key(keys, made_class(source)(1)) == before
    assert key(keys, made_class(source.replace("2", "3"))(1)) != before


def test_a_method_that_is_replaced_is_seen():
    made = made_class("class Made:\n    def area(self): return 2")
    keys = ArgumentKeys("load", (Parameter("x"),))
    before = key(keys, made())
    assert key(keys, made()) == before
    made.area = lambda self: 3
    assert key(keys, made()) != before


def test_another_name_of_a_class_is_seen():
    made = made_class("class Made: pass")
    keys = ArgumentKeys("load", (Parameter("x"),))
    before = {key(keys, made()) for _ in range(2)}
    made.__qualname__ = "Other"
    assert key(keys, made()) not in before


def test_a_constant_of_a_class_that_is_exchanged_for_an_equal_one_is_seen():
    made = made_class("class Made:\n    limit = 1")
    keys = ArgumentKeys("load", (Parameter("x"),))
    before = key(keys, made())
    made.limit = True
    assert key(keys, made()) != before


def test_an_encoder_that_is_registered_later_has_the_word():
    made = made_class("class Made:\n    def __init__(self, x): self.x, self.seen = x, 1")
    keys = ArgumentKeys("load", (Parameter("x"),))
    before = key(keys, made(1))
    content = ["a"]
    undo = registry.put(type_name(made), lambda value: (value.x, content[0]))
    try:
        first = key(keys, made(1))
        assert first != before
        content[0] = "b"
        assert key(keys, made(1)) != first
    finally:
        undo()


def test_objects_that_are_reduced_in_a_way_of_their_own_are_encoded(encoded):
    class Own:
        def __init__(self, x):
            self.x = x

    content = ["a"]
    copyreg.pickle(Own, lambda value: (Own, (content[0],)))
    keys = ArgumentKeys("load", (Parameter("x"),))
    try:
        before = key(keys, Own(1))
        content[0] = "b"
        assert key(keys, Own(1)) != before
    finally:
        del copyreg.dispatch_table[Own]


def reduce_by_environment(made):
    return type(made), (os.environ["REPRISE_TEST_STATE"],)


def say_in_class(made):
    made.__reduce__ = reduce_by_environment


def say_in_table(made):
    copyreg.pickle(made, reduce_by_environment)


@pytest.mark.parametrize("say", [say_in_class, say_in_table])
def test_a_class_may_say_later_how_it_is_reduced(say, monkeypatch):
    made = made_class("class Made:\n    def __init__(self, x): self.x = x")
    keys = ArgumentKeys("load", (Parameter("x"),))
    before = {key(keys, made(1)) for _ in range(2)}
    try:
        say(made)
        for state in ("a", "b"):
            monkeypatch.setenv("REPRISE_TEST_STATE", state)
            found = {key(keys, made(1)) for _ in range(3)}
            assert len(found) == 1
            assert found.isdisjoint(before)
            before |= found
    finally:
        copyreg.dispatch_table.pop(made, None)


def test_a_key_method_that_fails_later_is_not_told():
    class Failing:
        def __reprise_key__(self):
            counter.append(1)
            if len(counter) == fails_at:
                raise OSError("gone")
            return "a"

    keys, counter, fails_at = ArgumentKeys("load", (Parameter("x"),)), [], None
    before = key(keys, Failing())
    counter.clear()
    fails_at = 3  # of a new entry: looked up, encoded, looked at again
    keys = ArgumentKeys("load", (Parameter("x"),))
    assert key(keys, Failing()) == before


def test_objects_in_a_container_are_not_asked_for_their_hash():
    class Listed(Plain):
        def __hash__(self):
            asked.append(self)
            return 1

    asked = []
    key(ArgumentKeys("load", (Parameter("x"),)), [Listed(x=1)])
    assert asked == []


def test_deeply_nested_tuples_do_not_end_the_process():
    value = ()
    for _ in range(500_000):
        value = (value,)
    with pytest.raises(UnhashableParamError, match="nested too deeply"):
        key(ArgumentKeys("load", (Parameter("x"),)), [value])


@pytest.mark.parametrize("value", [[1 << 1000], {"a": 1 << 1000}, Keyed(tuple(range(1000)))])
def test_what_is_large_is_not_remembered(value):
    keys = ArgumentKeys("load", (Parameter("x"),))
    for _ in range(3):
        key(keys, value)
    assert not keys._digest.__self__._digests


def test_hash_functions_are_asked_each_time():
    content = ["a"]
    keys = ArgumentKeys("load", (Parameter("x"),), {Point: lambda point: content[0]})
    before = key(keys, Point(1))
    content[0] = "b"
    assert key(keys, Point(1)) != before


def test_a_value_that_changes_while_it_is_encoded_is_not_remembered():
    items, made = [1], []

    def digest(values):
        made.append(repr(values))
        items.append(len(items) + 1)
        return made[-1].encode()

    shortcuts = Shortcuts((0,), digest)
    shortcuts.digest((items,))
    assert shortcuts.digest(([1],)) == b"([1],)"
    assert shortcuts.digest(([1, 2],)) == b"([1, 2],)"
    assert shortcuts.digest(([1, 2],)) == b"([1, 2],)"
    assert len(made) == 3


def test_excluded_arguments_are_not_looked_at():
    keys = ArgumentKeys("load", (Parameter("x"), Parameter("_log")))
    assert key(keys, [1], object()) == key(keys, [1], object())


def test_what_is_remembered_is_bounded():
    shortcuts = Shortcuts((0,), lambda _: b"digest")
    for number in range(1000):
        shortcuts.digest(([number],))
    assert 0 < len(shortcuts._digests) <= 256


def test_classes_that_nobody_has_any_more_are_not_kept():
    import gc
    import weakref

    keys = ArgumentKeys("load", (Parameter("x"),))
    made = made_class("@dataclasses.dataclass\nclass Made:\n    x: int")
    key(keys, made(1))
    key(keys, made(1))
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None
