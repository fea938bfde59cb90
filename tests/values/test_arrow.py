"""Arrow data is copied once into memory that nobody can write to, and then shared."""

from __future__ import annotations

import decimal
import gc
import mmap
import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.keys import digest
from reprise.seals import seals
from reprise.values import arrow
from reprise.values.pages import Limits, PagePool
from reprise.values.snapshots import Pickled, Shared, take_snapshot
from reprise.values.spool import PAGES_FROM

LARGE = PAGES_FROM // 8
WORDS = ["x", None, "a text of more than twelve bytes"]


def union(mode):
    codes, texts = pa.array([0, 1, 0], pa.int8()), pa.array(["a", "b", "c"])
    if mode == "sparse":
        return pa.UnionArray.from_sparse(codes, [pa.array([1, 2, 3]), texts])
    return pa.UnionArray.from_dense(
        codes, pa.array([0, 0, 1], pa.int32()), [pa.array([1, 2, 3]), texts]
    )


ARRAYS = {
    "int8": pa.array([1, None, 3], pa.int8()),
    "float16": pa.array(np.array([1, 2, 3], "f2")),
    "bool": pa.array([True, None, False]),
    "null": pa.nulls(3),
    "string": pa.array(WORDS),
    "large_string": pa.array(WORDS, pa.large_string()),
    "string_view": pa.array(WORDS, pa.string_view()),
    "binary": pa.array([b"x", None, b""]),
    "binary_view": pa.array([b"x", None, b"y" * 20], pa.binary_view()),
    "fixed binary": pa.array([b"xx", None, b"yy"], pa.binary(2)),
    "decimal": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal(3)], pa.decimal128(9, 2)),
    "date": pa.array([1, None, 3], pa.date32()),
    "time": pa.array([1, None, 3], pa.time64("us")),
    "timestamp": pa.array([1, None, 3], pa.timestamp("us", "Europe/Berlin")),
    "duration": pa.array([1, None, 3], pa.duration("ms")),
    "interval": pa.array([(1, 2, 3), None, (4, 5, 6)], pa.month_day_nano_interval()),
    "dictionary": pa.array(WORDS).dictionary_encode(),
    "list": pa.array([[1], None, [2, 3]]),
    "large list": pa.array([[1], None, [2, 3]], pa.large_list(pa.int8())),
    "list view": pa.array([[1], None, [2, 3]], pa.list_view(pa.int8())),
    "fixed list": pa.array([[1, 2], None, [2, 3]], pa.list_(pa.int8(), 2)),
    "list of dictionaries": pa.array(
        [["a"], None, ["b", "a"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))
    ),
    "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}]),
    "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int8())),
    "sparse union": union("sparse"),
    "dense union": union("dense"),
    "run ends": pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"]),
    "uuid": pa.array([b"0" * 16, None, b"1" * 16], pa.uuid()),
    "tensor": pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.int8(), [2]), pa.array([[1, 2]] * 3, pa.list_(pa.int8(), 2))
    ),
}

CUTS = {
    "whole": lambda array: array,
    "sliced": lambda array: array.slice(1, 1),
    "empty": lambda array: array.slice(0, 0),
    "repeated and sliced": lambda array: repeated(array).slice(3, 4),
    "chunked": lambda array: pa.chunked_array([array, array.slice(1), array.slice(0, 0)]),
    "no chunks": lambda array: pa.chunked_array([], array.type),
    "batch": lambda array: pa.RecordBatch.from_arrays([array], ["a"]),
    "table": lambda array: pa.Table.from_arrays([array, array], ["a", "b"]),
    "sliced table": lambda array: pa.Table.from_arrays([array], ["a"]).slice(1, 1),
}


def repeated(array):
    """Several times as long, where Arrow can join arrays of the type."""
    try:
        return pa.concat_arrays([array] * 3)
    except pa.ArrowNotImplementedError:
        return array


def buffers(array):
    """All buffers of an array, those of its dictionary included."""
    found = [one for one in array.buffers() if one is not None]
    return found + (buffers(array.dictionary) if pa.types.is_dictionary(array.type) else [])


def arrays_of(value):
    if isinstance(value, pa.Array):
        return [value]
    columns = [value] if isinstance(value, pa.ChunkedArray) else value.columns
    return [c for column in columns for c in getattr(column, "chunks", [column])]


def over_numpy(items=LARGE):
    """Arrow data on the memory of a numpy array, and that array."""
    numbers = np.arange(items, dtype="i8")
    return pa.array(numbers), numbers


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_owned_equals_what_was_given_and_cannot_be_written_to(name, cut):
    value = CUTS[cut](ARRAYS[name])
    own = arrow.owned(value)
    own.validate(full=True)
    assert type(own) is type(value)
    assert own.equals(value)
    assert str(own) == str(value)
    assert digest(own) == digest(value)
    for array in arrays_of(own):
        assert not any(buffer.is_mutable for buffer in buffers(array))


def test_the_schema_comes_with_its_metadata():
    schema = pa.schema(
        [pa.field("a", pa.int8(), nullable=False, metadata={"k": "v"})], metadata={"x": "y"}
    )
    table = pa.Table.from_arrays([pa.array(range(100), pa.int8())], schema=schema).slice(90)
    assert arrow.owned(table).schema.equals(schema, check_metadata=True)


def test_a_table_of_no_columns_keeps_its_rows():
    table = pa.table({"a": [1, 2, 3]}).select([])
    assert arrow.owned(table).num_rows == pickle.loads(pickle.dumps(table)).num_rows


@pytest.mark.parametrize("items", [3, 1000, LARGE])
def test_writing_to_the_memory_below_is_not_seen(take, items):
    array, numbers = over_numpy(items)
    snapshot = take(pa.table({"a": array}))
    numbers[:] = -1
    assert array[0].as_py() == -1
    assert snapshot.restore()["a"].to_pylist() == list(range(items))


def test_writing_to_the_bits_and_texts_below_is_not_seen(take):
    bits, texts = np.full(1, 0b101, "u1"), np.frombuffer(b"abc", "u1").copy()
    ends = np.arange(4, dtype="i4")
    array = pa.Array.from_buffers(
        pa.string(), 3, [pa.py_buffer(bits), pa.py_buffer(ends), pa.py_buffer(texts)]
    )
    snapshot = take(array)
    bits[:], ends[:], texts[:] = 7, 0, 0
    assert snapshot.restore().to_pylist() == ["a", None, "c"]


@pytest.mark.parametrize("items", [3, 1000, LARGE])
def test_no_view_of_it_can_be_made_writable(take, items):
    own = take(over_numpy(items)[0]).restore()
    views = [
        own.to_numpy(zero_copy_only=True),
        np.asarray(own.buffers()[1]),
        np.frombuffer(own.buffers()[1]),
        np.from_dlpack(own),
        pd.Series(own.to_pandas()).to_numpy(),
    ]
    for view in views:
        if not np.shares_memory(view, views[0]):
            continue
        with pytest.raises(ValueError, match="WRITEABLE"):
            view.flags.writeable = True
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 9
    assert own.to_pylist() == list(range(items))


def test_polars_copies_before_it_writes_to_it(take):
    snapshot = take(over_numpy()[0])
    series = pl.from_arrow(snapshot.restore())
    series[0] = 99
    assert series[0] == 99
    assert snapshot.restore()[0].as_py() == 0


@pytest.mark.parametrize("kind", [pa.Table, pa.RecordBatch, pa.ChunkedArray, pa.Array])
def test_everybody_gets_the_same_object(take, kind):
    value = {
        pa.Table: pa.table({"a": [1]}),
        pa.RecordBatch: pa.record_batch({"a": [1]}),
        pa.ChunkedArray: pa.chunked_array([[1]]),
        pa.Array: pa.array([1]),
    }[kind]
    snapshot = take(value)
    assert type(snapshot) is Shared
    assert snapshot.restore() is snapshot.restore() is snapshot.shared
    assert snapshot.shared is not value


def test_a_slice_does_not_hold_what_it_was_cut_out_of(take):
    array = pa.array(np.arange(LARGE))
    texts = pa.array(["some text"] * LARGE)
    assert take(array.slice(5, 10)).size < 1000
    assert take(texts.slice(5, 10)).size < 1000
    table = pa.table({"a": array, "b": texts}).slice(LARGE - 10)
    assert take(table).size < 2000
    assert take(table).restore().equals(table)


def test_a_dictionary_that_chunks_share_is_kept_once(take):
    words = pa.array([f"word {number}" for number in range(100_000)])
    parts = [pa.DictionaryArray.from_arrays(pa.array([at, at + 1]), words) for at in range(9)]
    snapshot = take(pa.chunked_array(parts))
    assert snapshot.size < 1.5 * words.nbytes
    assert snapshot.restore().to_pylist() == pa.chunked_array(parts).to_pylist()


def test_a_large_one_lies_on_one_mapping_that_goes_with_its_last_user(take, pool):
    snapshot = take(pa.table({"a": over_numpy()[0], "b": over_numpy()[0]}))
    column = snapshot.restore()["a"]
    view = column.chunk(0).to_numpy()
    assert (pool.files, pool.mappings) == (0, 1)
    del snapshot, column
    gc.collect()
    assert (pool.files, pool.mappings) == (0, 1)
    assert view[-1] == LARGE - 1
    del view
    gc.collect()
    assert pool.mappings == 0


@pytest.mark.parametrize("limits", [Limits(0, 0), Limits(9, 0)])
def test_without_pages_it_is_kept_in_memory(limits):
    array, numbers = over_numpy()
    own = arrow.owned(array, PagePool(lambda: limits))
    numbers[:] = -1
    assert own.to_pylist() == list(range(LARGE))
    assert not own.buffers()[1].is_mutable


class Money(pa.ExtensionType):
    def __init__(self):
        super().__init__(pa.int64(), "tests.money")

    def __arrow_ext_serialize__(self):
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        return cls()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda array: array,
        lambda array: pa.table({"a": array}),
        lambda array: pa.StructArray.from_arrays([array], ["a"]),
        lambda array: pa.ListArray.from_arrays([0, 2], array),
    ],
)
def test_types_that_are_defined_in_python_are_not_shared(take, wrap):
    money = pa.ExtensionArray.from_storage(Money(), pa.array([1, 2]))
    value = wrap(money)
    snapshot = take(value)
    assert type(snapshot) is Pickled
    assert snapshot.restore().equals(value)


@pytest.mark.parametrize("value", [None, [pa.array([1])], pa.schema([]), np.arange(3)])
def test_other_values_are_not_shared(value):
    assert not arrow.shareable(value)


def test_what_was_restored_can_be_pickled_and_kept_again(take):
    table = pa.table({"a": over_numpy()[0], "t": WORDS[:2] * (LARGE // 2)})
    mine = take(table).restore()
    assert pickle.loads(pickle.dumps(mine, 5)).equals(table)
    assert take(mine).restore().equals(table)


def test_threads_may_read_at_once(take):
    snapshot = take(over_numpy()[0])
    with ThreadPoolExecutor(8) as threads:
        sums = list(threads.map(lambda _: snapshot.restore().to_numpy().sum(), range(50)))
    assert set(sums) == {LARGE * (LARGE - 1) // 2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_reads_the_same(take):
    snapshot = take(over_numpy()[0])
    child = os.fork()
    if child == 0:
        os._exit(0 if snapshot.restore().to_numpy()[-1] == LARGE - 1 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_its_memory_is_registered_for_as_long_as_it_is_mapped(take):
    snapshot = take(over_numpy()[0])
    buffer = snapshot.restore().buffers()[1]
    seal = seals.find(buffer.address, buffer.address + buffer.size)
    assert seal is not None
    assert isinstance(seal.owner(), mmap.mmap)
    assert seal.unchanged(seal.start, seal.stop)
    address = buffer.address
    del buffer, snapshot
    gc.collect()
    found = seals.find(address, address + 8)
    assert found is None
    assert not seal.unchanged(seal.start, seal.stop)


@given(
    st.lists(st.lists(st.none() | st.integers(-9, 9), max_size=50), min_size=1, max_size=5).flatmap(
        lambda chunks: st.tuples(st.just(chunks), st.integers(0, 60), st.integers(0, 60))
    )
)
def test_any_cut_of_any_chunks_comes_back(drawn):
    chunks, start, length = drawn
    whole = pa.chunked_array([pa.array(chunk, pa.int32()) for chunk in chunks])
    value = whole.slice(min(start, len(whole)), length)
    own = take_snapshot(value, len).restore()
    assert own.to_pylist() == value.to_pylist()
    assert own.num_chunks == value.num_chunks
