"""Any history of hits, views and writes: digests are always those of copies."""

from __future__ import annotations

import ctypes

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from reprise.keys import digest
from reprise.values.snapshots import take_snapshot

ITEMS = 1 << 19
"""Eight bytes each: as little as is kept in pages."""


def kept(value):
    """What a cache would keep of it."""
    return take_snapshot(value, kept)


def apart(array):
    """The same content in other memory."""
    return np.array(array, order="C")


class Histories(RuleBasedStateMachine):
    """Results, views of them and writes in any order: a digest is always that of a copy."""

    arrays = Bundle("arrays")

    def __init__(self):
        super().__init__()
        numbers = np.random.default_rng(7).integers(0, 3, ITEMS)
        self.snapshots = [kept(numbers), kept(np.arange(ITEMS, dtype=np.float64))]
        self.wanted = [digest(apart(one.restore())) for one in self.snapshots]

    @rule(target=arrays, which=st.sampled_from([0, 1]), number=st.integers(1, 2))
    def hit(self, which, number):
        return multiple(*(self.snapshots[which].restore() for _ in range(number)))

    @rule(
        target=arrays,
        array=arrays,
        begin=st.integers(0, ITEMS),
        step=st.sampled_from([1, 1, 1, 2, 3, -1, -2]),
    )
    def view(self, array, begin, step):
        return array[begin::step] if step > 0 else array[:begin][::step]

    @rule(
        target=arrays,
        array=arrays,
        dtype=st.sampled_from(["i8", "f8", "M8[ns]", "u1", ">i8", "c16", "V4"]),
    )
    def other_type(self, array, dtype):
        try:
            return array.view(dtype)
        except ValueError:  # its last axis does not lie closely
            return array

    @rule(target=arrays, array=arrays, columns=st.sampled_from([1, 2, 8]))
    def other_shape(self, array, columns):
        rows = len(array) // columns
        return array[: rows * columns].reshape(rows, columns, *array.shape[1:]).T

    @rule(
        array=arrays,
        place=st.integers(0, 1 << 22),
        way=st.sampled_from(["other", "same", "back", "address"]),
    )
    def write(self, array, place, way):
        if array.size == 0:
            return
        at = np.unravel_index(place % array.size, array.shape)
        cell = array[tuple(slice(index, index + 1) for index in at)]
        if way == "address":
            ctypes.memset(cell.ctypes.data, place % 256, array.itemsize)
            return
        same = cell.tobytes()
        other = bytes(byte ^ 1 for byte in same)
        for content in {"other": [other], "same": [same], "back": [other, same]}[way]:
            cell[...] = np.frombuffer(content, array.dtype).reshape(cell.shape)

    @rule(array=arrays)
    def read(self, array):
        assert digest(array) == digest(apart(array))

    @invariant()
    def what_is_kept_has_its_digest(self):
        assert [digest(one.restore()) for one in self.snapshots] == self.wanted


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
