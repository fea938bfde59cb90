"""Each kind of column and index comes back as it was, and nobody changes another one's."""

from __future__ import annotations

import copy
import pickle
import tempfile

import numpy as np
import pandas as pd
import pytest

from reprise.contracts import MISSING
from reprise.values import pandas_internals
from reprise.values.adoption import adopt

LARGE = 20_000
"""Rows of a column that is claimed, not copied."""


def numbers(rows=LARGE):
    return pd.DataFrame(
        {"a": np.arange(float(rows)), "b": np.arange(float(rows)), "n": range(rows)}
    )


KINDS = {
    "floats": lambda n: pd.Series(np.arange(float(n))),
    "integers": lambda n: pd.Series(np.arange(n)),
    "small integers": lambda n: pd.Series(np.arange(n).astype("int8")),
    "bools": lambda n: pd.Series(np.arange(n) % 2 == 0),
    "complex": lambda n: pd.Series(np.arange(n) * 1j),
    "moments": lambda n: pd.Series(pd.date_range("2024", periods=n, freq="s")),
    "moments of a zone": lambda n: pd.Series(
        pd.date_range("2024", periods=n, freq="s", tz="Europe/Vienna")
    ),
    "durations": lambda n: pd.Series(pd.timedelta_range("1s", periods=n, freq="s")),
    "periods": lambda n: pd.Series(pd.period_range("2024", periods=n, freq="s")),
    "categories": lambda n: pd.Series(pd.Categorical([f"c{k % 3}" for k in range(n)])),
    "ordered": lambda n: pd.Series(pd.Categorical([k % 3 for k in range(n)], ordered=True)),
    "text": lambda n: pd.Series([f"x{k}" for k in range(n)]),
    "text with gaps": lambda n: pd.Series(["x", None] * (n // 2)),
    "text of python": lambda n: pd.Series(["x", pd.NA] * (n // 2), dtype="string[python]"),
    "text of arrow": lambda n: pd.Series(["x", pd.NA] * (n // 2), dtype="string[pyarrow]"),
    "numbers of arrow": lambda n: pd.Series(range(n), dtype="int64[pyarrow]"),
    "objects": lambda n: pd.Series(["x", 1, None, (1, "a")] * (n // 4), dtype=object),
}


class Named:
    """A label with an attribute."""


class Own(pd.DataFrame):
    """Somebody's own class of frames."""


def with_attributes():
    df = pd.DataFrame({"a": [1]})
    df.attrs["source"] = ["here"]
    return df


def with_note():
    index = pd.Index([1])
    index.note = []
    return index


def mapped():
    with tempfile.TemporaryFile() as file:
        return pd.Series(np.memmap(file, shape=9), copy=False)


OTHERS = {
    "masked": lambda: pd.Series([1, None], dtype="Int64"),
    "sparse": lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1])),
    "intervals": lambda: pd.Series(pd.interval_range(0, 3)),
    "lists": lambda: pd.Series([[1], [2]]),
    "a mutable name": lambda: pd.Series([1], name=Named()),
    "a mutable label": lambda: pd.DataFrame({Named(): [1]}),
    "attributes": with_attributes,
    "unique labels": lambda: pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False),
    "a subclass": lambda: Own({"a": [1]}),
    "mapped memory": mapped,
    "an index with a note": lambda: pd.DataFrame({"a": [1]}, index=with_note()),
}

INDEXES = {
    "range": pd.RangeIndex(3, name="r"),
    "numbers": pd.Index([3, 1, 2], name="n"),
    "text": pd.Index(["a", "b"]),
    "objects": pd.Index(["a", 1], dtype=object),
    "moments": pd.date_range("2024", periods=3, freq="2h", name="t"),
    "moments of a zone": pd.date_range("2024", periods=3, freq="D", tz="UTC"),
    "durations": pd.timedelta_range("1h", periods=3, freq="h"),
    "periods": pd.period_range("2024", periods=3, freq="M"),
    "categories": pd.CategoricalIndex(["a", "b"], categories=["b", "a"], ordered=True),
    "levels": pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]),
    "empty": pd.Index([], dtype="float64"),
}


@pytest.mark.parametrize("rows", [0, 4, LARGE])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_column_comes_back_as_it_was(kind, rows):
    series = KINDS[kind](rows).rename("name")
    kept = adopt(series)
    assert kept.shared is MISSING
    pd.testing.assert_series_equal(kept.restore(), KINDS[kind](rows).rename("name"))
    df = adopt(KINDS[kind](rows).to_frame("c")).restore()
    pd.testing.assert_frame_equal(df, KINDS[kind](rows).to_frame("c"))


@pytest.mark.parametrize("rows", [4, LARGE])
@pytest.mark.parametrize("kind", KINDS)
def test_no_two_callers_share_what_one_of_them_changes(kind, rows):
    kept = adopt(KINDS[kind](rows))
    mine, other = kept.restore(), kept.restore()
    fresh = KINDS[kind](rows)
    mine.iloc[0], fresh.iloc[0] = mine.iloc[1], fresh.iloc[1]
    pd.testing.assert_series_equal(mine, fresh)
    pd.testing.assert_series_equal(other, KINDS[kind](rows))
    pd.testing.assert_series_equal(kept.restore(), KINDS[kind](rows))
    assert mine.array is not other.array


@pytest.mark.parametrize("rows", [4, LARGE])
@pytest.mark.parametrize("kind", KINDS)
def test_writing_past_pandas_fails_or_changes_nobody_elses(kind, rows):
    kept = adopt(KINDS[kind](rows))
    mine = kept.restore()
    for write in (write_array, write_block, write_numpy, write_asarray, write_base, write_memory):
        try:
            write(mine)
        except (ValueError, TypeError, AttributeError, BufferError):
            continue
    pd.testing.assert_series_equal(kept.restore(), KINDS[kind](rows))


def part(array):
    return getattr(array, "_ndarray", array)


def write_array(series):
    series.array[0] = series.array[1]


def write_block(series):
    series._mgr.blocks[0].values[0] = series.iloc[1]


def write_numpy(series):
    values = series.to_numpy()
    values.flags.writeable = True
    values[0] = values[1]


def write_asarray(series):
    values = np.asarray(part(series._mgr.blocks[0].values))
    values.setflags(write=True)
    values[0] = values[1]


def write_base(series):
    values = part(series._mgr.blocks[0].values).base
    values.flags.writeable = True
    values[0] = values[1]


def write_memory(series):
    memoryview(part(series._mgr.blocks[0].values)).cast("B")[0] = 99


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_shared_is_left_to_pickle(name):
    assert adopt(OTHERS[name]()) is None


@pytest.mark.parametrize("name", INDEXES)
def test_each_kind_of_index_comes_back_as_it_was(name):
    index = INDEXES[name]
    expected = index.copy(deep=True)
    pd.testing.assert_index_equal(adopt(index).restore(), expected)
    restored = adopt(pd.DataFrame({"v": range(len(index))}, index=index)).restore()
    pd.testing.assert_frame_equal(restored, pd.DataFrame({"v": range(len(index))}, index=expected))
    assert getattr(restored.index, "freq", None) == getattr(expected, "freq", None)


@pytest.mark.parametrize("name", INDEXES)
def test_a_name_set_on_an_index_is_seen_by_nobody_else(name):
    kept = adopt(pd.Series(range(len(INDEXES[name])), index=INDEXES[name]))
    mine = kept.restore()
    mine.index.names = [f"mine{level}" for level in range(mine.index.nlevels)]
    assert kept.restore().index.names == INDEXES[name].names


def test_names_of_columns_and_of_categories_are_seen_by_nobody_else():
    kept = adopt(pd.DataFrame({"c": pd.Categorical(["a"])}))
    mine = kept.restore()
    mine.columns.name = "mine"
    mine["c"].cat.categories.name = "mine"
    assert kept.restore().columns.name is None
    assert kept.restore()["c"].cat.categories.name is None


def test_what_an_index_computes_is_not_shared():
    kept = adopt(pd.DataFrame({"a": [1, 2, 3]}))
    mine = kept.restore().index.to_numpy()
    mine.flags.writeable = True
    mine[0] = 99
    assert kept.restore().index.to_numpy().tolist() == [0, 1, 2]


@pytest.mark.parametrize("count", [2, 2000])
def test_levels_of_an_index_cannot_be_written_to(count):
    index = pd.MultiIndex.from_product([np.arange(count) / 2, [1.5, 0.5]])
    kept = adopt(pd.Series(range(2 * count), index=index))
    for array in (kept.restore().index.levels[0].to_numpy(), kept.restore().index.codes[0]):
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True
    pd.testing.assert_index_equal(kept.restore().index, index)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_handed_out_can_be_pickled_and_changed_elsewhere(kind, protocol):
    rows = 1000
    df = adopt(KINDS[kind](rows).to_frame("c")).restore()
    for other in (pickle.loads(pickle.dumps(df, protocol)), copy.deepcopy(df), copy.copy(df)):
        pd.testing.assert_frame_equal(other, KINDS[kind](rows).to_frame("c"))
        other.iloc[0, 0] = other.iloc[1, 0]
    pd.testing.assert_frame_equal(df, KINDS[kind](rows).to_frame("c"))


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_a_series_on_what_was_handed_out_can_be_pickled_and_changed_elsewhere(kind, protocol):
    expected = KINDS[kind](1000).rename("c")
    column = adopt(expected.to_frame()).restore()["c"]
    for series in (adopt(expected).restore(), column, column.iloc[:1000]):
        other = pickle.loads(pickle.dumps(series, protocol))
        pd.testing.assert_series_equal(other, expected)
        other.iloc[0] = other.iloc[1]
        pd.testing.assert_series_equal(series, expected)


def test_a_series_made_of_an_index_that_was_handed_out_can_be_pickled_and_changed_elsewhere():
    series = pd.Series(adopt(pd.Index([1.5, 2.5])).restore())
    other = pickle.loads(pickle.dumps(series, 5))
    other.iloc[0] = 9
    assert (other.tolist(), series.tolist()) == ([9, 2.5], [1.5, 2.5])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [4, 40_000])
def test_what_was_handed_out_can_be_kept_in_a_list_and_changed(kind, rows, take):
    df = adopt(KINDS[kind](rows).to_frame("c")).restore()
    kept = take([df])
    mine = kept.restore()[0]
    mine.iloc[0, 0] = mine.iloc[1, 0]
    pd.testing.assert_frame_equal(kept.restore()[0], KINDS[kind](rows).to_frame("c"))


@pytest.fixture
def anew():
    pandas_internals._internals.cache_clear()
    yield
    pandas_internals._internals.cache_clear()


@pytest.mark.parametrize("version", ["2.3.3", "2.0", "unknown"])
def test_nothing_is_adopted_before_pandas_3(monkeypatch, anew, version):
    monkeypatch.setattr(pd, "__version__", version)
    assert adopt(numbers()) is None


@pytest.mark.parametrize("name", ["arrays", "PeriodIndex", "NaT"])
def test_nothing_is_adopted_by_a_pandas_without_what_is_needed(monkeypatch, anew, name):
    df = numbers()
    monkeypatch.delattr(pd, name)
    assert adopt(df) is None
