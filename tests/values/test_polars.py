"""Polars data is copied once into memory of polars's own, and then handed out as clones."""

from __future__ import annotations

import datetime as dt
import decimal
import gc
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal, assert_series_equal
from polars.testing.parametric import dataframes

from reprise.contracts import MISSING, Snapshot
from reprise.errors import UnevaluatedDataFrameError
from reprise.keys import digest
from reprise.seals import seals
from reprise.values import polars as room
from reprise.values.snapshots import Cloned, take_snapshot

ROWS = 100_000
"""Enough for columns to be copied each in its own way, and for texts to go through IPC."""

DTYPES = {
    "i1": pl.Series([1, None, 3], dtype=pl.Int8),
    "u8": pl.Series([1, 2, 3], dtype=pl.UInt64),
    "i16": pl.Series([1, None, 3], dtype=pl.Int128),
    "f4": pl.Series([1, float("nan"), -0.0], dtype=pl.Float32),
    "f8": pl.Series([1.5, None, 3]),
    "bool": pl.Series([True, None, False]),
    "date": pl.Series([dt.date(2024, 1, 1), None, dt.date(2025, 1, 1)]),
    "time": pl.Series([dt.time(1), None, dt.time(3)]),
    "datetime": pl.Series([1, None, 3]).cast(pl.Datetime("ns", "Europe/Berlin")),
    "duration": pl.Series([1, None, 3]).cast(pl.Duration("ms")),
    "decimal": pl.Series([decimal.Decimal("1.25"), None, decimal.Decimal(3)]),
    "string": pl.Series(["x", None, "a text of more than twelve bytes"]),
    "short strings": pl.Series(["x", "", "zzz"]),
    "binary": pl.Series([b"x", None, b"bytes, more than twelve of them"]),
    "categorical": pl.Series(["x", None, "y"], dtype=pl.Categorical),
    "enum": pl.Series(["x", None, "y"], dtype=pl.Enum(["y", "x", "z"])),
    "null": pl.Series([None, None, None]),
    "list": pl.Series([[1], None, [2, 3]]),
    "list of texts": pl.Series([["x"], None, ["y" * 20, None]]),
    "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int8, 2)),
    "struct": pl.Series([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}]),
    "list of structs": pl.Series([[{"a": [1]}], None, []]),
}

CUTS = {
    "small": lambda s: s,
    "empty": lambda s: s.clear(),
    "one": lambda s: s.head(1),
    "sliced": lambda s: s.slice(1, 1),
    "large": lambda s: s.gather(np.arange(ROWS) % 3),
    "large, sliced": lambda s: s.gather(np.arange(ROWS + 9) % 3).slice(7, ROWS - 1),
    "large, reversed": lambda s: s.gather(np.arange(ROWS) % 3).reverse(),
    "chunked": lambda s: pl.concat([s.gather(np.arange(ROWS) % 3)] * 2, rechunk=False),
}


def over_numpy(rows=ROWS):
    """A frame on the memory of numpy arrays, and these."""
    numbers, others = np.arange(rows, dtype="i8"), np.arange(rows, dtype="f8")
    return pl.DataFrame({"a": numbers, "b": others}), (numbers, others)


def address(series):
    return series.to_numpy(allow_copy=False).__array_interface__["data"][0]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", DTYPES)
def test_every_type_comes_back_as_a_series_and_in_a_frame(take, name, cut):
    series = CUTS[cut](DTYPES[name]).alias("s")
    restored = take(series).restore()
    assert_series_equal(restored, series)
    assert digest(restored) == digest(series)
    frame = pl.DataFrame({"s": series, "n": pl.Series(range(len(series)), dtype=pl.Int64)})
    snapshot = take(frame)
    assert type(snapshot) is Cloned
    assert_frame_equal(snapshot.restore(), frame)


@given(dataframes(excluded_dtypes=[pl.Object]))
def test_any_frame_comes_back(frame):
    snapshot = take_snapshot(frame, len)
    one, other = snapshot.restore(), snapshot.restore()
    assert_frame_equal(one, frame)
    assert_frame_equal(other, frame)


@pytest.mark.parametrize(
    "frame", [pl.DataFrame(), pl.DataFrame(schema={"a": pl.Int8, "b": pl.String})]
)
def test_empty_frames_come_back(take, frame):
    assert_frame_equal(take(frame).restore(), frame)


@pytest.mark.parametrize("rows", [1, 3, 10_000, ROWS])
def test_writing_to_the_memory_below_is_not_seen(take, rows):
    frame, arrays = over_numpy(rows)
    snapshots = [take(frame), take(frame.slice(rows // 2)), take(frame["a"])]
    fresh = over_numpy(rows)[0]
    for array in arrays:
        array[:] = -1
    assert frame["a"][0] == -1
    assert_frame_equal(snapshots[0].restore(), fresh)
    assert_frame_equal(snapshots[1].restore(), fresh.slice(rows // 2))
    assert_series_equal(snapshots[2].restore(), fresh["a"])


@pytest.mark.parametrize("pattern", range(4))
@pytest.mark.parametrize("rows", [1, 2, 8, 9, 65, 1000, ROWS])
@pytest.mark.parametrize("kind", [pa.float64(), pa.bool_()])
def test_writing_to_the_bits_below_is_not_seen(kind, rows, pattern):
    size = 3 + (rows + 7) // 8
    bits = [
        np.full(size, 255, "u1"),
        np.zeros(size, "u1"),
        *np.random.default_rng(1).integers(0, 256, (2, size)).astype("u1"),
    ][pattern]
    data = np.arange(rows + 9, dtype="f8")
    array = pa.Array.from_buffers(kind, rows + 9, [pa.py_buffer(bits), pa.py_buffer(data)])
    series = pl.Series(array).slice(5, rows)
    for own in (room.owned(series), room._joined(series)):
        expected = series.to_list()
        bits[:], data[:] = ~bits, -1 - data
        assert own.to_list() == expected
        bits[:], data[:] = ~bits, -1 - data


@pytest.mark.parametrize("rows", [3, ROWS])
@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view()])
def test_writing_to_the_texts_below_is_not_seen(kind, rows):
    array = pa.array(["a text of more than twelve bytes"] * rows, kind)
    texts = [np.array(np.frombuffer(b, "u1")) if b else None for b in array.buffers()]
    below = [pa.py_buffer(one) if one is not None else None for one in texts]
    series = pl.Series(pa.Array.from_buffers(kind, rows, below))
    expected = series.to_list()
    own = room.owned(series)
    texts[2][:] = ord("x")
    assert own.to_list() == expected


def replace(frame, column):
    frame.replace_column(0, column)


CHANGES = {
    "cell": lambda f: f.__setitem__((0, "a"), 99),
    "column": lambda f: f.__setitem__(["a"], np.full((f.height, 1), 99)),
    "cells": lambda f: f.__setitem__(([0, 5], "a"), 99),
    "insert_column": lambda f: f.insert_column(0, pl.Series("z", [1] * f.height)),
    "replace_column": lambda f: f.replace_column(0, pl.Series("a", [1] * f.height)),
    "drop_in_place": lambda f: f.drop_in_place("a"),
    "extend": lambda f: f.extend(f.head(1)),
    "vstack": lambda f: f.vstack(f, in_place=True),
    "hstack": lambda f: f.hstack([pl.Series("z", [1] * f.height)], in_place=True),
    "columns": lambda f: setattr(f, "columns", ["x", "y"]),
    "rechunk and cell": lambda f: f.rechunk().__setitem__((0, "a"), 99) or f.drop_in_place("b"),
    "series": lambda f: f.drop_in_place("a").__setitem__(0, 99),
    "pop": lambda f: f.drop_in_place("b").append(pl.Series([1.0])),
}

SERIES_CHANGES = {
    "item": lambda s: s.__setitem__(0, 99),
    "items": lambda s: s.__setitem__([0, 3], 99),
    "scatter": lambda s: s.scatter([1], 99),
    "append": lambda s: s.append(pl.Series([1])),
    "extend": lambda s: s.extend(pl.Series([1])),
    "sort": lambda s: s.sort(descending=True, in_place=True),
    "shrink and item": lambda s: s.shrink_to_fit(in_place=True).__setitem__(0, 99),
    "rename": lambda s: s._s.rename("z"),
}


@pytest.mark.parametrize("rows", [9, ROWS])
@pytest.mark.parametrize("name", CHANGES)
def test_no_change_to_a_frame_is_seen_by_others(take, name, rows):
    snapshot = take(over_numpy(rows)[0])
    mine, early = snapshot.restore(), snapshot.restore()
    column = early["a"]
    CHANGES[name](mine)
    fresh = over_numpy(rows)[0]
    assert not mine.equals(fresh) or mine.columns != fresh.columns
    assert_frame_equal(snapshot.restore(), fresh)
    assert_frame_equal(early, fresh)
    assert_series_equal(column, fresh["a"])


@pytest.mark.parametrize("rows", [9, ROWS])
@pytest.mark.parametrize("name", SERIES_CHANGES)
def test_no_change_to_a_series_is_seen_by_others(take, name, rows):
    snapshot = take(over_numpy(rows)[0]["a"])
    mine, early = snapshot.restore(), snapshot.restore()
    SERIES_CHANGES[name](mine)
    fresh = over_numpy(rows)[0]["a"]
    assert not mine.equals(fresh, check_names=True)
    assert_series_equal(snapshot.restore(), fresh)
    assert_series_equal(early, fresh)


@pytest.mark.parametrize("rows", [9, ROWS])
def test_no_view_of_it_can_be_made_writable(take, rows):
    mine = take(over_numpy(rows)[0]).restore()["a"]
    for view in (mine.to_numpy(), np.asarray(mine), mine.to_arrow().to_numpy()):
        with pytest.raises(ValueError, match="WRITEABLE"):
            view.flags.writeable = True
    mine.to_numpy(writable=True)[0] = 99
    assert mine[0] == 0


def test_what_polars_knows_of_the_order_stays_known(take):
    for rows in (9, ROWS):
        series = pl.Series("a", np.arange(rows))
        for known in (series.set_sorted(), series.reverse().set_sorted(descending=True), series):
            assert take(known).restore().flags == known.flags


def test_what_was_handed_out_outlives_the_snapshot_and_is_then_its_holders(take):
    snapshot = take(over_numpy()[0])
    mine, other = snapshot.restore(), snapshot.restore()
    del snapshot
    gc.collect()
    mine[0, "a"] = 99
    assert_frame_equal(other, over_numpy()[0])
    del other
    mine[1, "a"] = 98
    assert mine["a"].head(3).to_list() == [99, 98, 2]


def test_the_snapshot_knows_its_size_and_shares_nothing(take):
    frame = over_numpy()[0]
    snapshot = take(frame)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.shared is MISSING
    assert snapshot.size == frame.estimated_size()
    assert take(frame.slice(5, 10)).size < 1000


def test_what_was_restored_can_be_pickled_and_kept_again(take):
    mine = take(over_numpy()[0]).restore()
    assert_frame_equal(pickle.loads(pickle.dumps(mine)), over_numpy()[0])
    assert_frame_equal(take(mine).restore(), over_numpy()[0])


def test_threads_that_change_what_they_got_meet_nobody(take):
    snapshot = take(over_numpy()[0])

    def work(number):
        mine = snapshot.restore()
        mine[0, "a"] = number
        return mine["a"].head(2).to_list() == [number, 1]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(100)))
    assert_frame_equal(snapshot.restore(), over_numpy()[0])


class Own(pl.DataFrame):
    """A subclass may carry state of its own."""


@pytest.mark.parametrize("value", [None, Own({"a": [1]}), [pl.DataFrame()], np.arange(3)])
def test_other_values_and_subclasses_are_not_cloned(value):
    assert room.owned(value) is None


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: s.to_frame()])
def test_columns_of_python_objects_are_not_cloned(wrap):
    assert room.owned(wrap(pl.Series("a", [[1], {2}], dtype=pl.Object))) is None


def test_a_query_is_refused(take):
    with pytest.raises(UnevaluatedDataFrameError, match="collect"):
        take(pl.LazyFrame({"a": [1]}))


def test_registered_memory_is_that_which_is_handed_out_while_it_is_kept(take):
    snapshot = take(over_numpy()[0])
    mine = snapshot.restore()
    for name in mine.columns:
        start = address(mine[name])
        assert seals.find(start, start + ROWS * 8) is not None
    del snapshot
    gc.collect()
    start = address(mine["a"])
    assert seals.find(start, start + 8) is None


def test_a_column_with_missing_values_is_not_registered(take):
    values = pl.Series("a", np.arange(ROWS))
    mine = take(pl.select(pl.when(values != 5).then(values)).to_series()).restore()
    assert mine.null_count() == 1
    start = mine._s.as_single_ptr()
    assert seals.find(start, start + 8) is None


ALONE = """
import sys
for name in ("numpy", "pyarrow", "pandas"):
    sys.modules[name] = None
import polars as pl
from reprise.values import take_snapshot
from reprise.values.snapshots import Cloned
frame = pl.DataFrame({"a": range(100_000), "t": ["a text of more than twelve bytes"] * 100_000})
frame = frame.with_columns(b=pl.col("a") > 3, l=pl.concat_list("a", "a"))
snapshot = take_snapshot(frame, len)
assert isinstance(snapshot, Cloned), snapshot
mine = snapshot.restore()
mine[0, "a"] = 99
assert snapshot.restore().equals(frame)
"""


def test_neither_numpy_nor_pyarrow_is_needed():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


FORK = """
import os
import numpy as np, polars as pl
from reprise.values import take_snapshot
snapshot = take_snapshot(pl.DataFrame({"a": np.arange(100_000)}), len)
held = snapshot.restore()
child = os.fork()
if child == 0:
    held[0, "a"] = 9
    os._exit(0 if snapshot.restore()["a"].to_numpy()[0] == 0 else 1)
_, status = os.waitpid(child, 0)
assert status == 0, status
assert held["a"].to_numpy()[0] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_its_own():
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
