"""Memory that goes, comes, forks, is copied or taken back: what is known of it goes along."""

from __future__ import annotations

import copy
import ctypes
import gc
import mmap
import os
import pickle
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest

from reprise.keys import digest
from reprise.seals import seals
from reprise.values import residence

ITEMS = 1 << 20


def test_a_forked_child_knows_of_its_own_writes_and_of_no_others(array, hashed, is_right, in_child):
    # Less than is hashed by several threads, which a child does not have.
    array = array[: 1 << 17]
    before = digest(array)
    hashed.clear()

    def write_and_digest():
        unchanged = digest(array) == before and not hashed
        array[0] = -5
        return unchanged and digest(array) != before and is_right(array)

    assert in_child(write_and_digest) == 1
    assert digest(array) == before
    assert not hashed
    array[0] = -6
    changed = digest(array)
    assert in_child(lambda: digest(array) == changed != before and is_right(array)) == 1


@pytest.mark.parametrize(
    "make",
    [
        copy.copy,
        copy.deepcopy,
        np.array,
        lambda a: pickle.loads(pickle.dumps(a)),
        lambda a: pickle.loads(pickle.dumps(a, 5)),
        lambda a: a + 0,
        lambda a: a.astype("f8"),
        lambda a: np.frombuffer(bytearray(a.tobytes())),
    ],
)
def test_a_copy_is_other_memory_and_is_hashed(array, hashed, make):
    made = make(array)
    assert digest(made) == digest(array)
    assert hashed["bytes"] == array.nbytes
    made[0] = -1
    assert digest(made) != digest(array)


def test_a_read_only_result_is_known_until_somebody_forces_a_write(hashed, kept, is_right):
    value = np.arange(ITEMS, dtype=np.float64)
    value.flags.writeable = False
    array = kept(value).restore()
    before = digest(array)
    hashed.clear()
    assert not array.flags.writeable
    assert digest(array) == before
    assert not hashed
    ctypes.memset(array.ctypes.data, 1, 8)
    assert digest(array) != before
    assert is_right(array)


def test_a_result_outlives_its_snapshot_and_is_still_known(snapshot, hashed, kept):
    del snapshot
    array = kept(np.ones(ITEMS)).restore()
    gc.collect()
    before = digest(array)
    hashed.clear()
    assert digest(array) == before
    assert not hashed
    array[-1] = 2
    assert digest(array) != before


def mapping_of(array):
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base.obj


@contextmanager
def empty_memory_at(place, size):
    """An array on memory that nobody wrote to, at an address that must be free."""
    system = ctypes.CDLL(None, use_errno=True)
    system.mmap.restype = ctypes.c_void_p
    system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    system.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    rights = mmap.PROT_READ | mmap.PROT_WRITE
    made = system.mmap(place, size, rights, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    try:
        assert made == place
        yield np.ctypeslib.as_array((ctypes.c_double * (size // 8)).from_address(place))
    finally:
        system.munmap(made, size)


def test_what_comes_to_the_place_of_a_result_is_no_part_of_it(snapshot):
    """Empty memory is like pages that nobody wrote to: only that the owner is gone tells."""
    array = snapshot.restore()
    digest(array)
    place = array.ctypes.data
    assert seals.find(place, place + 8 * ITEMS) is not None
    del array
    assert seals.find(place, place + 8 * ITEMS) is None
    with empty_memory_at(place, 8 * ITEMS) as other:
        assert digest(other) == digest(np.zeros(ITEMS))


def test_what_comes_to_the_place_of_a_closed_mapping_is_no_part_of_it(snapshot):
    array = snapshot.restore()
    before = digest(array)
    mapping, place = mapping_of(array), array.ctypes.data
    with pytest.raises(BufferError):
        mapping.close()
    del array
    mapping.close()
    with empty_memory_at(place, 8 * ITEMS) as other:
        assert seals.find(place, place + 8 * ITEMS) is not None
        assert digest(other) == digest(np.zeros(ITEMS))
    assert digest(snapshot.restore()) == before


def test_a_mapping_can_neither_grow_nor_shrink(array, is_right):
    mapping = mapping_of(array)
    for size in (mmap.PAGESIZE, 16 * ITEMS):
        with pytest.raises((TypeError, BufferError, SystemError)):
            mapping.resize(size)
    with pytest.raises(ValueError, match=r"refcheck|own"):
        array.resize(10)
    assert is_right(array)


def test_what_is_taken_back_to_the_file_has_the_digest_of_the_file(array, hashed, is_right):
    before = digest(array)
    array[:] = 0
    changed = digest(array)
    mapping_of(array).madvise(mmap.MADV_DONTNEED)
    hashed.clear()
    assert digest(array) == before != changed
    assert not hashed
    assert is_right(array)


def test_a_stretch_over_two_results_is_hashed(snapshot, hashed, is_right):
    """Mappings that lie side by side, as one array: no seal says anything of both."""
    held = sorted((snapshot.restore() for _ in range(8)), key=lambda a: a.ctypes.data)
    pairs = [(a, b) for a, b in pairwise(held) if b.ctypes.data - a.ctypes.data == a.nbytes]
    assert pairs
    one, _ = pairs[0]
    both = np.lib.stride_tricks.as_strided(one, (2 * ITEMS,), (8,))
    first = digest(both)
    hashed.clear()
    assert digest(both) == first
    assert hashed["bytes"] == both.nbytes
    assert is_right(both)


def test_objects_are_walked_and_not_taken_for_bytes():
    cells = [["a"], ["b"]]
    array = np.array([None] * 20_000, dtype=object)
    array[:] = [cells[i % 2] for i in range(20_000)]
    before = digest(array)
    cells[0][0] = "c"
    assert digest(array) != before


def test_without_seals_on_the_file_everything_is_hashed(hashed, monkeypatch, kept):
    """Whoever finds the descriptor of a temporary file could write to it."""
    monkeypatch.delattr(os, "memfd_create")
    array = kept(np.ones(ITEMS)).restore()
    assert seals.find(array.ctypes.data, array.ctypes.data + array.nbytes) is None
    for _ in range(2):
        digest(array)
    assert hashed["bytes"] == 2 * array.nbytes


def test_where_nobody_can_tell_everything_is_hashed(snapshot, hashed, monkeypatch):
    monkeypatch.setattr(residence, "_way", lambda: None)
    array = snapshot.restore()
    for _ in range(3):
        digest(array)
    assert hashed["bytes"] == 3 * array.nbytes
