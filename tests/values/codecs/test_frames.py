"""Frames, series and indexes as bytes, compared with what callers get today."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from dateutil.tz import tzoffset
from hypothesis import given
from hypothesis import strategies as st
from round_trips import codec_of, load_things, received, round_trip, same

from reprise.errors import UnserializableReturnValueError
from reprise.values import take_snapshot
from reprise.values.codecs import Received, UndecodableError, pack
from reprise.values.codecs.packing import unpack_safely
from reprise.values.spool import HeapBuffers

BERLIN = ZoneInfo("Europe/Berlin")
moments = st.datetimes(pd.Timestamp("1970"), pd.Timestamp("2200"))


def column(draw: Any, length: int, but: str = "") -> Any:  # noqa: C901 - one line a kind
    """One column of any kind that is kept without pickle."""

    def some(items: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(items, min_size=length, max_size=length))

    missing = st.none()
    kind = draw(st.sampled_from([one for one in KINDS if one != but]))
    if kind in ("f8", "f4"):
        return np.array(some(st.floats(width=32)), kind)
    if kind in ("i8", "u1", "?"):
        return np.array(some(st.integers(0, 1)), kind)
    if kind == "c16":
        return np.array(some(st.complex_numbers(max_magnitude=10)), kind)
    if kind in ("object", "string[python]", "str"):
        return pd.array(some(st.text(st.characters(codec="utf-8")) | missing), dtype=kind)
    if kind == "mixed":
        return pd.Series(some(CELLS), dtype=object).array
    if kind in ("Int64", "UInt8", "boolean", "Float32", "int64[pyarrow]", "bool[pyarrow]"):
        return pd.array(some(st.integers(0, 1) | missing), dtype=kind)
    if kind == "category":
        return pd.Categorical(some(st.sampled_from(["a", "b", None])), ordered=draw(st.booleans()))
    if kind == "interval":
        return pd.arrays.IntervalArray.from_breaks(range(length + 1), closed="both")
    if kind == "period":
        return pd.PeriodIndex(some(moments), freq=draw(st.sampled_from(["M", "D", "W-TUE"]))).array
    if kind == "m8":
        return pd.to_timedelta(
            some(st.timedeltas(dt.timedelta(0), dt.timedelta(9)) | missing)
        ).array
    zone = draw(st.sampled_from([None, dt.UTC, BERLIN, dt.timezone(dt.timedelta(hours=2))]))
    unit = draw(st.sampled_from(["s", "ms", "us", "ns"]))
    return (
        pd.DatetimeIndex(some(moments | missing))
        .tz_localize("UTC")
        .tz_convert(zone)
        .as_unit(unit)
        .array
    )


KINDS = [
    *("f8", "f4", "i8", "u1", "?", "c16", "object", "string[python]", "str", "mixed"),
    *("Int64", "UInt8", "boolean", "Float32", "int64[pyarrow]", "bool[pyarrow]"),
    *("category", "interval", "period", "m8", "M8"),
]
CELLS = st.one_of(
    st.sampled_from([None, float("nan"), pd.NA, pd.NaT, Decimal("1.20"), dt.date(2024, 1, 1)]),
    st.integers(),
    st.text(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(), st.booleans(), max_size=2),
    st.just(pd.Timestamp("2024-10-27 01:30", tz="UTC").tz_convert(BERLIN)),
    st.just(pd.Timedelta(1, "ms")),
    st.just(pd.Period("2024-01", "M")),
    st.just(pd.Interval(0, 1)),
)
NAMES = st.one_of(
    st.none(), st.text(), st.integers(0, 2), st.tuples(st.text(), st.integers()), st.dates()
)


@st.composite
def indexes(draw: Any, length: int) -> pd.Index:
    kind = draw(st.sampled_from(["range", "dates", "steps", "levels", "labels", "column"]))
    name = draw(NAMES)
    if kind == "range":
        return pd.RangeIndex(1, 1 + 2 * length, 2, name=name)
    if kind == "dates":
        freq = draw(st.sampled_from(["D", "B", "MS", "2h", "W-WED"]))
        return pd.date_range("2024-01-01", periods=length, freq=freq, tz=draw(ZONES), name=name)
    if kind == "steps":
        return pd.timedelta_range("1h", periods=length, freq="30min", name=name)
    if kind == "levels":
        arrays = [np.arange(length) % 2, list("abcdefgh"[:length])]
        return pd.MultiIndex.from_arrays(arrays, names=[name, draw(NAMES)])
    if kind == "labels":
        labels = draw(st.lists(NAMES, min_size=length, max_size=length))
        return pd.Index(labels, name=name, dtype=object, tupleize_cols=False)
    return pd.Index(column(draw, length, but="mixed"), name=name)


ZONES = st.sampled_from([None, "UTC", "Europe/Berlin", dt.timezone(dt.timedelta(hours=1))])


@st.composite
def frames(draw: Any) -> pd.DataFrame:
    length, width = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    index = draw(indexes(length))
    columns = [pd.Series(column(draw, length)) for _ in range(width)]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(length))
    frame.columns, frame.index = draw(indexes(width)), index
    if draw(st.booleans()):
        frame.attrs = {"source": ["x", 1]}
    if frame.columns.is_unique and index.is_unique and draw(st.booleans()):
        frame = frame.set_flags(allows_duplicate_labels=False)
    return draw(st.sampled_from([frame, frame.iloc[::-1], frame.copy()]))


def cells(frame: Any) -> list[Any]:
    """What is in columns of Python objects, whose kinds of missing values pandas takes for one."""
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])] if frame.ndim == 2 else [frame]
    return [one.tolist() for one in columns if one.dtype in (object, "string")]


def expect_same_index(one: pd.Index, other: pd.Index) -> None:
    pd.testing.assert_index_equal(one, other, exact=True, check_exact=True)
    assert type(one) is type(other)
    assert same(list(one.names), list(other.names))
    assert getattr(one, "freq", None) == getattr(other, "freq", None)
    if isinstance(one, pd.MultiIndex):
        for level, expected in zip(one.levels, other.levels, strict=True):
            expect_same_index(level, expected)
        assert same([*map(np.asarray, one.codes)], [*map(np.asarray, other.codes)])
    elif one.dtype == object:
        assert same(one.tolist(), other.tolist())


def expect_same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, pd.Index):
        expect_same_index(one, other)
        return
    compare = pd.testing.assert_frame_equal if one.ndim == 2 else pd.testing.assert_series_equal
    compare(one, other, check_exact=True, check_freq=True, check_flags=True)
    for axis, expected in zip(one.axes, other.axes, strict=True):
        expect_same_index(axis, expected)
    assert same(cells(one), cells(other))
    assert same(one.attrs, other.attrs)
    blocks, expected_blocks = one._mgr.blocks, other._mgr.blocks
    assert [type(block.values) for block in blocks] == [type(b.values) for b in expected_blocks]
    for block, expected in zip(blocks, expected_blocks, strict=True):
        assert list(block.mgr_locs) == list(expected.mgr_locs)
        if type(block.values) is np.ndarray:
            # Those that callers get today lie on sealed memory: lazy copies, changed by copying.
            assert same(block.values.copy("K"), expected.values.copy("K"))
            assert block.values.flags.writeable


@given(frames())
def test_frames_come_back_as_callers_get_them_today(frame: pd.DataFrame) -> None:
    oracle = take_snapshot(frame, load_things).restore()
    assert codec_of(frame) == "frame"
    expect_same(round_trip(frame), oracle)


@given(st.data(), st.integers(0, 5), NAMES)
def test_series_come_back_as_callers_get_them_today(data: Any, length: int, name: Any) -> None:
    series = pd.Series(column(data.draw, length), index=data.draw(indexes(length)), name=name)
    series.attrs["a"] = 1
    expect_same(round_trip(series), take_snapshot(series, load_things).restore())


@given(st.integers(0, 8).flatmap(indexes))
def test_indexes_come_back_as_callers_get_them_today(index: pd.Index) -> None:
    expect_same(round_trip(index), take_snapshot(index, load_things).restore())


@given(frames())
def test_what_came_back_can_be_changed_and_belongs_to_the_caller(frame: pd.DataFrame) -> None:
    packed = pack(take_snapshot(frame, load_things), load_things)
    first, second = (unpack_safely(received(packed)) for _ in range(2))
    expected = second.copy(deep=True)
    for at in range(first.shape[1]):
        if len(first):
            first.isetitem(at, first.iloc[:, at].iloc[::-1].array)
            if first.dtypes.iloc[at].kind != "O":  # what is put there is spread
                first.iloc[0, at] = first.iloc[-1, at]
    expect_same(second.copy(deep=True), expected)


def test_writing_to_what_came_back_works_in_place() -> None:
    frame = round_trip(pd.DataFrame({"a": np.arange(2000.0), "b": np.arange(2000)}))
    frame.loc[0, "a"] = 5
    frame["c"] = frame["a"] + frame["b"]
    frame.iloc[1, 1] = 9
    assert frame.iloc[:2].to_numpy().tolist() == [[5.0, 0.0, 5.0], [1.0, 9.0, 2.0]]


def test_a_written_column_of_one_frame_is_not_seen_in_another_that_shares_its_index() -> None:
    index = pd.Index(["x", "y"], name="i")
    one, other = round_trip([pd.Series([1, 2], index), pd.Series([3, 4], index)])
    one.index.name = "j"
    one.iloc[0] = 9
    assert other.tolist() == [3, 4]


def test_blocks_lie_beside_the_stream_as_they_are() -> None:
    frame = pd.DataFrame(np.zeros((100_000, 4)), columns=list("abcd"))
    packed = pack(take_snapshot(frame, load_things), load_things)
    assert [one.size for one in packed.buffers] == [3_200_000]
    assert len(packed.stream) < 1000


def test_nans_keep_their_bits() -> None:
    bits = np.array([0x7FF8_0000_0000_BEEF, 0xFFF8_0000_0000_0001], "u8")
    frame = round_trip(pd.DataFrame({"a": bits.view("f8")}))
    assert frame["a"].to_numpy().view("u8").tolist() == bits.tolist()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "US/Pacific"])
def test_zones_of_pytz_come_back(zone: str) -> None:
    pytz = pytest.importorskip("pytz")
    frame = pd.DataFrame({"a": pd.to_datetime(["2024-07-01"]).tz_localize(pytz.timezone(zone))})
    back = round_trip({"frame": frame, "moment": frame["a"][0]})
    assert back["frame"]["a"].dt.tz is frame["a"].dt.tz
    assert (back["moment"], back["moment"].tzinfo) == (frame["a"][0], frame["a"][0].tzinfo)


class Frame(pd.DataFrame):
    @property
    def _constructor(self) -> type:
        return Frame


class Own:
    pass


@pytest.mark.parametrize(
    "value",
    [
        Frame({"a": [1]}),
        pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])}),
        pd.DataFrame({"a": [Own()]}),
        pd.Series([1], name=frozenset({Own})),
        pd.Series(
            [1],
            index=pd.date_range("2024", periods=1, freq=pd.offsets.CDay(holidays=["2024-05-01"])),
        ),
        pd.DataFrame({"a": pd.to_datetime(["2024"]).tz_localize(tzoffset("x", 3600))}),
        pd.Series(pd.array([1, 2], dtype=pd.ArrowDtype(pa.int64()))).array[:0].dtype,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_given_back_exactly_is_pickled(value: Any) -> None:
    assert codec_of(value) == "pickle"


def test_a_refusal_names_the_column() -> None:
    frame = pd.DataFrame({"a": [1], "b": [Own()]})
    with pytest.raises(
        UnserializableReturnValueError, match=r"value\['x'\]\['b'\]\[0\] in it.*Own"
    ):
        round_trip({"x": frame})


@given(frames(), st.data())
def test_a_changed_stream_is_a_value_or_one_error(frame: pd.DataFrame, data: Any) -> None:
    packed = pack(take_snapshot(frame, load_things), load_things)
    stream = bytearray(packed.stream)
    for _ in range(data.draw(st.integers(1, 3))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    buffers = tuple(b"".join(one.chunks) for one in packed.buffers)
    kept = HeapBuffers(buffers, (False,) * len(buffers))
    try:
        unpack_safely(Received("frame", bytes(stream), kept))
    except UndecodableError:
        pass
