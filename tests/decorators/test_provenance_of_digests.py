"""What came out of one cached function and goes into another is not hashed again."""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest

from reprise import cache_data

ROWS = 300_000

pytestmark = pytest.mark.usefixtures("page_map")


def frame(**columns):
    return pd.DataFrame(columns)


def numbers():
    return np.arange(ROWS * 4, dtype=np.float64)


MAKERS = {
    "array": numbers,
    "array in Fortran's order": lambda: np.asfortranarray(numbers().reshape(4, -1)),
    "arrays in a dict": lambda: {"a": numbers(), "b": [numbers() + 1]},
    "frame of one block": lambda: pd.DataFrame(numbers().reshape(-1, 4), columns=list("abcd")),
    "frame of columns": lambda: frame(a=numbers(), b=numbers() * 2),
    "frame of several types": lambda: frame(
        a=numbers(), b=np.arange(ROWS * 4), c=np.arange(ROWS * 4) % 2 == 0
    ),
    "frame with moments": lambda: frame(
        a=numbers().view("M8[ns]"),
        b=pd.Series(numbers().view("M8[ns]")).dt.tz_localize("UTC"),
        c=numbers().view("m8[ns]"),
    ),
    "frame with an index of moments": lambda: pd.DataFrame(
        {"a": numbers()}, index=pd.DatetimeIndex(numbers().astype("i8").view("M8[ns]"))
    ),
    "frame with categories": lambda: frame(
        a=numbers(), b=pd.Categorical.from_codes(np.arange(ROWS * 4) % 3, ["x", "y", "z"])
    ),
    "series": lambda: pd.Series(numbers(), name="a"),
    "structures": lambda: numbers().view([("x", "i4"), ("y", "f4")]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_result_that_is_passed_on_is_hashed_once(runs, hashed, name):
    make = MAKERS[name]

    @cache_data
    def load():
        return make()

    @cache_data
    def use(value):
        runs(type(value).__name__)
        return 1

    use(load())
    assert len(runs) == 1
    hashed.clear()
    for _ in range(3):
        assert use(load()) == 1
    value = load()
    assert [use(value), use(value)] == [1, 1]
    assert len(runs) == 1
    assert hashed["bytes"] <= 64 * 1024
    # What is made anew is the same value, and nothing is known of it.
    assert use(make()) == 1
    assert len(runs) == 1
    assert hashed["bytes"] > ROWS


@pytest.mark.parametrize("adopted", [True, False])
def test_a_changed_result_is_another_argument(runs, adopted):
    @cache_data
    def load():
        held = pd.DataFrame(numbers().reshape(-1, 4), columns=list("abcd"))
        return held if adopted else [held]

    @cache_data
    def total(value):
        runs("run")
        return float(value["d"].iloc[-1])

    def loaded():
        return load() if adopted else load()[0]

    last = ROWS * 4 - 1
    assert [total(loaded()), total(loaded())] == [last, last]
    changed = loaded()
    changed.loc[len(changed) - 1, "d"] = -1.0
    assert total(changed) == -1
    forced = loaded()
    forced["d"] = -forced["d"]
    assert total(forced) == -last
    renamed = loaded().rename(columns={"d": "e", "a": "d"})
    assert total(renamed) == last - 3
    assert [total(loaded()), len(runs)] == [last, 4]


def test_an_array_changed_in_place_between_two_calls_is_computed_anew(runs):
    @cache_data
    def load():
        return numbers()

    @cache_data
    def first(value):
        runs("run")
        return float(value[0])

    value = load()
    assert [first(value), first(value), len(runs)] == [0, 0, 1]
    value[0] = 5
    assert [first(value), first(value), len(runs)] == [5, 5, 2]
    value[0] = 0
    assert [first(value), len(runs)] == [0, 2]
    assert [first(load()), len(runs)] == [0, 2]


def test_results_of_cleared_and_evicted_entries_keep_what_is_known_of_them(runs, hashed):
    @cache_data(max_entries=1)
    def load(start):
        return numbers() + start

    @cache_data
    def first(value):
        runs("run")
        return float(value[0])

    one, two = load(1), load(2)
    assert [first(one), first(two), len(runs)] == [1, 2, 2]
    load.clear()
    gc.collect()
    hashed.clear()
    assert [first(one), first(two), len(runs)] == [1, 2, 2]
    assert not hashed["bytes"]
    one[0] = 2
    assert [first(one), len(runs)] == [2, 3]
    # Computed anew it is other memory, of the same content.
    assert [first(load(1)), len(runs)] == [1, 3]
    assert hashed["bytes"]


def test_memory_that_is_used_again_and_again_never_brings_an_old_digest(runs):
    @cache_data(max_entries=2)
    def load(start):
        return numbers() + start

    @cache_data
    def first(value):
        runs("run")
        return float(value[0])

    for start in range(40):
        assert first(load(start)) == start
        assert first(numbers() - start) == -start
        assert first(load(start)) == start
    assert len(runs) == 79  # 0 is -0


def test_what_a_cached_function_does_to_its_argument_is_seen_next_time(runs):
    """The argument is digested before the call; the function then writes to it."""

    @cache_data
    def load():
        return numbers()

    @cache_data
    def count_up(value):
        runs("run")
        value += 1
        return float(value[0])

    value = load()
    assert [count_up(value), count_up(value), count_up(load())] == [1, 2, 1]
    assert len(runs) == 2


GLOBAL = None


def test_a_global_that_came_from_the_cache_is_not_hashed_on_each_hit(runs, hashed, monkeypatch):
    @cache_data
    def load():
        return numbers()

    @cache_data
    def last():
        runs("run")
        return float(GLOBAL[-1])

    monkeypatch.setitem(globals(), "GLOBAL", load())
    assert last() == ROWS * 4 - 1
    hashed.clear()
    assert last() == ROWS * 4 - 1
    assert not hashed["bytes"]
    GLOBAL[-1] = 7
    assert [last(), len(runs)] == [7, 2]
    monkeypatch.setitem(globals(), "GLOBAL", load())
    assert [last(), len(runs)] == [ROWS * 4 - 1, 2]
