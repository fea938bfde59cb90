"""Apache Arrow: types and content; chunks, offsets and undefined bytes do not count."""

from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.errors import UnhashableParamError
from reprise.keys import digest

MAP = pa.map_(pa.string(), pa.int32())
TABLE = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})


def hidden(under):
    """An array whose second value is missing, with ``under`` in its place in memory."""
    content = pa.array([1, under, 3], pa.int64())
    present = pa.array([True, False, True]).buffers()[1]
    return pa.Array.from_buffers(pa.int64(), 3, [present, content.buffers()[1]])


def hidden_text(under):
    content = pa.array(["a", under, "c"])
    present = pa.array([True, False, True]).buffers()[1]
    return pa.Array.from_buffers(pa.string(), 3, [present, *content.buffers()[1:]])


def chunked(*parts, kind=None):
    return pa.chunked_array([pa.array(part, kind) for part in parts], kind)


BYTES = pa.binary(16)
VIEWS = pa.list_view(pa.int8())
LONG = ["a text that is longer than a view holds", "another text that is longer"]


def dense(codes, *values):
    taken = [sum(other == code for other in codes[:at]) for at, code in enumerate(codes)]
    kinds = pa.int64(), None
    inner = [pa.array(part, kind) for part, kind in zip(values, kinds, strict=True)]
    return pa.UnionArray.from_dense(pa.array(codes, pa.int8()), pa.array(taken, pa.int32()), inner)


def sparse(codes, *values):
    return pa.UnionArray.from_sparse(pa.array(codes, pa.int8()), list(map(pa.array, values)))


def runs(ends, values):
    return pa.RunEndEncodedArray.from_arrays(ends, values)


def interval(*parts):
    return pa.array([pa.MonthDayNano(parts)])


def words(indices, *dictionary):
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), list(dictionary))


class Labelled(pa.ExtensionType):
    def __init__(self, label):
        self.label = label
        super().__init__(pa.int64(), "tests.labelled")

    def __arrow_ext_serialize__(self):
        return self.label.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        return cls(serialized.decode())


def labelled(label, *values):
    stored = pa.array(values or [1], pa.int64())
    return pa.chunked_array([pa.ExtensionArray.from_storage(Labelled(label), stored)])


DIFFER = [
    ("types", pa.array([1], pa.int32()), pa.array([1], pa.int64())),
    ("array is not list", pa.array([1]), [1]),
    ("array is not chunked", pa.array([1]), chunked([1])),
    ("values", pa.array([1, 2]), pa.array([2, 1])),
    ("missing is not zero", pa.array([0, None]), pa.array([0, 0])),
    ("what is missing", pa.array([None, 1]), pa.array([1, None])),
    ("missing text is not empty", pa.array(["a", None]), pa.array(["a", ""])),
    ("where texts are cut", pa.array(["a", "bc"]), pa.array(["ab", "c"])),
    ("text is not bytes", pa.array(["a"]), pa.array([b"a"])),
    ("large text", pa.array(["a"]), pa.array(["a"], pa.large_string())),
    ("text views", pa.array(["a"], pa.string_view()), pa.array(["b"], pa.string_view())),
    ("booleans", pa.array([True, False]), pa.array([False, True])),
    ("units", pa.array([1], pa.timestamp("s")), pa.array([1], pa.timestamp("ms"))),
    ("zones", pa.array([1], pa.timestamp("s", "UTC")), pa.array([1], pa.timestamp("s"))),
    ("decimals", pa.array([decimal.Decimal("1.0")]), pa.array([decimal.Decimal("1.00")])),
    ("widths of bytes", pa.array([b"ab"], pa.binary(2)), pa.array([b"ab"])),
    ("where lists are cut", pa.array([[1], [2, 3]]), pa.array([[1, 2], [3]])),
    ("empty list is not missing", pa.array([[], [1]]), pa.array([None, [1]])),
    (
        "missing in a list",
        pa.array([[None]], pa.list_(pa.int64())),
        pa.array([[]], pa.list_(pa.int64())),
    ),
    (
        "lists of fixed length",
        pa.array([[1, 2]], pa.list_(pa.int64(), 2)),
        pa.array([[1, 3]], pa.list_(pa.int64(), 2)),
    ),
    ("fields", pa.array([{"a": 1, "b": 2}]), pa.array([{"a": 2, "b": 1}])),
    ("missing struct", pa.array([{"a": None}, None]), pa.array([None, {"a": None}])),
    ("names of fields", pa.array([{"a": 1}]), pa.array([{"b": 1}])),
    ("maps", pa.array([[("a", 1)]], MAP), pa.array([[("b", 1)]], MAP)),
    (
        "dictionaries",
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array(["b", "a"]).dictionary_encode(),
    ),
    ("dictionary is not plain", pa.array(["a"]).dictionary_encode(), pa.array(["a"])),
    (
        "runs",
        pa.RunEndEncodedArray.from_arrays([2, 3], [1, 2]),
        pa.RunEndEncodedArray.from_arrays([1, 3], [1, 2]),
    ),
    ("lengths of nulls", pa.nulls(1), pa.nulls(2)),
    ("names of columns", TABLE, TABLE.rename_columns(["a", "c"])),
    ("order of columns", TABLE, TABLE.select(["b", "a"])),
    ("metadata", TABLE, TABLE.replace_schema_metadata({"k": "v"})),
    ("table is not batch", TABLE, TABLE.to_batches()[0]),
    ("batches", TABLE.to_batches()[0], TABLE.slice(1).to_batches()[0]),
    ("schemas", TABLE.schema, TABLE.schema.with_metadata({"k": "v"})),
    (
        "fields by whether values may be missing",
        pa.field("a", pa.int8()),
        pa.field("a", pa.int8(), nullable=False),
    ),
    ("scalars", pa.scalar(1), pa.scalar(2)),
    ("scalar is not Python's", pa.scalar(1), 1),
    ("data types", pa.int8(), pa.int16()),
    ("rows without columns", pa.table({"a": [1]}).select([]), pa.table({"a": [1, 2]}).select([])),
    ("extension types", pa.array([b"a" * 16], pa.uuid()), pa.array([b"b" * 16], pa.uuid())),
    ("extension is not storage", pa.array([b"a" * 16], pa.uuid()), pa.array([b"a" * 16], BYTES)),
    ("an extension by all it was given", pa.opaque(BYTES, "a", "b"), pa.opaque(BYTES, "a", "c")),
    ("own extensions", labelled("a"), labelled("b")),
    ("which type in a union", dense([0, 1], [1], [1]), dense([1, 0], [1], [1])),
    ("values in a union", dense([0, 1], [1], ["x"]), dense([0, 1], [1], ["y"])),
    ("sparse unions", sparse([0, 1], [1, 2], ["x", "y"]), sparse([0, 1], [1, 2], ["x", "z"])),
    ("dense is not sparse", dense([0], [1], ["x"]), sparse([0], [1], ["x"])),
    ("views of lists", pa.array([[1], [2, 3]], VIEWS), pa.array([[1, 2], [3]], VIEWS)),
    ("views are not lists", pa.array([[1]], VIEWS), pa.array([[1]], pa.list_(pa.int8()))),
    ("missing in views", pa.array([[], [1]], VIEWS), pa.array([None, [1]], VIEWS)),
    ("what runs repeat", runs([2, 3], [1, None]), runs([2, 3], [None, 1])),
    ("runs of texts", runs([1, 2], ["a", "b"]), runs([1, 2], ["a", "c"])),
    ("months, days, nanoseconds", interval(1, 2, 3), interval(1, 2, 4)),
    ("dictionary without rows", words([], "a"), words([], "b")),
    ("dictionary that no row uses", words([None], "a"), words([None], "b")),
    ("views of bytes", pa.array([b"a"], pa.binary_view()), pa.array([b"b"], pa.binary_view())),
    ("long views", pa.array(LONG, pa.string_view()), pa.array(LONG[::-1], pa.string_view())),
    ("buffers", pa.py_buffer(b"ab"), pa.py_buffer(b"ac")),
    (
        "a value in the middle",
        pa.array(range(9999)),
        pa.array([*range(5000), 0, *range(5001, 9999)]),
    ),
]

SAME = [
    ("chunks", chunked([1, 2], [3], kind=pa.int8()), chunked([1], [], [2, 3], kind=pa.int8())),
    ("chunks of texts", chunked(["a", None], ["c"]), chunked(["a"], [None, "c"])),
    ("chunks of booleans", chunked([True], [False, None]), chunked([True, False, None])),
    (
        "chunks of lists",
        chunked([[1], [2, None]], [[]], kind=pa.list_(pa.int8())),
        chunked([[1]], [[2, None], []], kind=pa.list_(pa.int8())),
    ),
    (
        "chunks of structs",
        chunked([{"a": 1}, None], [{"a": 2}]),
        chunked([{"a": 1}], [None, {"a": 2}]),
    ),
    (
        "chunks of maps",
        chunked([[("a", 1)], None], [[]], kind=MAP),
        chunked([[("a", 1)]], [None, []], kind=MAP),
    ),
    (
        "chunks of dictionaries",
        pa.chunked_array(
            [pa.array(["a", "b"]).dictionary_encode(), pa.array(["a", "c"]).dictionary_encode()]
        ),
        pa.chunked_array(
            [pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 2], pa.int32()), ["a", "b", "c"])]
        ),
    ),
    (
        "chunks of fixed lists",
        chunked([[1, 2]], [[3, 4]], kind=pa.list_(pa.int8(), 2)),
        chunked([[1, 2], [3, 4]], kind=pa.list_(pa.int8(), 2)),
    ),
    (
        "chunks of views",
        chunked(["a"], ["b"], kind=pa.string_view()),
        chunked(["a", "b"], kind=pa.string_view()),
    ),
    (
        "chunks of unions",
        pa.chunked_array([dense([0, 1], [1], ["x"]), dense([1], [], ["y"])]),
        pa.chunked_array([dense([0, 1, 1], [1], ["x", "y"])]),
    ),
    ("offsets of unions", dense([1, 0], [1], ["x"])[1:], dense([0], [1], ["zz"])),
    ("offsets of sparse unions", sparse([1, 0], [9, 1], ["x", "y"])[1:], sparse([0], [1], ["q"])),
    ("offsets of views", pa.array([[9], [1, 2]], VIEWS)[1:], pa.array([[1, 2]], VIEWS)),
    (
        "slices of long views",
        pa.array(LONG, pa.string_view())[1:],
        pa.array(LONG[1:], pa.string_view()),
    ),
    ("own extensions in chunks", chunked([1], [2], kind=Labelled("a")), labelled("a", 1, 2)),
    ("buffers", pa.py_buffer(b"ab"), pa.py_buffer(b"zabz").slice(1, 2)),
    ("offsets", pa.array([9, 1, None])[1:], pa.array([1, None])),
    ("offsets of texts", pa.array(["zz", "a", None])[1:], pa.array(["a", None])),
    ("offsets of booleans", pa.array([True] * 9 + [False])[9:], pa.array([False])),
    ("offsets of lists", pa.array([[9], [1, 2], None])[1:], pa.array([[1, 2], None])),
    ("offsets of structs", pa.array([{"a": "q"}, {"a": "r"}])[1:], pa.array([{"a": "r"}])),
    (
        "offsets of fixed lists",
        pa.array([[9, 9], [1, 2]], pa.list_(pa.int8(), 2))[1:],
        pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
    ),
    (
        "offsets of runs",
        pa.RunEndEncodedArray.from_arrays([2, 4], [1, 2])[1:3],
        pa.RunEndEncodedArray.from_arrays([1, 2], [1, 2]),
    ),
    ("what lies under a missing number", hidden(7), hidden(8)),
    ("what lies under a missing text", hidden_text("x"), hidden_text("yyy")),
    ("undefined and defined", hidden(7), pa.array([1, None, 3])),
    ("no chunks", pa.chunked_array([], pa.string()), pa.chunked_array([pa.array([], pa.string())])),
    ("a table in chunks", TABLE, pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])),
    ("equal moments", pa.array([dt.date(2024, 1, 1)]), pa.array([dt.date(2024, 1, 1)])),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_arrow_values_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_arrow_values_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_a_tensor_is_refused():
    with pytest.raises(
        UnhashableParamError, match=r"argument 'value' \(of type pyarrow.lib.Tensor"
    ):
        digest(pa.Tensor.from_numpy(np.zeros(3)))


def test_digesting_leaves_an_array_as_it_was():
    value = pa.chunked_array([dense([0, 1], [1, 2], ["x"]), dense([1], [], ["y"])])
    before = value.to_pylist(), value.num_chunks
    assert digest(value) == digest(value)
    assert (value.to_pylist(), value.num_chunks) == before


KINDS = {
    pa.int16(): st.integers(-99, 99),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=3),
    pa.list_(pa.string()): st.lists(st.none() | st.text(max_size=2), max_size=3),
    pa.struct({"a": pa.int8()}): st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9)}),
}


@given(st.data(), st.sampled_from(list(KINDS)))
def test_only_the_logical_content_counts(data, kind):
    one, other = (data.draw(st.lists(st.none() | KINDS[kind], max_size=6)) for _ in range(2))
    cut = data.draw(st.integers(0, len(other)))
    # Taken out of the middle of something larger, in two chunks.
    padded = pa.array([None, *other, None], kind)
    parts = [padded.slice(1, cut), padded.slice(1 + cut, len(other) - cut)]
    whole = pa.chunked_array([pa.array(one, kind)], kind)
    pieces = pa.chunked_array(parts, kind)
    assert (digest(whole) == digest(pieces)) is (repr(one) == repr(other))
