"""pandas: labels, types and all of the content; blocks, copies and ``attrs`` do not count."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest

DAYS = pd.date_range("2024-01-01", periods=3)
FRAME = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0], "c": ["x", None, "z"]})


def frame(**columns):
    return pd.DataFrame(columns)


def changed(value, place, item):
    made = value.copy()
    made.iloc[place] = item
    return made


def in_blocks():
    made = pd.DataFrame({"a": [1, 2, 3]})
    made["b"] = [1.0, 2.0, 3.0]
    made["c"] = ["x", None, "z"]
    return made


def with_attrs(value):
    made = value.copy()
    made.attrs["source"] = "here"
    return made


def hidden(values, under):
    """Integers with the second one missing, and ``under`` in its place in memory."""
    return pd.arrays.IntegerArray(np.array([values[0], under]), np.array([False, True]))


def floats(under, masked):
    return pd.arrays.FloatingArray(np.array([1.0, under]), np.array([False, masked]))


def twice(*items):
    return pd.DataFrame([items], columns=["a", "a"])


def workdays(holiday):
    return pd.offsets.CustomBusinessDay(holidays=[holiday])


def lists(*items):
    pa = pytest.importorskip("pyarrow")
    return pd.Series(items, dtype=pd.ArrowDtype(pa.list_(pa.int8())))


def looked_up(value):
    assert value.index.is_unique
    value.index.get_loc(1)
    return value


UNIT = pd.Interval(0, 1)
LARGE = pd.DataFrame(np.zeros((60_000, 3)))
TWO_LEVELS = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"])

DIFFER = [
    ("one item far inside", LARGE, changed(LARGE, (43_210, 1), 1e-9)),
    ("names of columns", frame(a=[1]), frame(b=[1])),
    ("order of columns", FRAME, FRAME[["b", "a", "c"]]),
    ("order of rows", FRAME, FRAME[::-1]),
    ("labels of rows", FRAME, FRAME.set_axis([1, 2, 3])),
    ("types of columns", frame(a=[1]), frame(a=[1.0])),
    ("values change columns", frame(a=[1], b=[2]), frame(a=[2], b=[1])),
    ("where columns are cut", frame(a=["x", "yz"]), frame(a=["xy", "z"])),
    ("frame is not series", frame(a=[1]), pd.Series([1], name="a")),
    ("frame is not its dict", frame(a=[1]), {"a": [1]}),
    ("names of axes", FRAME, FRAME.rename_axis("row")),
    ("missing is not a text", pd.Series(["x", None]), pd.Series(["x", "None"])),
    ("empty frames", pd.DataFrame(columns=["a"]), pd.DataFrame()),
    ("rows without columns", pd.DataFrame(index=[0, 1]), pd.DataFrame(index=[0, 1, 2])),
    ("name of a series", pd.Series([1], name="a"), pd.Series([1], name="b")),
    ("series is not array", pd.Series([1]), np.array([1])),
    ("range is not its numbers", pd.RangeIndex(3), pd.Index([0, 1, 2])),
    ("step of a range", pd.RangeIndex(0, 4, 2), pd.RangeIndex(0, 3, 2)),
    ("name of an index", pd.Index([1], name="a"), pd.Index([1])),
    ("frequency", DAYS, pd.DatetimeIndex(list(DAYS))),
    (
        "zone",
        DAYS.tz_localize("UTC"),
        DAYS.tz_localize("Europe/Berlin").tz_convert("UTC").tz_convert("Europe/Berlin"),
    ),
    (
        "two zones with one offset",
        DAYS.tz_localize("Europe/Berlin"),
        DAYS.tz_localize("Europe/Paris"),
    ),
    ("zones of columns", frame(a=DAYS.tz_localize("UTC")), frame(a=DAYS)),
    ("moments in a zone", DAYS.tz_localize("UTC")[:1], DAYS.tz_localize("UTC")[1:2]),
    ("which periods", pd.PeriodIndex(["2024"], freq="Y"), pd.PeriodIndex(["2025"], freq="Y")),
    ("unit of time", DAYS.as_unit("s"), DAYS.as_unit("ms")),
    ("names of levels", TWO_LEVELS, TWO_LEVELS.set_names(["x", "z"])),
    ("codes", TWO_LEVELS, TWO_LEVELS[::-1]),
    ("levels that no label uses", TWO_LEVELS[:2], TWO_LEVELS[:2].remove_unused_levels()),
    ("categories", pd.Categorical(["a"], ["a", "b"]), pd.Categorical(["a"], ["a"])),
    ("order of categories", pd.Categorical(["a"], ["a", "b"]), pd.Categorical(["a"], ["b", "a"])),
    ("ordered categories", pd.Categorical(["a"]), pd.Categorical(["a"], ordered=True)),
    ("codes of categories", pd.Categorical(["a", "b"]), pd.Categorical(["b", "a"])),
    ("category is not text", pd.Series(["a"], dtype="category"), pd.Series(["a"])),
    ("nullable is not plain", pd.Series([1], dtype="Int64"), pd.Series([1], dtype="int64")),
    ("nullable widths", pd.Series([1], dtype="Int64"), pd.Series([1], dtype="Int32")),
    ("missing is not zero", pd.array([0, None], "Int64"), pd.array([0, 0], "Int64")),
    ("missing booleans", pd.array([True, None], "boolean"), pd.array([True, False], "boolean")),
    ("missing floats", pd.array([1.0, None], "Float64"), pd.array([1.0, 0.0], "Float64")),
    (
        "kinds of texts",
        pd.Series(["a"], dtype="string[python]"),
        pd.Series(["a"], dtype="string[pyarrow]"),
    ),
    (
        "texts",
        pd.Series(["a", "b"], dtype="string[pyarrow]"),
        pd.Series(["ab", ""], dtype="string[pyarrow]"),
    ),
    (
        "Python texts",
        pd.Series(["a"], dtype="string[python]"),
        pd.Series(["b"], dtype="string[python]"),
    ),
    ("objects", pd.Series([1, "a"]), pd.Series(["1", "a"])),
    ("Arrow types", pd.Series([1], dtype="int64[pyarrow]"), pd.Series([1], dtype="Int64")),
    (
        "Arrow content",
        pd.Series([1], dtype="int64[pyarrow]"),
        pd.Series([2], dtype="int64[pyarrow]"),
    ),
    ("sparse is not dense", pd.Series([0, 1], dtype="Sparse[int64]"), pd.Series([0, 1])),
    (
        "sparse content",
        pd.Series([0, 1], dtype="Sparse[int64]"),
        pd.Series([1, 0], dtype="Sparse[int64]"),
    ),
    (
        "sparse fill",
        pd.arrays.SparseArray([0, 1], fill_value=0),
        pd.arrays.SparseArray([0, 1], fill_value=1),
    ),
    ("interval ends", pd.Interval(0, 1, "left"), pd.Interval(0, 1, "right")),
    ("intervals", pd.interval_range(0, 2), pd.interval_range(0, 2, closed="left")),
    ("frequencies of periods", pd.Period("2024", "Y"), pd.Period("2024", "M")),
    (
        "periods",
        pd.period_range("2024", periods=2, freq="M"),
        pd.period_range("2024", periods=2, freq="D"),
    ),
    ("nanoseconds", pd.Timestamp(1), pd.Timestamp(2)),
    ("unit of a timestamp", pd.Timestamp("2024").as_unit("s"), pd.Timestamp("2024").as_unit("ns")),
    ("timestamp is not datetime", pd.Timestamp(2024, 1, 1), dt.datetime(2024, 1, 1)),  # noqa: DTZ001
    ("zone of a timestamp", pd.Timestamp("2024", tz="UTC"), pd.Timestamp("2024")),
    (
        "which of two equal times",
        pd.Timestamp("2024-10-27 02:30").tz_localize("Europe/Berlin", ambiguous=True),
        pd.Timestamp("2024-10-27 02:30").tz_localize("Europe/Berlin", ambiguous=False),
    ),
    ("timedelta is not int", pd.Timedelta(1), 1),
    ("missing values", pd.NaT, pd.NA),
    ("missing is not NaN", pd.NA, float("nan")),
    ("offsets", pd.offsets.Day(1), pd.offsets.Day(2)),
    ("kinds of offsets", pd.offsets.Day(1), pd.offsets.Hour(1)),
    ("types of columns as values", pd.CategoricalDtype(["a"]), pd.CategoricalDtype(["b"])),
    ("array is not series", pd.array([1], "Int64"), pd.Series([1], dtype="Int64")),
    ("arrays of numpy's", pd.arrays.NumpyExtensionArray(np.array([1])), np.array([1])),
    ("missing ends", pd.arrays.IntervalArray([UNIT, None]), pd.arrays.IntervalArray([UNIT] * 2)),
    ("types of ends", pd.Interval(0, 1), pd.Interval(0.0, 1.0)),
    ("multiples of periods", pd.Period("2024", "M"), pd.Period("2024", "2M")),
    ("missing category", pd.Categorical(["a", None]), pd.Categorical(["a", "a"])),
    ("types of categories", pd.Categorical([1]), pd.Categorical([1.0])),
    ("sparse and missing", pd.arrays.SparseArray([np.nan, 1]), pd.arrays.SparseArray([0.0, 1])),
    ("NaN is not missing", floats(np.nan, masked=False), floats(np.nan, masked=True)),
    ("kinds of missing objects", pd.Series([None], dtype=object), pd.Series([pd.NA], dtype=object)),
    ("two columns of one name", twice(1, 2), twice(2, 1)),
    ("holidays", workdays("2024-01-01"), workdays("2024-01-02")),
    ("lists of Arrow's", lists([1, 2], [3]), lists([1], [2, 3])),
    ("duplicate labels", FRAME, FRAME.set_flags(allows_duplicate_labels=False)),
]

SAME = [
    ("intervals in two ways", pd.IntervalIndex.from_breaks(DAYS), pd.interval_range(*DAYS[[0, 2]])),
    ("sparse in blocks", *[pd.arrays.SparseArray([0, 0, 1], kind=k) for k in ("integer", "block")]),
    ("what lies under a missing float", floats(1.5, masked=True), floats(np.nan, masked=True)),
    (
        "periods in two ways",
        pd.PeriodIndex(["2024"], freq="Y"),
        pd.period_range("2024", periods=1, freq="Y"),
    ),
    (
        "width of codes",
        pd.Categorical.from_codes(np.array([0], "i8"), ["a"]),
        pd.Categorical(["a"]),
    ),
    ("holidays", workdays("2024-01-01"), workdays("2024-01-01")),
    ("lists of Arrow's", lists([1], None), lists([1], None)),
    ("what an index has remembered", looked_up(FRAME.copy()), FRAME),
    ("missing texts", pd.Series(["a", None], dtype="str"), pd.Series(["a", np.nan], dtype="str")),
    ("copies", FRAME, FRAME.copy()),
    ("blocks", FRAME, in_blocks()),
    (
        "order in memory",
        pd.DataFrame(np.arange(6.0).reshape(2, 3)),
        pd.DataFrame(np.asfortranarray(np.arange(6.0).reshape(2, 3))),
    ),
    ("attrs", FRAME, with_attrs(FRAME)),
    ("a slice and its copy", FRAME[1:], FRAME[1:].copy()),
    ("there and back", FRAME, FRAME[["c", "b", "a"]][["a", "b", "c"]]),
    ("what lies under a missing number", hidden([1], 7), hidden([1], 8)),
    (
        "Arrow chunks",
        pd.Series(["a", "b"], dtype="string[pyarrow]"),
        pd.concat([pd.Series([x], dtype="string[pyarrow]") for x in "ab"], ignore_index=True),
    ),
    (
        "width of codes",
        TWO_LEVELS,
        pd.MultiIndex(
            TWO_LEVELS.levels, [np.asarray(c, "i8") for c in TWO_LEVELS.codes], names=["x", "y"]
        ),
    ),
    (
        "equal timestamps",
        pd.Timestamp("2024", tz="Asia/Tokyo"),
        pd.Timestamp("2024", tz="Asia/Tokyo"),
    ),
    ("equal offsets", pd.offsets.BusinessDay(2), pd.offsets.BusinessDay(2)),
    (
        "equal categories",
        pd.Series(["a", "b"], dtype="category"),
        pd.Series(["a", "b"], dtype="category"),
    ),
    (
        "equal sparse",
        pd.Series([0, 1], dtype="Sparse[int64]"),
        pd.Series([0, 1], dtype="Sparse[int64]"),
    ),
    ("mixed objects", pd.Series([1, "a", None]), pd.Series([1, "a", None])),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_frames_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_frames_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_a_subclass_counts_with_its_name_and_its_metadata():
    class Survey(pd.DataFrame):
        _metadata = ("place",)

        @property
        def _constructor(self):
            return Survey

    one, other = Survey({"a": [1]}), Survey({"a": [1]})
    one.place, other.place = "here", "there"
    assert digest(one) != digest(other)
    assert digest(one) != digest(frame(a=[1]))
    other.place = "here"
    assert digest(one) == digest(other)


def test_a_cell_without_content_is_refused():
    text = r"'value' \(of type pandas\.[\w.]*DataFrame\) .* holds a value of type object"
    with pytest.raises(UnhashableParamError, match=text):
        digest(pd.DataFrame({"a": [1, object()]}))


def test_a_cell_that_changes_is_seen():
    value = pd.DataFrame({"a": [[1], [2]]})
    before = digest(value)
    value.loc[1, "a"].append(3)
    assert digest(value) != before


def test_a_wide_frame_of_many_types():
    kinds = ["i1", "f4", "M8[s]", "Int8", "category", "string[pyarrow]", "Sparse[int64]"]
    value = pd.DataFrame(
        {
            f"{kind} {at}": pd.Series([1, 2]).astype(str if "str" in kind else "int64").astype(kind)
            for at in range(3)
            for kind in kinds
        }
    )
    assert digest(value) == digest(value.copy())
    assert digest(value) != digest(value[::-1])


def test_hash_functions_for_arrays_see_codes_in_one_width():
    seen = []

    def noting(array):
        seen.append((array.dtype, array.tolist()))
        return array.tolist()

    digest(pd.Series(pd.Categorical(["x", "y", "x"])), {np.ndarray: noting})
    assert (np.dtype("int64"), [0, 1, 0]) in seen
