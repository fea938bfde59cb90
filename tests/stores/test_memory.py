from __future__ import annotations

import gc
import math
import threading

import pytest

from reprise.contracts import Bound, Bounds, Eviction, GroupUsage, Removal
from reprise.stores import MemoryStore
from reprise.testing import StoreContract
from reprise.testing.stores import UNBOUNDED, MakeStore, RemovalLog, make_entry


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def make_store(self) -> MakeStore:
        return MemoryStore


@pytest.fixture
def log():
    return RemovalLog()


@pytest.fixture
def store(log):
    return MemoryStore(100, log)


def test_what_is_looked_up_is_what_is_kept_for_good(store):
    lookup = store.lookup
    entry = make_entry("value")
    store.put("a", entry, UNBOUNDED)
    assert lookup("a") is store.get("a") is entry
    store.remove("a", Removal.CLEARED)
    assert lookup("a") is None
    store.put("a", entry, UNBOUNDED)
    assert lookup("a") is entry


def test_an_entry_in_use_outlives_one_that_is_not(store):
    for name in "abc":
        store.put(name, make_entry(), Bounds(entries=3))
    store.get("a").hits += 1
    for name in "de":
        store.put(name, make_entry(), Bounds(entries=3))
    assert [key for key, _ in store.entries()] == ["a", "d", "e"]


def test_a_hit_counts_for_the_group_and_for_the_whole_store(store):
    for name in "ab":
        store.put(name, make_entry(size=40), UNBOUNDED)
    store.get("a").hits += 1
    store.put("c", make_entry(size=40), UNBOUNDED)
    assert [key for key, _ in store.entries()] == ["a", "c"], "evicted for the store's bound"
    store.put("d", make_entry(size=20), Bounds(entries=2))
    assert [key for key, _ in store.entries()] == ["a", "d"], "evicted for the group's bound"


def test_putting_the_very_entry_again_removes_nothing(store, log):
    entry = make_entry(size=60)
    store.put("a", entry, UNBOUNDED)
    assert store.put("a", entry, UNBOUNDED)
    assert store.usage() == GroupUsage(1, 60)
    assert log.removals == []


def test_a_reader_never_finds_a_gap_while_an_entry_is_replaced(log):
    found_when_room_was_made = []

    def max_size():
        return 100

    class Watching(dict):
        def pop(self, *args):
            found_when_room_was_made.append(self.get("a"))
            return super().pop(*args)

    store = MemoryStore(max_size, log)
    store._entries = Watching()
    old = make_entry("old", size=50)
    store.put("a", old, UNBOUNDED)
    store.put("b", make_entry(size=50), UNBOUNDED)
    store.put("a", make_entry("new", size=60), UNBOUNDED)
    assert found_when_room_was_made == [old]
    assert store.get("a").value == "new"


def test_lowering_the_size_of_the_store_lets_entries_go_at_once(store, log):
    for number in range(10):
        store.put(number, make_entry(size=10), UNBOUNDED)
    store.max_size = 35
    assert store.max_size == 35
    assert store.usage() == GroupUsage(3, 30)
    assert {why for _, why in log.reasons()} == {Removal.EVICTED}
    assert set(log.evictions) == {Eviction(Bound.TOTAL_SIZE, None)}
    store.max_size = lambda: 5
    assert store.usage() == GroupUsage(0, 0)


def test_a_size_that_is_a_function_is_asked_each_time(log):
    sizes = [100.0]
    store = MemoryStore(lambda: sizes[0], log)
    assert store.put("a", make_entry(size=50), UNBOUNDED)
    sizes[0] = 10.0
    assert not store.put("b", make_entry(size=50), UNBOUNDED)
    assert store.put("c", make_entry(size=10), UNBOUNDED)
    assert [key for key, _ in store.entries()] == ["c"]


def test_all_who_should_hear_hear_even_when_the_user_interrupts():
    told = []

    def listener(key, *_):
        told.append(key)
        if key == 0:
            raise KeyboardInterrupt

    store = MemoryStore(math.inf, listener)
    for number in range(3):
        store.put(number, make_entry(expires=1.0), UNBOUNDED)
    with pytest.raises(KeyboardInterrupt):
        store.sweep(1.0)
    assert told == [0, 1, 2]


def test_a_finaliser_may_use_the_store_that_lets_its_value_go():
    class Value:
        def __del__(self):
            store.remove("other", Removal.CLEARED)
            store.put("last words", make_entry(), UNBOUNDED)

    store = MemoryStore(math.inf, lambda *_: None)
    store.put("other", make_entry(), UNBOUNDED)
    store.put("a", make_entry(Value()), UNBOUNDED)
    store.remove("a", Removal.CLEARED)
    assert [key for key, _ in store.entries()] == ["last words"]
    assert store.usage() == GroupUsage(1, 1)


def test_no_value_dies_while_the_store_is_being_changed():
    free_when_it_died = []

    class Value:
        def __del__(self):
            other = threading.Thread(target=store.usage, daemon=True)
            other.start()
            other.join(10)
            free_when_it_died.append(not other.is_alive())

    store = MemoryStore(100, lambda *_: None)
    store.put("a", make_entry(Value(), size=60, expires=9.0), UNBOUNDED)
    store.put("a", make_entry(Value(), size=60, expires=5.0), UNBOUNDED)
    store.put("b", make_entry(Value(), size=60, expires=1.0), UNBOUNDED)
    store.sweep(1.0)
    store.put("c", make_entry(Value()), UNBOUNDED)
    store.remove("c", Removal.CLEARED)
    assert free_when_it_died == [True] * 4


def test_a_change_asked_for_in_the_midst_of_another_follows_after_it(log):
    """As the garbage collector may, at any allocation inside of a change."""
    answers: list[object] = []

    class Interrupting(dict):
        def pop(self, key, *default):
            if key == "a":
                answers.append(store.remove("b", Removal.INVALID))
                answers.append(store.remove("never there", Removal.INVALID))
                answers.append(store.put("c", make_entry(), UNBOUNDED))
                answers.append(store.put("d", make_entry(size=101), UNBOUNDED))
                answers.append([key for key, _ in store.entries()])
                answers.append(log.reasons())
            return super().pop(key, *default)

    store = MemoryStore(100, log)
    for name in "abd":
        store.put(name, make_entry(), UNBOUNDED)
    store._entries = Interrupting(store._entries)
    assert store.remove("a", Removal.CLEARED)
    assert answers == [True, False, True, False, ["a", "b", "d"], []]
    assert log.reasons() == [
        ("a", Removal.CLEARED),
        ("b", Removal.INVALID),
        ("d", Removal.REPLACED),
    ]
    assert [key for key, _ in store.entries()] == ["c"]


def test_nobody_is_told_from_inside_a_change_what_left_in_it():
    told_while_held = []

    class Interrupting(dict):
        def pop(self, key, *default):
            if key == "b":
                store.remove("never there", Removal.CLEARED)
                told_while_held.extend(log.removals)
            return super().pop(key, *default)

    log = RemovalLog()
    store = MemoryStore(100, log)
    store._entries = Interrupting()
    for name in "ab":
        store.put(name, make_entry(expires=1.0), UNBOUNDED)
    store.sweep(1.0)
    assert told_while_held == []
    assert log.reasons() == [("a", Removal.EXPIRED), ("b", Removal.EXPIRED)]


def test_groups_that_are_empty_leave_nothing_behind(store):
    for number in range(50):
        store.put(number, make_entry(size=50, group=f"function {number}"), UNBOUNDED)
    assert len(store._ledger._groups) == 2
    for key, _ in store.entries():
        store.remove(key, Removal.CLEARED)
    assert store._ledger._groups == {}


def test_a_garbage_collection_in_any_place_changes_no_account(log):
    class Cycle:
        def __init__(self, number):
            self.number = number
            self.self = self

        def __del__(self):
            store.remove(self.number % 7, Removal.CLEARED)
            store.put(("from a finaliser", self.number % 5), make_entry(size=3), Bounds(entries=3))
            store.sweep(self.number)

    store = MemoryStore(60, log)
    thresholds = gc.get_threshold()
    gc.set_threshold(3)
    try:
        for number in range(600):
            Cycle(number)
            entry = make_entry(Cycle(number), size=number % 9, expires=number + 5.0)
            store.put(number % 11, entry, Bounds(entries=6, size=40))
    finally:
        gc.set_threshold(*thresholds)
    store.sweep(math.inf)
    gc.collect()
    store.sweep(math.inf)
    left = [entry for _, entry in store.entries()]
    assert store.usage() == GroupUsage(len(left), sum(entry.size for entry in left))
    told = [id(entry) for _, entry, _ in log.removals]
    assert len(told) == len(set(told))


def test_an_interrupted_change_is_repaired_by_the_next(log):
    class Interrupting(dict):
        def __setitem__(self, key, entry):
            super().__setitem__(key, entry)
            if key == "b":
                raise KeyboardInterrupt

    store = MemoryStore(100, log)
    store._entries = Interrupting()
    store.put("a", make_entry(size=10), UNBOUNDED)
    with pytest.raises(KeyboardInterrupt):
        store.put("b", make_entry(size=20, expires=5.0), UNBOUNDED)
    assert store.usage() == store.usage("group") == GroupUsage(2, 30)
    assert store.sweep(0.0) == 5.0
    assert [key for key, _ in store.entries()] == ["a", "b"]
