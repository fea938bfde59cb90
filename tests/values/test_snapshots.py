from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reprise.contracts import MISSING, Snapshot
from reprise.values import share, size_of, take_snapshot
from reprise.values.adoption import Adopted
from reprise.values.pages import PagePool
from reprise.values.snapshots import Buffered, Cloned, Copied, Pickled, Shared
from reprise.values.spool import PAGES_FROM, PageBuffers

LARGE = PAGES_FROM // 8


@dataclass
class Basket:
    items: list = field(default_factory=list)


def set_first(value):
    value[0] = 99


def set_cell(frame):
    frame.iloc[0, 0] = 99


def set_all(frame):
    frame.loc[:, :] = 99.0


def set_polars(frame):
    frame[0, "a"] = 99


def append_to_cell(frame):
    frame.loc[0, "o"].append(99)


def write_through_values(frame):
    with_block = frame.to_numpy(copy=False)
    with_block.flags.writeable = True
    with_block[0, 0] = 99


def frame(rows: int) -> pd.DataFrame:
    return pd.DataFrame(np.arange(rows * 2.0).reshape(rows, 2), columns=["a", "b"])


def objects() -> pd.DataFrame:
    return pd.DataFrame({"o": [[1], [2]], "t": ["x", "y"]})


@dataclass(frozen=True)
class Attack:
    """A value, one way to change what was handed out, and the kind of snapshot it gets."""

    name: str
    make: Callable[[], Any]
    change: Callable[[Any], object]
    kind: type = Buffered


ATTACKS = [
    Attack("dict", lambda: {"a": 1}, lambda v: v.update(a=2), Copied),
    Attack("list", lambda: [1, 2], set_first, Copied),
    Attack("set", lambda: {1, 2}, lambda v: v.clear(), Copied),
    Attack("records", lambda: [{"a": 1}, {"a": 2}], lambda v: v[1].clear(), Copied),
    Attack("columns", lambda: {"a": [1], "b": [2]}, lambda v: v["b"].append(3), Copied),
    Attack("nested", lambda: {"a": [1, {"b": 2}]}, lambda v: v["a"][1].clear(), Copied),
    Attack("tuple", lambda: (1, [2]), lambda v: v[1].append(3), Copied),
    Attack("bytearray", lambda: bytearray(b"ab"), set_first, Pickled),
    Attack("object", lambda: Basket([1]), lambda v: v.items.append(2), Pickled),
    Attack("attribute", lambda: Basket([1]), lambda v: setattr(v, "items", 3), Pickled),
    Attack("tiny array", lambda: np.arange(5), set_first, Pickled),
    Attack("array", lambda: np.arange(5000), set_first),
    Attack("large array", lambda: np.arange(LARGE), set_first),
    Attack("large array, all of it", lambda: np.zeros(LARGE), lambda v: v.fill(9)),
    Attack("large array, a view", lambda: np.zeros(LARGE), lambda v: v[1:][::-1].fill(9)),
    Attack("large array, its bytes", lambda: np.zeros(LARGE), lambda v: v.view("u1").fill(9)),
    Attack("large array, reshaped", lambda: np.zeros(LARGE), lambda v: set_first(v.reshape(2, -1))),
    Attack("large array with gaps", lambda: np.arange(2 * LARGE)[::2], set_first),
    Attack("large moments", lambda: np.zeros(LARGE, "M8[s]"), lambda v: v.fill(9)),
    Attack(
        "array of objects", lambda: np.array([[1], {2}], "O"), lambda v: v[0].append(9), Pickled
    ),
    Attack("arrays", lambda: {"a": np.zeros(LARGE), "b": np.ones(9)}, lambda v: v["b"].fill(9)),
    Attack("frame", lambda: frame(2000), set_cell, Adopted),
    Attack("frame of many rows", lambda: frame(LARGE), set_cell, Adopted),
    Attack("rows of a frame", lambda: frame(2 * LARGE).iloc[: LARGE + 1], set_cell, Adopted),
    Attack("frame in a list", lambda: [frame(2000)], lambda v: set_cell(v[0])),
    Attack("large frame in a list", lambda: [frame(LARGE)], lambda v: set_cell(v[0])),
    Attack("all of a frame in a list", lambda: [frame(LARGE)], lambda v: set_all(v[0])),
    Attack("a column of a frame in a list", lambda: [frame(LARGE)], lambda v: v[0].pop("a")),
    Attack("a new column in a list", lambda: [frame(LARGE)], lambda v: v[0].insert(0, "z", 1)),
    Attack("values in a list", lambda: [frame(LARGE)], lambda v: write_through_values(v[0])),
    Attack(
        "a renamed frame in a list",
        lambda: [frame(LARGE)],
        lambda v: setattr(v[0], "columns", ["x", "y"]),
    ),
    Attack("frame of objects", objects, append_to_cell, Pickled),
    Attack("series", lambda: frame(LARGE)["a"], set_first, Adopted),
    Attack("polars", lambda: pl.DataFrame({"a": [1, 2]}), set_polars, Cloned),
    Attack("image", lambda: Image.new("L", (9, 9)), lambda v: v.putpixel((0, 0), 9), Pickled),
]


def same(one: object, other: object) -> bool:
    """Equality that holds for frames, arrays and NaN, and tells types apart."""
    if type(one) is not type(other):
        return False
    if isinstance(one, pd.DataFrame | pd.Series | pl.DataFrame):
        return bool(one.equals(other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tolist() == other.tolist()
    if isinstance(one, float | complex):
        return repr(one) == repr(other)
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@pytest.fixture(params=ATTACKS, ids=lambda attack: attack.name)
def attack(request) -> Attack:
    return request.param


def test_a_change_to_what_was_handed_out_is_seen_by_nobody_else(attack, take):
    snapshot = take(attack.make())
    early, mine = snapshot.restore(), snapshot.restore()
    attack.change(mine)
    assert same(early, attack.make())
    assert same(snapshot.restore(), attack.make())
    assert not same(mine, attack.make())


def test_a_change_to_the_original_is_not_seen_by_the_snapshot(attack, take):
    original = attack.make()
    snapshot = take(original)
    attack.change(original)
    assert same(snapshot.restore(), attack.make())


def test_what_was_handed_out_outlives_the_snapshot(attack, take):
    snapshot = take(attack.make())
    mine, other = snapshot.restore(), snapshot.restore()
    del snapshot
    gc.collect()
    attack.change(mine)
    assert same(other, attack.make())


def test_what_was_handed_out_can_be_pickled_copied_and_kept_again(attack, take):
    mine = take(attack.make()).restore()
    assert same(pickle.loads(pickle.dumps(mine, 5)), attack.make())
    assert same(copy.deepcopy(mine), attack.make())
    assert same(take(mine).restore(), attack.make())


def test_each_value_is_kept_in_its_way_and_knows_its_size(attack, take):
    snapshot = take(attack.make())
    assert type(snapshot) is attack.kind
    assert isinstance(snapshot, Snapshot)
    assert snapshot.shared is MISSING
    assert snapshot.size > 0
    if attack.name.startswith("large"):
        assert isinstance(snapshot.buffers, PageBuffers)
        assert PAGES_FROM <= snapshot.size < 2.1 * PAGES_FROM


@pytest.mark.parametrize("value", [None, 1, "a", (), (1, ("a",)), frozenset({1}), np.float64(2)])
def test_immutable_values_are_shared_as_they_are(take, value):
    snapshot = take(value)
    assert type(snapshot) is Shared
    assert snapshot.shared is value
    assert snapshot.restore() is value
    assert snapshot.size == size_of(value)


def test_a_resource_is_the_very_object_and_costs_what_it_holds():
    resource = {"model": bytearray(1_000_000)}
    snapshot = share(resource)
    assert snapshot.shared is snapshot.restore() is resource
    assert 1_000_000 < snapshot.size < 1_010_000
    assert isinstance(snapshot, Snapshot)


def test_an_arrow_table_comes_back(take):
    table = pa.table({"a": np.arange(LARGE), "t": ["x", None] * (LARGE // 2)})
    snapshot = take(table)
    assert isinstance(snapshot, Shared)
    assert snapshot.restore().equals(table)


def test_text_columns_and_categories_come_back(take):
    data = pd.DataFrame(
        {"t": ["x", None, "yy"] * 9, "n": pd.array([1, None, 3] * 9, dtype="Int64")}
    )
    data["c"] = data["t"].astype("category")
    data["z"] = pd.date_range("2024-01-01", periods=27, tz="Europe/Berlin")
    pd.testing.assert_frame_equal(take(data).restore(), data)


def test_a_large_array_in_memory_mode_is_isolated_too(take, monkeypatch):
    monkeypatch.setattr("reprise.values.snapshots.POOL", PagePool(refuse_all))
    snapshot = take(np.zeros(LARGE))
    mine = snapshot.restore()
    mine[0] = 1
    assert not snapshot.restore().any()


def refuse_all():
    from reprise.values.pages import Limits

    return Limits(files=0, mappings=0)


def test_aliases_and_cycles_inside_a_value_are_kept(take):
    shared = [1]
    value: dict[str, Any] = {"a": shared, "b": shared}
    value["self"] = value
    restored = take(value).restore()
    assert restored["a"] is restored["b"]
    assert restored["self"] is restored
    pair = take([shared, shared]).restore()
    assert pair[0] is pair[1]


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
)
HASHABLE = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
NESTED = st.recursive(
    HASHABLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
    ),
    max_leaves=12,
)


def mutable_parts(value: object) -> set[int]:
    parts = {id(value)} if isinstance(value, list | dict | set) else set()
    if isinstance(value, dict):
        return parts.union(*map(mutable_parts, value.values()))
    if isinstance(value, list | tuple):
        return parts.union(*map(mutable_parts, value))
    return parts


@given(NESTED)
def test_any_nesting_of_builtins_comes_back_equal_and_shares_nothing_mutable(value):
    snapshot = take_snapshot(value, len)
    one, other = snapshot.restore(), snapshot.restore()
    assert same(one, value)
    assert same(other, value)
    assert not mutable_parts(one) & mutable_parts(other)
    assert not mutable_parts(one) & mutable_parts(value)


@given(st.sets(HASHABLE) | st.frozensets(HASHABLE))
def test_any_set_comes_back(value):
    restored = take_snapshot(value, len).restore()
    assert type(restored) is type(value)
    assert sorted(map(repr, restored)) == sorted(map(repr, value))


@pytest.mark.parametrize(
    "make", [lambda: np.zeros(LARGE), lambda: {"a": [0] * 9}, lambda: frame(LARGE)]
)
def test_threads_that_restore_at_once_get_their_own(take, make):
    snapshot = take(make())

    def work(number):
        mine = snapshot.restore()
        if isinstance(mine, np.ndarray):
            mine[:100] = number
            return (mine[:100] == number).all() and not mine[100:200].any()
        if isinstance(mine, pd.DataFrame):
            mine.iloc[0, 0] = number
            return mine.iloc[0, 0] == number and mine.iloc[1, 0] == 2
        mine["a"][0] = number
        return mine["a"] == [number] + [0] * 8

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(200)))
    assert same(snapshot.restore(), make())


@pytest.mark.parametrize("gaps", [False, True])
def test_taking_and_restoring_a_large_value_holds_no_second_copy_in_memory(take, gaps):
    array = np.ones((4, 6_250_000))
    value = array[:, ::2] if gaps else [pd.DataFrame(array.T, copy=False)]
    tracemalloc.start()
    try:
        snapshot = take(value)
        restored = snapshot.restore()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
    assert np.asarray(restored if gaps else restored[0])[-1, -1] == 1


FORK = """
import gc, os, sys
import numpy as np
from reprise.values import take_snapshot
from reprise.values.pages import POOL

snapshot = take_snapshot(np.zeros(1_000_000), len)
held = snapshot.restore()
child = os.fork()
if child == 0:
    held[:] = 1
    snapshot.restore()[:] = 2
    fresh = snapshot.restore()
    good = held.all() and not fresh.any()
    del snapshot, held, fresh
    gc.collect()
    os._exit(0 if good and (POOL.files, POOL.mappings) == (0, 0) else 1)
_, status = os.waitpid(child, 0)
assert status == 0, status
assert not held.any() and not snapshot.restore().any()
"""

AT_EXIT = """
import numpy as np
from reprise.values import take_snapshot

snapshot = take_snapshot(np.zeros(1_000_000), len)
held = [snapshot.restore() for _ in range(3)]
held.append(held)
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            FORK,
            marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
            id="fork",
        ),
        pytest.param(AT_EXIT, id="exit while values are held"),
    ],
)
def test_a_process_that_forks_or_ends_does_so_in_peace(script):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_mappings_go_with_the_values_that_use_them(take, pool):
    snapshot = take([frame(LARGE)])
    held = [snapshot.restore() for _ in range(3)]
    view = held[0][0]["a"].to_numpy()
    assert (pool.files, pool.mappings) == (1, 3)
    held.clear()
    gc.collect()
    assert (pool.files, pool.mappings) == (1, 1)
    assert view[0] == 0
    del view, snapshot
    gc.collect()
    assert (pool.files, pool.mappings) == (0, 0)


def test_a_large_array_cannot_be_resized_under_its_mapping(take):
    mine = take(np.zeros(LARGE)).restore()
    with pytest.raises(ValueError, match="resize"):
        mine.resize(2 * LARGE, refcheck=False)
    assert not mine.any()
