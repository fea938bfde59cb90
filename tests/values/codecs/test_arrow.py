"""Arrow data and frames of polars as bytes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from round_trips import codec_of, load_things, received, round_trip

from reprise.values import take_snapshot
from reprise.values.codecs import Received, UndecodableError, pack
from reprise.values.codecs.packing import unpack_safely
from reprise.values.spool import HeapBuffers

ARRAYS = [
    pa.array([1, None, 3]),
    pa.array([], pa.string()),
    pa.array([None, None]),
    pa.array([True, None, False] * 10)[3:17],
    pa.array(["a", None, "b" * 100] * 5)[1:7],
    pa.array([b"x"], pa.large_binary()),
    pa.array(["a", "long enough to lie apart"], pa.string_view()),
    pa.array(["x", "y", None, "x"]).dictionary_encode(),
    pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), ["b", "a"], ordered=True),
    pa.array([[1], None, [2, 3]]),
    pa.array([[[{"a": 1, "b": ["x"]}]], []]),
    pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
    pa.array([Decimal("1.20"), None]),
    pa.array([1, 2, None], pa.timestamp("ns", "Europe/Berlin")),
    pa.array([dt.timedelta(1)], pa.duration("us")),
    pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
    pa.UnionArray.from_sparse(
        pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])]
    ),
    pa.RunEndEncodedArray.from_arrays([2, 5], ["a", "b"]),
    pa.array(np.arange(100_000)),
    pa.array(["text"] * 10_000),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.type).replace("\n", " ")[:40])
def test_arrays_come_back(array: pa.Array) -> None:
    for value in (array, pa.chunked_array([array, array[:1], array[:0]])):
        back = round_trip(value)
        back.validate(full=True)
        assert (type(back), back.type) == (type(value), value.type)
        assert back.equals(value)
        assert back.null_count == value.null_count
    assert round_trip([array, array])[1].equals(array)
    assert [len(chunk) for chunk in round_trip(pa.chunked_array([array, array[:1]])).chunks] == [
        len(array),
        len(array[:1]),
    ]


@pytest.mark.parametrize(
    "table",
    [
        pa.table({f"c{number}": array[:1] for number, array in enumerate(ARRAYS) if len(array)}),
        pa.table({"a": pa.chunked_array([[1], [2]]), "b": pa.chunked_array([["x", "y"]])}),
        pa.table({"a": pa.chunked_array([], pa.int8())}),
        pa.table([[1], [2]], names=["a", "a"]),
        pa.table({}),
        pa.table({"a": [1]}, metadata={"x": "y"}),
        pa.table(
            [[1]], schema=pa.schema([pa.field("a", pa.int8(), nullable=False, metadata={"u": "m"})])
        ),
        pa.record_batch({"a": [1, None], "b": [["x"], []]}),
        pa.table({"a": np.arange(100_000), "b": ["text"] * 100_000}),
    ],
    ids=lambda table: str(table.schema)[:30].replace("\n", " "),
)
def test_tables_come_back(table: Any) -> None:
    back = round_trip(table)
    back.validate(full=True)
    assert type(back) is type(table)
    assert back.equals(table, check_metadata=True)
    assert back.schema.equals(table.schema, check_metadata=True)
    if isinstance(table, pa.Table):
        lengths = [[len(chunk) for chunk in column.chunks] for column in table.columns]
        assert [[len(chunk) for chunk in column.chunks] for column in back.columns] == lengths


def test_schemas_come_back() -> None:
    schema = pa.schema({"a": pa.int8(), "b": pa.list_(pa.string())}, metadata={"x": "y"})
    assert round_trip(schema).equals(schema, check_metadata=True)


def test_bodies_lie_beside_the_stream_and_are_not_copied() -> None:
    own = take_snapshot(pa.table({"a": np.arange(1_000_000)}), load_things)
    packed = pack(own, load_things)
    assert [one.size for one in packed.buffers] == [8_000_000]
    assert len(packed.stream) < 1000
    (chunk,) = packed.buffers[0].chunks
    address = own.restore()["a"].chunk(0).buffers()[1].address  # type: ignore[attr-defined]
    assert pa.py_buffer(chunk).address == address


def test_what_is_read_lies_on_the_memory_that_was_given() -> None:
    packed = pack(take_snapshot(pa.array(np.arange(1_000_000)), load_things), load_things)
    memory = bytearray(b"".join(packed.buffers[0].chunks))

    class Given(Received):
        def take(self) -> list[Any]:
            return [memoryview(memory)]

    back = unpack_safely(Given(packed.codec, packed.stream))
    assert back.buffers()[1].address == pa.py_buffer(memory).address


class Label(pa.ExtensionType):
    def __init__(self) -> None:
        super().__init__(pa.string(), "reprise.tests.label")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, _storage: Any, _serialized: bytes) -> Label:
        return cls()


def test_types_defined_in_python_are_pickled() -> None:
    array = pa.ExtensionArray.from_storage(Label(), pa.array(["a"]))
    assert codec_of(array) == "pickle"
    assert codec_of(pa.table({"a": array})) == "pickle"
    assert codec_of(pa.table({"a": [1]}).drop_columns("a").schema) == "arrow"


FRAMES = [
    pl.DataFrame({"a": [1, None], "b": ["x", None], "c": [b"y", None], "d": [True, None]}),
    pl.DataFrame({"a": [[1], None], "b": [{"x": 1}, None], "c": [[["a"]], []]}),
    pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Categorical)}),
    pl.DataFrame({"a": pl.Series(["x", None], dtype=pl.Enum(["z", "x"]))}),
    pl.DataFrame({"a": [Decimal("1.20")], "b": [dt.timedelta(1)], "c": [dt.time(1)], "d": [None]}),
    pl.DataFrame({"a": pl.Series([[1, 2]], dtype=pl.Array(pl.Int8, 2))}),
    pl.DataFrame({"a": pl.Series([0], dtype=pl.Datetime("ms", "Europe/Berlin"))}),
    pl.DataFrame({"a": [float("nan"), -0.0, None]}),
    pl.DataFrame(schema={"a": pl.Int8, "b": pl.String}),
    pl.DataFrame(),
    pl.DataFrame({"a": range(100_000), "b": ["some text that is long"] * 100_000}),
    pl.concat([pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [2]})], rechunk=False),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame.schema)[7:47])
def test_frames_of_polars_come_back(frame: pl.DataFrame) -> None:
    back = round_trip(frame)
    assert codec_of(frame) == "polars"
    assert (back.schema, back.shape) == (frame.schema, frame.shape)
    assert back.equals(frame)
    assert back.write_json() == frame.write_json() if "c" not in frame.columns else True
    for column in frame.get_columns():
        again = round_trip(column)
        assert (type(again), again.name, again.dtype) == (pl.Series, column.name, column.dtype)
        assert again.equals(column, check_names=True, check_dtypes=True)


def test_polars_still_knows_what_is_sorted() -> None:
    frame = pl.DataFrame({"a": [3, 1, 2], "b": [1, 2, 3]}).sort("a")
    kept = take_snapshot(frame, load_things).restore()
    assert round_trip(frame)["a"].flags == kept["a"].flags
    assert round_trip(frame["a"].sort(descending=True)).flags["SORTED_DESC"]


def test_what_came_back_can_be_changed_and_belongs_to_the_caller() -> None:
    packed = pack(take_snapshot(pl.DataFrame({"a": range(10_000)}), load_things), load_things)
    came = received(packed)
    first, second = unpack_safely(came), unpack_safely(came)
    first[0, "a"] = 9
    assert second[0, "a"] == 0


def test_python_objects_in_polars_are_pickled_or_refused_by_pickle() -> None:
    assert codec_of([pl.Series([1], dtype=pl.Int8), pl.Int8]) == "pickle"


@given(st.sampled_from([*ARRAYS, *FRAMES[:9]]), st.data())
def test_a_changed_stream_is_a_value_or_one_error(value: Any, data: Any) -> None:
    packed = pack(take_snapshot(value, load_things), load_things)
    stream = bytearray(packed.stream)
    for _ in range(data.draw(st.integers(1, 2))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    buffers = tuple(b"".join(one.chunks) for one in packed.buffers)
    kept = HeapBuffers(buffers, (False,) * len(buffers))
    try:
        unpack_safely(Received("arrow", bytes(stream), kept))
    except UndecodableError:
        pass
