"""Writes to known memory: none stays unseen."""

from __future__ import annotations

import copy
import ctypes
import mmap
import threading

import numpy as np
import pandas as pd
import pytest

from reprise.keys import digest
from reprise.keys.types import arrays

ITEMS = 1 << 20


def by_item(a):
    a[ITEMS // 2] += 1


def in_place(a):
    a += 1


def by_sorting(a):
    a[::-1].sort()


def by_a_view(a):
    a[5::7].fill(3)


def by_another_type(a):
    a.view(np.uint8)[123_457] ^= 1


def by_a_memoryview(a):
    memoryview(a)[77] = 0.25


def by_its_base(a):
    base = a
    while isinstance(base, np.ndarray):
        base = base.base
    memoryview(base).cast("B")[4000] ^= 1


def by_its_address(a):
    ctypes.memset(a.ctypes.data + 80_000, 255, 8)


def by_ctypes(a):
    np.ctypeslib.as_ctypes(a)[9] = -1.0


def in_a_thread(a):
    thread = threading.Thread(target=by_item, args=(a,))
    thread.start()
    thread.join()


def with_out(a):
    np.negative(a, out=a)


def with_put(a):
    np.put(a, [3], [-3.0])


def with_copyto(a):
    np.copyto(a[8:16], 1.0)


def by_a_series(a):
    view = pd.Series(a, copy=False).to_numpy()
    view.flags.writeable = True
    view[10] = -1


def by_a_random_generator(a):
    np.random.default_rng(1).random(out=a)


def by_reading_a_file(a):
    with open("/dev/urandom", "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor is meant
        file.readinto(memoryview(a).cast("B")[:4096])


WRITES = [
    by_item,
    in_place,
    by_sorting,
    by_a_view,
    by_another_type,
    by_a_memoryview,
    by_its_base,
    by_its_address,
    by_ctypes,
    in_a_thread,
    with_out,
    with_put,
    with_copyto,
    by_a_series,
    by_a_random_generator,
    by_reading_a_file,
]


@pytest.mark.parametrize("write", WRITES)
def test_no_write_keeps_the_digest(snapshot, array, write, is_right):
    before = digest(array)
    write(array)
    assert digest(array) != before
    assert is_right(array)
    assert is_right(array[::2])
    # Neither what others hold nor what the cache knows of the content has changed.
    assert digest(snapshot.restore()) == before
    assert is_right(snapshot.restore())


@pytest.mark.parametrize("write", WRITES)
def test_a_write_before_the_first_digest_leaves_nothing_wrong_behind(snapshot, write, is_right):
    array = snapshot.restore()
    write(array)
    assert is_right(array)
    other = snapshot.restore()
    assert is_right(other)
    assert digest(other) != digest(array)


def test_what_is_written_and_written_back_has_its_digest_again(array):
    before = digest(array)
    array[4] += 1
    changed = digest(array)
    array[4] -= 1
    assert digest(array) == before != changed


def test_a_write_elsewhere_leaves_the_rest_known(array, hashed):
    digest(array[: ITEMS // 2])
    hashed.clear()
    array[-1] = 0
    digest(array[: ITEMS // 2])
    assert not hashed


def digest_while(write, array, monkeypatch):
    """The digest of ``array``, with a write when the hashing begins and one when it has ended."""
    stream = arrays.stream

    def interrupted(tag, pieces):
        write("begun")
        encoded = stream(tag, pieces)
        write("ended")
        return encoded

    with monkeypatch.context() as patch:
        patch.setattr(arrays, "stream", interrupted)
        return digest(array)


@pytest.mark.parametrize("moment", ["begun", "ended"])
@pytest.mark.parametrize("kept_on", [True, False])
def test_a_write_while_it_is_hashed_is_not_remembered(kept, monkeypatch, is_right, moment, kept_on):
    """Whether what is hashed is the memory itself or, while it is kept, the original."""
    snapshot = kept(np.arange(ITEMS, dtype=np.float64))
    array, other, wanted = snapshot.restore(), snapshot.restore(), np.arange(ITEMS, dtype="f8")
    if not kept_on:
        del snapshot

    def write(now):
        if now == moment:
            array[0] = -1

    seen = digest_while(write, array, monkeypatch)
    old, new = digest(wanted), digest(array)
    assert seen == (old if kept_on or moment == "ended" else new)
    assert old != new
    assert is_right(array)
    assert digest(other) == old
    assert is_right(other)


def test_a_write_that_is_taken_back_while_it_is_hashed_is_not_remembered(snapshot, monkeypatch):
    """When it is asked afterwards, no page is copied."""
    array, other = snapshot.restore(), snapshot.restore()
    wanted = digest(np.arange(ITEMS, dtype=np.float64))

    def write(now):
        if now == "begun":
            array[0] = -1
        else:
            array.base.base.obj.madvise(mmap.MADV_DONTNEED)

    assert digest_while(write, array, monkeypatch) == wanted
    assert [digest(array), digest(other)] == [wanted, wanted]


def test_threads_that_write_while_others_digest_leave_nothing_wrong_behind(snapshot):
    wanted = digest(copy.deepcopy(snapshot.restore()))
    stop = threading.Event()
    wrong = []

    def write():
        while not stop.is_set():
            array = snapshot.restore()
            array[::4096] += 1
            array[::4096] -= 1
            digest(array)

    def check():
        wrong.extend(1 for _ in range(30) if digest(snapshot.restore()) != wanted)

    writers = [threading.Thread(target=write) for _ in range(2)]
    checkers = [threading.Thread(target=check) for _ in range(2)]
    for thread in writers + checkers:
        thread.start()
    for thread in checkers:
        thread.join()
    stop.set()
    for thread in writers:
        thread.join()
    assert not wrong
