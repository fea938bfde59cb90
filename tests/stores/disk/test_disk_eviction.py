"""Who leaves when room is needed."""

from __future__ import annotations

import os

import pytest
from disk_helpers import UNBOUNDED, envelope, key, part_files, payload, payload_of

from reprise.contracts import Bounds

LARGE = 100_000


def put(store, *names, bounds=UNBOUNDED, size=10, group="group"):
    for name in names:
        assert store.put(key(name), envelope(size, seed=name, group=group), bounds)


def kept(store, names="abcdefgh"):
    return [name for name in names if store.version(key(name)) is not None]


def test_the_oldest_leaves_first(store):
    put(store, *"abcde", bounds=Bounds(entries=3))
    assert kept(store) == ["c", "d", "e"]


def test_an_entry_that_was_read_outlives_one_that_was_not(store):
    put(store, *"abc")
    store.get(key("a"))
    put(store, *"de", bounds=Bounds(entries=3))
    assert kept(store) == ["a", "d", "e"]


def test_a_mark_spares_an_entry_once(store):
    put(store, *"ab")
    store.get(key("a"))
    put(store, "c", bounds=Bounds(entries=2))
    assert kept(store) == ["a", "c"]
    put(store, "d", bounds=Bounds(entries=2))
    assert kept(store) == ["c", "d"]


def test_reading_in_one_process_counts_for_all(make, clock):
    reader, writer = make(), make()
    put(writer, *"abc")
    reader.get(key("a"))
    reader.sweep(clock.time())
    put(writer, *"de", bounds=Bounds(entries=3))
    assert kept(writer) == ["a", "d", "e"]


def test_reading_writes_nothing_and_sweeping_once_a_minute(store, folder, clock, make):
    put(store, *"ab")
    steps = []
    reader = make(steps=steps.append)
    for _ in range(100):
        reader.get(key("a"))
    assert steps == []
    reader.sweep(clock.time())
    assert steps.count("transaction committed") == 1
    for _ in range(100):
        reader.get(key("a"))
        reader.sweep(clock.time())
    assert steps.count("transaction committed") == 1
    clock.advance(61)
    reader.get(key("a"))
    reader.sweep(clock.time())
    assert steps.count("transaction committed") == 2


def test_all_leave_in_turn_when_all_were_read(store):
    put(store, *"abc")
    for name in "abc":
        store.get(key(name))
    put(store, "d", bounds=Bounds(entries=3))
    assert kept(store) == ["b", "c", "d"]


def test_a_file_in_use_is_spared_while_another_can_go(make):
    mine, other = make(), make()
    put(mine, *"ab", size=LARGE)
    in_use = mine.get(key("a"))
    mine._visits.due()  # the file is what counts here
    for name in "cdef":
        put(other, name, size=LARGE, bounds=Bounds(entries=2))
        assert kept(other) == ["a", name]
    del in_use
    put(other, "g", size=LARGE, bounds=Bounds(entries=2))
    assert kept(other) == ["f", "g"]


def test_a_duplicate_and_a_mapping_keep_a_file_in_use(make):
    import mmap

    mine, other = make(), make()
    put(mine, *"ab", size=LARGE)
    descriptor = mine.get(key("a")).parts.descriptor()
    mapping = mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
    os.close(descriptor)
    for name in "cdef":
        put(other, name, size=LARGE, bounds=Bounds(entries=2))
        assert "a" in kept(other), name
    mapping[0] = (mapping[0] + 1) % 256
    mapping.close()
    put(other, "g", size=LARGE, bounds=Bounds(entries=2))
    assert "a" not in kept(other)


def test_when_all_are_in_use_the_oldest_leaves_and_its_reader_reads_on(store, folder):
    put(store, *"abc", size=LARGE)
    in_use = [store.get(key(name)) for name in "abc"]
    for _ in range(2):
        put(store, "d", size=LARGE, bounds=Bounds(entries=3))
    assert kept(store) == ["b", "c", "d"]
    assert payload_of(in_use[0]) == [payload("a-0", LARGE)]
    assert len(part_files(folder)) == 3


def test_files_in_use_are_not_asked_for_without_end(store, monkeypatch):
    monkeypatch.setattr("reprise.stores.disk.eviction._MOST_SPARED", 2)
    put(store, *"abcd", size=LARGE)
    in_use = [store.get(key(name)) for name in "abc"]
    store._visits.due()
    put(store, "e", size=LARGE, bounds=Bounds(entries=4))
    assert len(kept(store)) == 4
    assert "c" not in kept(store)
    del in_use


def test_the_bound_of_the_store_is_asked_for_at_each_put(make):
    limit = [250]
    store = make(max_size=lambda: limit[0])
    put(store, *"ab", size=10)
    limit[0] = store.usage().size
    put(store, "c", size=10)
    assert kept(store) == ["b", "c"]
    limit[0] = 1
    assert not store.put(key("d"), envelope(10), UNBOUNDED)
    assert kept(store) == ["b", "c"]


def test_an_entry_that_shares_its_file_frees_nothing_and_more_leave(make):
    store = make()
    for name in "abc":
        store.put(key(name), envelope(LARGE, seed="same"), UNBOUNDED)
    put(store, "d", size=LARGE)
    limit = store.usage().size
    put(make(max_size=limit), "e", size=LARGE)
    assert store.usage().size <= limit
    assert kept(store) == ["d", "e"]


@pytest.mark.parametrize("count", [200])
def test_a_line_longer_than_a_batch_is_gone_through_in_order(store, count):
    for number in range(count):
        store.put(key(number), envelope(5), UNBOUNDED)
        if number % 2:
            store.get(key(number))
    store.put(key("new"), envelope(5), Bounds(entries=count // 2 + 1))
    left = [number for number in range(count) if store.version(key(number)) is not None]
    assert left == list(range(1, count, 2))
