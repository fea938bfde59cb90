"""What callers, the function and threads do to frames of `cache_data` is seen by nobody else.

Beside each cached call stands the same without a cache: what it gives is what has to come back,
and what a change makes of it is what the change has to make of a hit.
"""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from frame_changes import CHANGES, LARGE, SMALL, add, assert_same, build, set_categories, set_some

from reprise import cache_data

IGNORED = ["ignore:The inplace keyword", "ignore:Setting an item of incompatible dtype"]


def flip(values):
    """Try to write as the documentation of pandas says it is done."""
    try:
        values.flags.writeable = True
        values.flat[0] = values.flat[-1]
    except ValueError:
        return False
    return True


@pytest.mark.filterwarnings(*IGNORED)
@pytest.mark.parametrize("rows", [SMALL, LARGE])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_does_to_a_hit_what_it_does_to_a_fresh_frame(change, rows):
    load = cache_data(build)
    first, fresh = load(rows), build(rows)
    for mine in (first, load(rows)):
        CHANGES[change](mine)
    CHANGES[change](fresh)
    assert_same(first, fresh)
    assert_same(mine, fresh)
    assert_same(load(rows), build(rows))


@pytest.mark.filterwarnings(*IGNORED)
@pytest.mark.parametrize("rows", [SMALL, LARGE])
@pytest.mark.parametrize("column", "abnytzdcgo")
def test_a_change_to_a_column_is_not_seen_in_its_frame(column, rows):
    load = cache_data(build)
    mine = load(rows)
    series, slices, copies = mine[column], mine.iloc[:4], mine.copy(deep=False)
    series.iloc[0] = series.iloc[1]
    slices.iloc[0, 0] = 99.0
    copies["a"] = 1.0
    assert_same(mine, build(rows))
    assert_same(load(rows), build(rows))


@pytest.mark.parametrize("rows", [SMALL, LARGE])
@pytest.mark.parametrize("column", "abnytzdcgo")
def test_arrays_of_a_hit_cannot_be_made_writable_for_all(column, rows):
    load = cache_data(build)
    mine = load(rows)
    series = mine[column]
    arrays = [series.to_numpy(), np.asarray(series), mine.index.to_numpy()]
    arrays += [mine[["a"]].to_numpy(), mine[["a"]].values, np.asarray(mine[["a"]])]
    for array in arrays:
        if isinstance(array, np.ndarray):
            flip(array)
    try:
        series.array[0] = series.array[1]
    except (TypeError, ValueError):
        # Loudly refused, which is as good.
        pass
    assert_same(load(rows), build(rows))


kept: list = []
"""What functions hold on to. Not named by them: it would count as a part of their keys."""


@pytest.fixture(autouse=True)
def _forget():
    kept.clear()
    yield
    kept.clear()


def keep(thing):
    globals()["kept"].append(thing)


HOLDS = {
    "the frame": lambda df: df,
    "a column": lambda df: df["a"],
    "numbers": lambda df: df["a"].to_numpy(),
    "all numbers": lambda df: df[["a", "b"]].to_numpy(),
    "a view": lambda df: df["n"].to_numpy()[2:5],
    "rows": lambda df: df.iloc[1:],
    "an array": lambda df: df["t"].array,
    "the index": lambda df: df.index,
    "keys": lambda df: df.index.to_numpy(),
    "a copy that shares": lambda df: df.copy(deep=False),
    "codes": lambda df: df["c"].array._ndarray,
    "a block": lambda df: df._mgr.blocks[0].values,
}


def spoil(thing):
    """Write to it in whatever way it can be written to."""
    if isinstance(thing, pd.Index):
        thing = thing._data
    if isinstance(thing, pd.DataFrame):
        thing.iloc[0, 0] = 55.0
        thing["a"] += 1
    elif isinstance(thing, pd.Series):
        thing.iloc[0] = 55.0
    else:
        array = getattr(thing, "_ndarray", thing)
        while array is not None and isinstance(array, np.ndarray):
            flip(array.reshape(-1))
            flip(array)
            array = array.base


@pytest.mark.parametrize("rows", [SMALL, LARGE])
@pytest.mark.parametrize("name", HOLDS)
def test_what_the_function_kept_hold_of_is_not_the_callers(name, rows):
    holds = HOLDS[name]

    @cache_data
    def load(rows, _holds):
        df = build(rows)
        keep(_holds(df))
        return df

    first = load(rows, holds)
    spoil(kept[0])
    assert_same(first, build(rows))
    assert_same(load(rows, holds), build(rows))
    first.iloc[0, 0] = -9.0
    assert_same(load(rows, holds), build(rows))


def test_what_the_function_kept_stays_its_own_to_change():
    @cache_data
    def load(step):
        if not kept:
            keep(build(LARGE))
        frame = globals()["kept"][0]
        frame.iloc[0, 0] = step
        frame.loc[frame.index[1], "n"] = step
        return frame

    seen = [load(step).iloc[0, 0] for step in range(4)]
    assert seen == [0, 1, 2, 3]
    assert [load(step).iloc[0, 0] for step in range(4)] == seen
    assert [load(step)["n"].iloc[1] for step in range(4)] == seen


def test_what_one_cached_function_passes_on_from_another_is_apart():
    inner = cache_data(build)

    @cache_data
    def outer(rows):
        return inner(rows)

    @cache_data
    def changed(rows):
        df = outer(rows)
        df["a"] = df["a"] * 2
        df.iloc[0, 2] = 50
        return df

    expected = build(LARGE)
    expected["a"] *= 2
    expected.iloc[0, 2] = 50
    for _ in range(2):
        mine, theirs = outer(LARGE), changed(LARGE)
        assert_same(theirs, expected)
        mine.iloc[:, 0] = -1.0
        theirs.iloc[:, 1] = -1.0
        assert_same(inner(LARGE), build(LARGE))
        assert_same(outer(LARGE), build(LARGE))


def test_frames_in_containers_can_be_changed():
    inner = cache_data(build)

    @cache_data
    def both(rows):
        return {"one": inner(rows), "rest": [inner(rows)]}

    for rows in (SMALL, LARGE):
        mine, fresh = both(rows), build(rows)
        for change in (add, set_some, set_categories):
            change(mine["one"])
            change(fresh)
        assert_same(mine["one"], fresh)
        assert_same(mine["rest"][0], build(rows))
        assert_same(both(rows)["one"], build(rows))


@pytest.mark.parametrize("end", ["clear", "evict", "replace"])
def test_results_outlive_their_entry(end):
    load = cache_data(max_entries=1)(build)
    mine, other = load(LARGE), load(LARGE)
    if end == "clear":
        load.clear()
    elif end == "evict":
        load(SMALL)
    else:
        load.refresh(LARGE)
    gc.collect()
    fresh = build(LARGE)
    add(mine), add(fresh)
    assert_same(mine, fresh)
    assert_same(other, build(LARGE))
    del other
    gc.collect()
    set_some(mine), set_some(fresh)
    assert_same(mine, fresh)


@pytest.mark.parametrize("protocol", [4, 5])
def test_a_hit_that_was_pickled_or_copied_can_be_changed(protocol):
    load = cache_data(build)
    for rows in (SMALL, LARGE):
        load(rows)
        for mine in (pickle.loads(pickle.dumps(load(rows), protocol)), copy.deepcopy(load(rows))):
            fresh = build(rows)
            add(mine), add(fresh), set_some(mine), set_some(fresh)
            assert_same(mine, fresh)
        assert_same(load(rows), build(rows))


def test_threads_change_what_they_got():
    load = cache_data(build)
    start = threading.Barrier(6)
    fresh = build(LARGE)
    add(fresh)

    def work(_):
        start.wait()
        for _ in range(8):
            mine = load(LARGE)
            add(mine)
            assert_same(mine, fresh)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))
    assert_same(load(LARGE), build(LARGE))


def test_threads_that_return_one_frame_each_get_it_as_it_was():
    frame = build(LARGE)
    keep(frame)
    start = threading.Barrier(4)

    @cache_data
    def load(number):
        start.wait()
        return globals()["kept"][0]

    with ThreadPoolExecutor(4) as threads:
        for mine in threads.map(load, range(4)):
            mine.iloc[0, 0] = 44.0
    for number in range(4):
        assert_same(load(number), build(LARGE))
    frame.iloc[0, 0] = 3.0
    assert (frame.iloc[0, 0], load(2).iloc[0, 0]) == (3.0, 0.0)
