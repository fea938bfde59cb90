"""Arrays and scalars of numpy as bytes."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from round_trips import codec_of, load_things, received, round_trip, same, through_pickle

from reprise.values import take_snapshot
from reprise.values.codecs import Received, UndecodableError, pack
from reprise.values.codecs.packing import unpack_safely
from reprise.values.spool import HeapBuffers

dtypes = st.one_of(
    hnp.scalar_dtypes(),
    hnp.nested_dtypes(hnp.scalar_dtypes(), max_leaves=4),
)


@given(hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, min_side=0, max_side=6)), st.data())
def test_arrays_come_back_as_pickle_gives_them_back(array: np.ndarray, data) -> None:
    if array.ndim and data.draw(st.booleans()):
        array = array[::2]
    if data.draw(st.booleans()):
        array = array.T
    if data.draw(st.booleans()):
        array.flags.writeable = False
    # What the cache hands out today is what is to come back.
    oracle = take_snapshot(array, load_things).restore()
    back = round_trip(array)
    assert same(back, oracle)
    assert back.dtype.isalignedstruct == oracle.dtype.isalignedstruct


@pytest.mark.parametrize(
    "array",
    [
        np.arange(100_000),
        np.asfortranarray(np.arange(60_000.0).reshape(200, 300)),
        np.arange(100_000)[::-3],
        np.arange(100_000, dtype=">i4"),
        np.array(["2024-01-01", "NaT"] * 1000, "M8[D]"),
        np.array([b"a\0b", b""] * 1000),
        np.array(["\ud800", "x"] * 1000),
        np.zeros(1000, np.dtype([("a", "i1"), ("b", "f8", (2, 3))], align=True)),
        np.zeros(3, np.dtype({"names": ["b", "a"], "formats": ["i2", "i4"], "offsets": [8, 2]})),
        np.broadcast_to(np.float32(1), (1000, 5)),
        np.array(5),
        np.array(["a", None, 1.5, (1, [2])], object),
        np.array([["a", 1], ["b", 2]], object, order="F"),
        np.zeros((0, 3)),
        np.zeros(3, "V0"),
        np.zeros((2, 2), "U0"),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_an_array_comes_back_as_it_was(array: np.ndarray) -> None:
    oracle = take_snapshot(array, load_things).restore()
    assert codec_of(array) == "numpy"
    assert same(round_trip(array), oracle)


def test_lists_of_one_length_in_cells_stay_cells() -> None:
    array = np.empty(2, object)
    array[:] = [[1, 2], [3, 4]]
    back = round_trip(array)
    assert (back.shape, back.tolist()) == ((2,), [[1, 2], [3, 4]])


def test_what_comes_back_can_be_changed_and_belongs_to_the_caller() -> None:
    packed = pack(take_snapshot({"a": np.zeros(1000), "b": np.zeros(3)}, load_things), load_things)
    came = received(packed)
    first, second = unpack_safely(came), unpack_safely(came)
    first["a"][0] = first["b"][0] = 1
    assert second["a"][0] == second["b"][0] == 0


def test_large_bytes_lie_beside_the_stream_and_are_not_copied() -> None:
    packed = pack(take_snapshot({"a": np.zeros((1000, 1000))}, load_things), load_things)
    assert len(packed.stream) < 100
    assert [one.size for one in packed.buffers] == [8_000_000]


@given(
    st.one_of(
        hnp.from_dtype(np.dtype(kind))
        for kind in ("i1", "u8", "f2", "f8", "c16", "g", "?", "M8[ns]", "m8[D]")
    )
)
def test_scalars_come_back_as_pickle_gives_them_back(value: object) -> None:
    assert same(round_trip(value), through_pickle(value))
    assert same(round_trip({"a": [value]})["a"][0], through_pickle(value))


@pytest.mark.parametrize("text", ["", "a\0", "\ud800", "a" * 100])
def test_texts_of_numpy_come_back(text: str) -> None:
    for value in (np.str_(text), np.bytes_(text.encode("utf-8", "surrogatepass"))):
        # Zeros at the end, too, which numpy's own pickle loses.
        assert same(round_trip([value]), [value])
        assert len(round_trip(value)) == len(value)


@pytest.mark.parametrize(
    "array",
    [
        np.ma.array([1, 2], mask=[0, 1]),
        np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.zeros(2, np.dtype("i4", metadata={"unit": "m"})),
        np.zeros(2, np.dtype({"names": ["a"], "formats": ["i4"], "titles": [5]})),
        np.array(["a"], np.dtypes.StringDType()),
        np.zeros(2, [("a", object)]),
        np.zeros(1, [("a", "i4")])[0],
    ],
    ids=lambda array: f"{type(array).__name__} {array.dtype}",
)
def test_what_bytes_do_not_say_is_pickled(array: np.ndarray) -> None:
    assert codec_of(array) == "pickle"
    back = round_trip(array, safe=False)
    assert type(back) is type(array)
    assert back.dtype == array.dtype
    assert back.tolist() == array.tolist()


@pytest.mark.parametrize(
    "fields",
    [
        ["O", [1], ["C", False], b"12345678"],
        [["record", ["a"], ["O"], [0], [None], 8, False], [1], ["C", False], b"12345678"],
        ["<i8", [2], ["C", False], b"12345678"],
        ["<i8", [2**62, 4], ["C", False], b""],
        ["<i8", [-1], ["C", False], b""],
        ["<i8", [1], ["A", False], b"12345678"],
        ["<i8", [1], ["C", False], 0],
        ["<i8,O", [1], ["C", False], b"1234567812345678"],
        [
            ["record", ["a", "b"], ["i8", "i8"], [0, 2**40], [None, "t"], 16, False],
            [1],
            ["C", False],
            bytes(16),
        ],
        [None, [3], ["C", False], ["list", [1, 2]]],
        [None, [2**40], ["C", False], ["list", []]],
    ],
    ids=str,
)
def test_a_forged_array_is_one_error(fields: list[object]) -> None:
    stream = msgspec.msgpack.encode(["array", *fields])
    with pytest.raises(UndecodableError):
        unpack_safely(Received("numpy", stream))


@given(hnp.arrays(dtypes, hnp.array_shapes(max_side=4)), st.data())
def test_a_changed_stream_is_a_value_or_one_error(array: np.ndarray, data) -> None:
    packed = pack(take_snapshot([array, array.ravel()], load_things), load_things)
    if packed.codec == "pickle":
        return
    stream = bytearray(packed.stream)
    for _ in range(data.draw(st.integers(1, 3))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    buffers = tuple(b"".join(one.chunks) for one in packed.buffers)
    kept = HeapBuffers(buffers, (False,) * len(buffers))
    try:
        repr(unpack_safely(Received("numpy", bytes(stream), kept)))
    except UndecodableError:
        pass
