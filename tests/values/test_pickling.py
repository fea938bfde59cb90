from __future__ import annotations

import pickle

import numpy as np
import pytest

from reprise.values.arrays import CHUNK, ArrayBytes
from reprise.values.pickling import OUT_OF_BAND_FROM, NullSink, dump


class Keeping:
    """A sink that keeps copies, and how they came."""

    def __init__(self):
        self.buffers: list[bytearray] = []
        self.readonly: list[bool] = []
        self.longest = 0

    def add(self, chunks, size, *, readonly):
        parts = list(chunks)
        self.buffers.append(bytearray().join(parts))
        self.longest = max(self.longest, *(part.nbytes for part in parts))
        self.readonly.append(readonly)
        assert len(self.buffers[-1]) == size


@pytest.fixture
def round_trip(function):
    def dump_and_load(value):
        stream, sink = dump(value, function, Keeping)
        return stream.loads(stream.data, buffers=sink.buffers), stream, sink

    return dump_and_load


LARGE = np.arange(40_000.0).reshape(200, 200)
MOMENTS = LARGE.astype("M8[s]")
RECORDS = np.zeros(9000, dtype=[("a", "i4"), ("b", "f8", (2,)), ("c", "U3")])


@pytest.mark.parametrize(
    "array",
    [
        *[LARGE, LARGE.T, np.asfortranarray(LARGE), LARGE.reshape(20, 50, 40).transpose(1, 2, 0)],
        *[
            LARGE[:, :150],
            LARGE[::2],
            LARGE[::-1],
            LARGE.reshape(-1, 2)[:, 1],
            LARGE[5:, ::3],
            LARGE.T[:150],
        ],
        *[
            MOMENTS,
            MOMENTS.T,
            MOMENTS - MOMENTS[0, 0],
            MOMENTS[:, :150],
            MOMENTS[::2],
            RECORDS,
            RECORDS[::2],
            RECORDS["b"],
            RECORDS["c"][::-1],
        ],
        *[np.broadcast_to(np.float32(3), (300, 300)), LARGE.astype(">f8")[:, ::2]],
    ],
    ids=lambda array: f"{array.dtype.str}{array.shape}{array.strides}",
)
def test_every_layout_of_an_array_leaves_the_stream_and_comes_back(round_trip, array):
    restored, stream, sink = round_trip(array)
    assert restored.dtype == array.dtype
    np.testing.assert_array_equal(restored, array)
    assert restored.flags.writeable == array.flags.writeable
    assert restored.flags.f_contiguous or not array.flags.f_contiguous
    assert len(stream.data) < 500
    assert sum(map(len, sink.buffers)) == array.nbytes
    assert sink.readonly == [not array.flags.writeable]


def test_an_array_with_gaps_is_read_a_chunk_at_a_time(round_trip):
    wide = np.ones((3, 4 * CHUNK), dtype="u1")[:, ::2]
    _, _, sink = round_trip(wide)
    assert sink.longest <= CHUNK
    assert len(sink.buffers[0]) == wide.nbytes


@pytest.mark.parametrize("kind", ["S", "U", "V"])
def test_items_longer_than_a_chunk_keep_the_zeros_at_their_end(round_trip, kind):
    array = np.array([b"a", b"skipped", b"c", b"skipped"]).astype(f"{kind}{CHUNK + 5}")[::2]
    restored, _, _ = round_trip(array)
    assert restored.dtype == array.dtype
    assert restored.tobytes() == array.tobytes()


@pytest.mark.parametrize("step", [1, 2])
def test_small_arrays_and_arrays_of_objects_stay_in_the_stream(round_trip, step):
    small = np.arange(OUT_OF_BAND_FROM // 16)[::step]
    objects = np.array([[1], "a", None] * 2000, dtype=object)[::step]
    restored, _, sink = round_trip([small, objects])
    assert not sink.buffers
    np.testing.assert_array_equal(restored[0], small)
    assert restored[1].tolist() == objects.tolist()


def test_an_array_of_objects_has_no_bytes_to_take():
    assert ArrayBytes.of(np.array([None] * 9, dtype=object)[::2]) is None


def test_what_is_one_array_inside_the_value_stays_one(round_trip):
    gapped = LARGE[:, :150]
    restored, _, sink = round_trip({"a": LARGE, "b": LARGE, "c": gapped, "d": [gapped]})
    assert restored["a"] is restored["b"]
    assert restored["c"] is restored["d"][0]
    assert len(sink.buffers) == 2


def test_a_readonly_buffer_is_handed_out_readonly(round_trip):
    array = LARGE.copy()
    array.flags.writeable = False
    restored, _, _ = round_trip(array)
    with pytest.raises(ValueError, match="read-only"):
        restored[0, 0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        restored.flags.writeable = True


class Buffered:
    """Rebuilds itself from a buffer that it hands to pickle."""

    def __init__(self, buffer):
        self.buffer = buffer

    def __reduce_ex__(self, protocol):
        return Buffered, (pickle.PickleBuffer(self.buffer),)


def test_a_class_that_hands_out_buffers_gets_bytes(round_trip):
    restored, _, sink = round_trip(Buffered(LARGE))
    assert bytes(restored.buffer) == LARGE.tobytes()
    assert len(sink.buffers) == 1


def test_a_foreign_buffer_with_gaps_is_refused_as_pickle_does(function):
    with pytest.raises(pickle.PicklingError, match="non-contiguous"):
        dump(Buffered(LARGE[:, :150]), function, NullSink)


def test_plain_values_are_loaded_by_pickle_itself(round_trip):
    _, stream, _ = round_trip({"a": [1, {2}]})
    assert stream.loads is pickle.loads
    assert stream.data == pickle.dumps({"a": [1, {2}]}, 5)
