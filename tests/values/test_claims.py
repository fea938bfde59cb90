"""Memory is taken only if nobody else can reach it, and then nobody changes it."""

from __future__ import annotations

import gc
import os
import pickle
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from reprise import seals
from reprise.values import claims
from reprise.values.adoption import adopt
from reprise.values.sealed import is_sealed

LARGE = 20_000
"""Rows of a column that is claimed, not copied."""


def address(array):
    return array.__array_interface__["data"][0]


def addresses(df):
    return [address(block.values) for block in df._mgr.blocks]


def numbers(rows=LARGE):
    return pd.DataFrame(
        {"a": np.arange(float(rows)), "b": np.arange(float(rows)), "n": range(rows)}
    )


def part(array):
    return getattr(array, "_ndarray", array)


def test_memory_that_nobody_else_holds_is_not_copied():
    df = numbers()
    df.index = pd.date_range("2024", periods=LARGE, freq="s")
    df["c"] = pd.Categorical(np.arange(LARGE) % 300)
    before = [address(part(block.values)) for block in df._mgr.blocks]
    index = address(df.index._data._ndarray)
    kept = adopt(df)
    del df
    restored = kept.restore()
    assert [address(part(block.values)) for block in restored._mgr.blocks][:-1] == before[:-1]
    assert address(restored.index._data._ndarray) == index


def hold_array(df):
    return df["a"].to_numpy()


def hold_owner(df):
    values = df._mgr.blocks[0].values
    return values if values.base is None else values.base


def hold_values(df):
    return df.to_numpy(), df["a"].values


def hold_view(df):
    return df["a"].to_numpy()[5:9].reshape(2, 2)


def hold_block_values(df):
    return df._mgr.blocks[0].values


def hold_memory(df):
    return memoryview(df["a"].to_numpy())


def hold_weakly(df):
    owner = df._mgr.blocks[0].values
    return weakref.ref(owner if owner.base is None else owner.base)


def hold_arrow(df):
    return pa.array(df["a"].to_numpy())


def hold_extension(df):
    return df["a"].array


HELD = [
    hold_array,
    hold_owner,
    hold_values,
    hold_view,
    hold_block_values,
    hold_memory,
    hold_weakly,
    hold_arrow,
    hold_extension,
    lambda df: df["a"],
    lambda df: df[["a"]],
    lambda df: df.iloc[3:6],
    lambda df: df.copy(deep=False),
    lambda df: df.rename(columns={"a": "z"}),
    lambda df: pd.Series(df["a"].to_numpy(), copy=False),
    lambda df: pd.Index(df["a"].to_numpy(), copy=False),
    lambda df: df.set_index("a"),
    lambda df: next(iter(df.items())),
    lambda df: np.asarray(df["a"]).T,
    lambda df: np.frombuffer(df["a"].to_numpy(), "u1"),
]


def owned_blocks():
    """A frame whose blocks are what owns the memory, or stand right on it."""
    df = pd.DataFrame({"a": np.arange(float(LARGE))})
    df["b"] = np.arange(float(LARGE))
    return df


@pytest.mark.parametrize("make", [numbers, owned_blocks])
@pytest.mark.parametrize("hold", HELD)
def test_memory_that_something_else_holds_is_copied(make, hold):
    df = make()
    held = hold(df)
    before = addresses(df)
    kept = adopt(df)
    assert addresses(df) == before
    assert addresses(kept.restore())[0] != before[0]
    assert not is_sealed(df._mgr.blocks[0].values)
    assert df._mgr.blocks[0].values.flags.writeable
    assert held is not None


def test_memory_is_copied_however_it_can_be_written_to():
    array = np.arange(2.0 * LARGE).reshape(LARGE, 2)
    df = pd.DataFrame(array, columns=["a", "b"], copy=False)
    expected = df.copy()
    kept = adopt(df)
    array[:] = -1
    pd.testing.assert_frame_equal(kept.restore(), expected)
    assert df.iloc[0, 0] == -1
    df.iloc[0, 0] = 5
    assert array[0, 0] == 5


def test_an_array_object_that_somebody_holds_is_left_as_it_is():
    held = pd.date_range("2024", periods=LARGE, freq="s").array.copy()
    df = pd.DataFrame({"t": held}, copy=False)
    kept = adopt(df)
    first = held[0]
    held[0] = held[1]
    assert kept.restore()["t"].iloc[0] == first


def test_memory_of_which_a_little_is_shown_is_copied():
    whole = numbers(10 * LARGE)
    few = whole.iloc[: LARGE // 10 * 9]
    del whole
    restored = adopt(few).restore()
    assert restored._mgr.blocks[0].values.base.base.owner.nbytes <= few.iloc[:, :2].size * 8


def test_one_shared_part_does_not_cost_the_others_their_place():
    df = pd.DataFrame({"a": np.arange(float(LARGE)), "n": np.arange(LARGE)})
    held = df["n"].to_numpy()
    before = addresses(df)
    restored = adopt(df).restore()
    assert addresses(restored)[0] == before[0]
    assert addresses(restored)[1] != before[1]
    assert held[0] == 0


def test_an_index_that_was_looked_in_is_taken_too():
    df = numbers().set_index(pd.Index(np.arange(LARGE) * 1.5, name="key"))
    assert df.loc[4.5, "n"] == 3
    before = address(df.index._data)
    kept = adopt(df)
    assert address(kept.restore().index._data) == before
    assert (df.loc[4.5, "n"], kept.restore().loc[4.5, "n"]) == (3, 3)


def test_an_index_that_something_else_holds_is_copied():
    df = numbers().set_index(pd.Index(np.arange(LARGE) * 1.5, name="key"))
    held = df.index.to_numpy()
    before = addresses(df)
    kept = adopt(df)
    held.flags.writeable = True
    held[0] = 99
    assert df.index[0] == 99
    assert kept.restore().index[0] == 0
    assert addresses(kept.restore()) == before


def test_two_blocks_on_one_memory_are_taken_or_left_together():
    def split():
        df = pd.DataFrame(np.arange(4.0 * LARGE).reshape(LARGE, 4), columns=list("abcd"))
        block = df._mgr.blocks[0]
        df._mgr = type(df._mgr)(
            tuple(
                type(block)(block.values[at], placement_of(at), 2, None)
                for at in (slice(0, 2), slice(2, 4))
            ),
            df._mgr.axes,
        )
        return df

    free, held = split(), split()
    view = held._mgr.blocks[1].values.base
    for df, shared in ((free, False), (held, True)):
        before = addresses(df)
        restored = adopt(df).restore()
        pd.testing.assert_frame_equal(restored, split())
        # Each shows half of the memory, and both together all of it.
        assert [a == b for a, b in zip(before, addresses(restored), strict=True)] == [
            not shared
        ] * 2
    assert view.flags.writeable


def placement_of(at):
    from pandas._libs.internals import BlockPlacement

    return BlockPlacement(at)


def test_what_the_function_kept_of_its_own_can_be_changed_and_changes_nothing():
    df = numbers()
    kept = adopt(df)
    df.iloc[0, 0] = 99
    df["b"] += 1
    df.loc[:, "n"] = 0
    df.insert(0, "z", 1)
    assert (df.iloc[0, 1], df["b"].iloc[0], df["n"].iloc[5], df["z"].iloc[0]) == (99, 1, 0, 1)
    pd.testing.assert_frame_equal(kept.restore(), numbers())


def test_what_was_handed_out_is_adopted_again_at_once():
    first = adopt(numbers()).restore()
    again = adopt(first)
    assert addresses(again.restore()) == addresses(first)
    first.iloc[0, 0] = 99
    pd.testing.assert_frame_equal(again.restore(), numbers())


def test_the_last_that_was_handed_out_can_be_changed_after_the_snapshot_is_gone():
    mine = adopt(numbers()).restore()
    gc.collect()
    mine.iloc[0, 0] = 99
    mine["b"] += 1
    mine.fillna(0, inplace=True)
    assert (mine.iloc[0, 0], mine["b"].iloc[0]) == (99, 1)


def test_memory_goes_with_the_last_that_stands_on_it():
    df = numbers()
    kept = adopt(df)
    owner = weakref.ref(kept.restore()._mgr.blocks[0].values.base.base.owner)
    mine = kept.restore()
    del df, kept
    gc.collect()
    assert owner() is not None
    del mine
    gc.collect()
    assert owner() is None


def test_hits_leave_nothing_behind():
    kept = adopt(numbers())
    held = kept.restore()
    for _ in range(1000):
        kept.restore()
    assert len(held._mgr.blocks[0].refs.referenced_blocks) == 2


def test_frames_of_two_hits_are_not_taken_for_one():
    kept = adopt(numbers(4))
    expected = numbers(4).groupby(numbers(4)["n"]).sum()
    pd.testing.assert_frame_equal(kept.restore().groupby(kept.restore()["n"]).sum(), expected)
    one, fresh = kept.restore(), numbers(4)
    pd.testing.assert_frame_equal(one.groupby(one["n"]).sum(), fresh.groupby(fresh["n"]).sum())


def test_frames_on_other_memory_are_pickled_as_ever():
    adopt(numbers())
    df = numbers()
    buffers = []
    data = pickle.dumps(df, 5, buffer_callback=buffers.append)
    assert address(np.frombuffer(buffers[0])) in addresses(df)
    pd.testing.assert_frame_equal(pickle.loads(data, buffers=buffers), df)


def test_memory_is_registered_while_it_is_there():
    kept = adopt(numbers())
    mine = kept.restore()
    values = mine._mgr.blocks[0].values
    start, stop = address(values), address(values) + values.nbytes
    seal = seals.seals.find(start, stop)
    assert seal.unchanged(start, stop)
    values.base.base.owner.flags.writeable = True
    assert not seal.unchanged(start, stop)
    del kept, mine, values, seal
    gc.collect()
    assert seals.seals.find(start, stop) is None


def test_threads_restore_and_change_at_once():
    kept = adopt(numbers())
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        for step in range(50):
            mine = kept.restore()
            mine.iloc[number, 0] = step + 0.5
            mine["b"] += number
            if mine.iloc[number, 0] != step + 0.5 or mine["b"].iloc[1] != 1 + number:
                return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(8)))
    pd.testing.assert_frame_equal(kept.restore(), numbers())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_changes_its_own():
    kept = adopt(numbers())
    mine = kept.restore()
    child = os.fork()
    if child == 0:
        mine.iloc[0, 0] = 99
        good = mine.iloc[0, 0] == 99 and kept.restore().equals(numbers())
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    pd.testing.assert_frame_equal(mine, numbers())


def test_whoever_takes_hold_in_the_midst_of_it_is_noticed(monkeypatch):
    df = numbers()
    held = []
    lost = claims._lost

    def interfere(all_claims):
        held.extend(one.old for one in all_claims)
        return lost(all_claims)

    monkeypatch.setattr(claims, "_lost", interfere)
    kept = adopt(df)
    held[0][:] = -1
    pd.testing.assert_frame_equal(kept.restore(), numbers())
    assert df.iloc[0, 0] == -1


def test_a_column_taken_in_the_midst_of_it_is_not_changed_with_the_frame(monkeypatch):
    df = numbers()
    array = df["a"].to_numpy()
    taken = []
    lost = claims._lost

    def interfere(all_claims):
        taken.append(df["a"])
        return lost(all_claims)

    monkeypatch.setattr(claims, "_lost", interfere)
    adopt(df)
    df.iloc[0, 0] = 99
    assert (df.iloc[0, 0], taken[0].iloc[0], array[0]) == (99, 0, 0)


def test_a_failure_in_the_midst_of_it_leaves_the_frame_as_it_was(monkeypatch):
    df = numbers()
    before = addresses(df)

    def fail(all_claims):
        raise AttributeError("no such name in pandas")

    monkeypatch.setattr(claims, "_lost", fail)
    assert adopt(df) is None
    assert addresses(df) == before
    assert not is_sealed(df._mgr.blocks[0].values)
    df.iloc[0, 0] = 9
    assert addresses(df) == before
