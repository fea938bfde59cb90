"""The walk: nesting, sharing, cycles, and any values at all."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.errors import UnhashableParamError
from reprise.keys import ArgumentKeys, Parameter, digest

CODE = ("code",)
ONE = ArgumentKeys("load", (Parameter("x"),))


def test_a_deep_structure_shared_many_times_is_cheap():
    shared = [1]
    for _ in range(60):
        shared = [shared, shared]
    rebuilt = copy.deepcopy(shared)
    assert digest(shared) == digest(rebuilt)


def test_the_place_of_entry_into_a_cycle_counts_and_sharing_does_not():
    parent, child = ["parent"], ["child"]
    parent.append(child)
    child.append(parent)
    twin_parent, twin_child = ["parent"], ["child"]
    twin_parent.append(twin_child)
    twin_child.append(twin_parent)
    assert digest(parent) != digest(child)
    assert digest([parent, child]) == digest([twin_parent, child])
    assert digest([child, parent]) == digest([twin_child, parent])


def test_a_densely_entangled_graph_is_refused_and_does_not_hang():
    nodes = [[index] for index in range(24)]
    for node in nodes:
        node.extend([nodes, *nodes])
    with pytest.raises(UnhashableParamError, match="refer to each other in too many ways"):
        digest(nodes)


def test_what_is_nested_too_deeply_says_so():
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UnhashableParamError, match="nested too deeply"):
        digest(deep)


def test_what_a_library_raises_on_being_read_is_told_with_the_ways_out():
    view = memoryview(b"abc")
    view.release()
    with pytest.raises(UnhashableParamError, match="reading it raised ValueError: ") as caught:
        digest({"view": view})
    assert isinstance(caught.value.__cause__, ValueError)
    assert "argument 'value['view']' (of type memoryview)" in str(caught.value)


# Any values.

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(codec=None))
    | st.binary()
)
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.binary()
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.lists(inner).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.frozensets(KEYS)
        | st.sets(KEYS)
    ),
    max_leaves=20,
)


def shape_of(value):
    """Something that is equal exactly for values that no function could tell apart."""
    if isinstance(value, float):
        return (float, "nan" if math.isnan(value) else value.hex())
    if isinstance(value, complex):
        return (complex, shape_of(value.real), shape_of(value.imag))
    if isinstance(value, list | tuple):
        return (type(value), tuple(map(shape_of, value)))
    if isinstance(value, set | frozenset):
        return (type(value), frozenset(map(shape_of, value)))
    if isinstance(value, Mapping):
        return (dict, frozenset((shape_of(key), shape_of(item)) for key, item in value.items()))
    return (type(value), value)


def shuffled(value):
    """The same value made anew, dicts and sets filled the other way round."""
    if isinstance(value, dict):
        return {key: shuffled(item) for key, item in reversed(value.items())}
    if isinstance(value, list | tuple):
        return type(value)(map(shuffled, value))
    if isinstance(value, set | frozenset):
        return type(value)(sorted(value, key=repr, reverse=True))
    return copy.deepcopy(value)


@given(VALUES)
def test_equal_values_give_equal_keys(value):
    assert ONE.key(CODE, (value,)) == ONE.key(CODE, (shuffled(value),))


@given(VALUES, VALUES)
def test_keys_are_equal_exactly_when_values_are(one, other):
    equal = shape_of(one) == shape_of(other)
    assert (ONE.key(CODE, (one,)) == ONE.key(CODE, (other,))) is equal


@given(st.lists(VALUES, min_size=1, max_size=4), st.data())
def test_a_small_change_makes_another_key(values, data):
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [*values]
    changed[place] = data.draw(VALUES)
    equal = shape_of(values) == shape_of(changed)
    assert (digest(values) == digest(changed)) is equal
