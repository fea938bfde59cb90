"""Paths to objects that a call can reach."""

from __future__ import annotations

import dataclasses
import json
import os
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.hosting import Call
from reprise.hosts.containers import MAX_LOOKED_AT, Step, find, find_members, follow


class Target:
    pass


def is_target(value):
    return type(value) is Target


def paths(call, target):
    return find(call, lambda value: value is target, is_target)


@dataclasses.dataclass
class Holder:
    inner: object


@dataclasses.dataclass(slots=True)
class Slotted:
    inner: object


BOX = Target()
BOXES = {"all": [None, Target()]}


def uses_global():
    return BOX


def uses_nested():
    return [(lambda: BOXES) for _ in "a"]


def uses_helper():
    return uses_global()


def uses_attribute_named_alike(value):
    return value.uses_global


@pytest.mark.parametrize(
    "wrap",
    [
        lambda target: target,
        lambda target: [1, target],
        lambda target: (target,),
        lambda target: {"a": {"b": [target]}},
        Holder,
        lambda target: [Holder({"x": (target,)})],
        lambda target: types.SimpleNamespace(inner=target),
        lambda target: lambda: target,
    ],
)
def test_an_object_in_an_argument_is_found_and_so_is_its_successor(wrap):
    target, successor = Target(), Target()
    [path] = paths(Call(len, {"other": 1, "value": wrap(target)}), target)
    assert follow(path, Call(len, {"other": 2, "value": wrap(successor)})) is successor


@pytest.mark.parametrize(
    ("function", "target"),
    [(uses_global, BOX), (uses_nested, BOXES["all"][1]), (uses_helper, BOX)],
)
def test_an_object_that_the_code_names_is_found(function, target):
    call = Call(function, {})
    assert [follow(path, call) for path in paths(call, target)] == [target]


def test_a_closure_of_a_later_run_holds_the_later_object():
    def make(target):
        def function():
            return target

        return function

    first, second = Target(), Target()
    [path] = paths(Call(make(first), {}), first)
    assert follow(path, Call(make(second), {})) is second


def test_a_bound_method_leads_to_what_its_function_names():
    class Helper:
        def show(self):
            return BOX

    call = Call(len, {"show": Helper().show})
    assert [follow(path, call) for path in paths(call, BOX)] == [BOX]


def test_a_variable_that_is_not_assigned_yet_is_passed_over():
    def function():
        return later

    assert paths(Call(function, {}), BOX) == ()
    later = BOX
    assert len(paths(Call(function, {}), later)) == 1


def test_an_object_in_several_places_is_found_in_all_of_them():
    target = Target()
    call = Call(len, {"one": target, "many": [target, {"x": target}]})
    found = paths(call, target)
    assert len(found) == 3
    assert all(follow(path, call) is target for path in found)
    assert [len(path) for path in found] == [1, 2, 3]


def test_circles_end():
    circle: list[object] = []
    circle.append(circle)
    holder = Holder(None)
    holder.inner = [holder]
    assert paths(Call(len, {"circle": circle, "holder": holder}), Target()) == ()


def test_what_cannot_be_reached_is_not_found():
    assert paths(Call(len, {"value": Slotted(1), "module": dataclasses}), BOX) == ()


@dataclasses.dataclass(slots=True)
class Derived(Slotted):
    other: object = None


class Unassigned:
    __slots__ = ("missing", "there")


def test_slots_are_looked_into():
    one, two = Target(), Target()
    half = Unassigned()
    half.there = [one]
    for value in (Slotted([one]), Derived(1, [one]), half):
        [path] = paths(Call(len, {"value": value}), one)
        assert follow(path, Call(len, {"value": value})) is one
    [path] = paths(Call(len, {"value": Derived(one, two)}), two)
    assert follow(path, Call(len, {"value": Derived(two, one)})) is one
    with pytest.raises(LookupError):
        follow(path, Call(len, {"value": Slotted(two)}))


def test_the_search_does_not_go_through_all_of_a_large_argument():
    looked_at = []

    class Large(list):
        def __iter__(self):
            for n in range(10 * MAX_LOOKED_AT):
                looked_at.append(n)
                yield n

    assert paths(Call(len, {"data": Large(), "more": Large()}), BOX) == ()
    assert len(looked_at) <= MAX_LOOKED_AT + 2


@pytest.mark.parametrize(
    "argument",
    [
        [],
        {"a": []},
        {"a": [{}]},
        {"a": 1},
        None,
        {"a": [{"b": None}, 0]},
    ],
)
def test_a_path_that_leads_nowhere_says_so(argument):
    target = Target()
    [path] = paths(Call(len, {"value": {"a": [0, {"b": target}]}}), target)
    with pytest.raises(LookupError, match="is not there"):
        follow(path, Call(len, {"value": argument}))


def test_an_argument_that_is_gone_says_so():
    [path] = paths(Call(len, {"value": BOX}), BOX)
    with pytest.raises(LookupError, match="argument 'value' is not there"):
        follow(path, Call(len, {}))


def test_an_object_that_hides_its_attributes_is_not_asked():
    class Hidden:
        def __getattribute__(self, name):
            raise AssertionError("a search must not run the user's code")

    assert paths(Call(len, {"value": Hidden()}), BOX) == ()


TREES = st.recursive(
    st.none() | st.integers() | st.builds(Target),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.builds(Holder, inner),
    max_leaves=20,
)


@given(TREES)
def test_every_path_leads_to_what_it_was_found_for(tree):
    call = Call(len, {"tree": tree})
    found = find(call, is_target, is_target)
    assert all(is_target(follow(path, call)) for path in found)
    assert len(found) == len(set(found)) == repr(tree).count("Target object")


SECRET = ["not named by anything"]


def names_a_module(n):
    return os.sep, n


@pytest.mark.parametrize(
    "path",
    [
        (Step("function"), Step("global", "SECRET")),
        (Step("function"), Step("global", "os"), Step("attribute", "system")),
        (Step("function"), Step("global", "os"), Step("member", "system")),
        (Step("argument", "kind"), Step("member", "sep")),
        (Step("argument", "kind"), Step("attribute", "__init__")),
        (Step("argument", "text"), Step("item", 0)),
        (Step("argument", "sly"), Step("item", "anything")),
    ],
)
def test_a_path_that_is_never_found_leads_nowhere(path):
    class Sly:
        def __getitem__(self, name):
            raise AssertionError("it was asked")

    arguments = {"kind": Sly, "text": "text", "sly": Sly()}
    assert follow(path[:1], Call(names_a_module, arguments)) is not None
    with pytest.raises(LookupError):
        follow(path, Call(names_a_module, arguments))


def names_members(n):
    return json.decoder.py_scanstring, n


def test_what_a_module_has_is_found_where_the_code_names_both():
    call = Call(names_members, {})
    (path,) = find_members(call, json.decoder.py_scanstring)
    steps = [(step.kind, step.name) for step in path]
    assert steps[1:] == [("global", "json"), ("member", "decoder"), ("member", "py_scanstring")]
    assert follow(path, call) is json.decoder.py_scanstring
    assert find_members(call, json.dumps) == ()
    for other in (names_a_module, len):
        assert find_members(Call(other, {}), json.decoder.py_scanstring) == ()
        with pytest.raises(LookupError):
            follow(path, Call(other, {}))


def test_what_a_module_has_under_two_names_is_found_under_both():
    module = types.ModuleType("module")
    module.one = module.other = lambda: None
    script = {"module": module}
    exec("def f(n): return module.one if n else module.other", script)
    call = Call(script["f"], {})
    paths = find_members(call, module.one)
    assert [path[-1].name for path in paths] == ["one", "other"]
    assert {follow(path, call) for path in paths} == {module.one}
