from __future__ import annotations

import math
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.contracts import Bounds, GroupUsage, Removal
from reprise.stores import MemoryStore
from reprise.testing.stores import UNBOUNDED, make_entry

PATIENCE = 60


@pytest.fixture(autouse=True)
def hasty_switches():
    """Let threads take turns a hundred times as often as usual."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def together():
    """Runs ``work(0), work(1), ...``, each in its thread, all let go at once."""

    def together(work, threads=8):
        start = threading.Barrier(threads)

        def run(number):
            start.wait(PATIENCE)
            return work(number)

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, range(threads), timeout=PATIENCE))

    return together


class Visitor:
    """Does one thing after another to a store, at random."""

    def __init__(self, store, number):
        self.store = store
        self.dice = random.Random(number)
        self.put_entries = []

    def stay(self):
        acts = [self.put] * 5 + [self.remove] * 2 + [self.sweep, self.go_through, self.measure]
        for turn in range(400):
            self.dice.choice(acts)(self.dice.randrange(40), self.dice.choice("xyz"), turn)
        return self.put_entries

    def put(self, key, group, turn):
        expires = self.dice.choice([math.inf, float(turn + 50)])
        entry = make_entry(size=self.dice.randrange(20), group=group, expires=expires)
        bounds = Bounds(self.dice.choice([3, 20, math.inf]), self.dice.choice([60, math.inf]))
        if self.store.put(key, entry, bounds):
            self.put_entries.append(entry)

    def remove(self, key, group, turn):
        found = self.store.lookup(key)
        if found is not None:
            found.hits += 1
        self.store.remove(key, Removal.CLEARED, only=self.dice.choice([None, found]))

    def sweep(self, key, group, turn):
        self.store.sweep(float(turn))

    def go_through(self, key, group, turn):
        pairs = list(self.store.entries(group))
        assert len({key for key, _ in pairs}) == len(pairs)
        assert {entry.group for _, entry in pairs} <= {group}

    def measure(self, key, group, turn):
        assert 0 <= self.store.usage().size <= 400
        assert self.store.usage(group).size >= 0


def test_the_accounts_are_exact_after_everything_at_once(together):
    left_by_id: list[int] = []
    store = MemoryStore(400, lambda key, entry, *_: left_by_id.append(id(entry)))
    put = together(lambda number: Visitor(store, number).stay())

    kept = [entry for _, entry in store.entries()]
    for group in (None, "x", "y", "z"):
        sizes = [entry.size for entry in kept if group in (None, entry.group)]
        assert store.usage(group) == GroupUsage(len(sizes), sum(sizes))
    # Each entry that was put either is there still or was told of, once.
    assert sorted(id(entry) for entries in put for entry in entries) == sorted(
        left_by_id + [id(entry) for entry in kept]
    )
    for key, entry in store.entries():
        assert store.remove(key, Removal.CLEARED, only=entry)
    assert store.usage() == GroupUsage(0, 0)
    assert store.sweep(0.0) == math.inf


def test_readers_without_a_lock_find_a_whole_entry_or_none_at_all(together):
    store = MemoryStore(math.inf, lambda *_: None)
    store.put("a", make_entry(0), UNBOUNDED)
    done = threading.Event()

    def work(number):
        if number == 0:
            for turn in range(1, 1_000):
                store.put("a", make_entry(turn), UNBOUNDED)
            done.set()
            return True
        last = -1
        while not done.is_set():
            entry = store.lookup("a")
            assert entry is not None, "a replaced entry leaves no gap"
            entry.hits += 1
            assert entry.value >= last
            last = entry.value
        return True

    assert together(work, 4) == [True] * 4


def test_one_of_all_who_remove_an_entry_has_removed_it(together):
    told = []
    store = MemoryStore(math.inf, lambda *departure: told.append(departure))
    for _ in range(50):
        store.put("a", make_entry(), UNBOUNDED)
        assert sum(together(lambda _: store.remove("a", Removal.CLEARED), 4)) == 1
    assert len(told) == 50


def test_a_value_not_wanted_any_more_is_never_there_after_it_was_cleared(together):
    store = MemoryStore(math.inf, lambda *_: None)
    for _ in range(100):
        wanted = [True]

        def work(number, wanted=wanted):
            if number == 0:
                wanted[0] = False
                store.remove("a", Removal.CLEARED)
                return store.lookup("a") is None
            store.put("a", make_entry(), UNBOUNDED, when=lambda: wanted[0])
            return True

        assert together(work, 3) == [True] * 3
        assert store.lookup("a") is None


def test_a_listener_may_take_a_lock_that_someone_who_clears_holds():
    """The store is never held while a listener waits for something of the user's."""
    lock, clearing = threading.Lock(), threading.Event()

    def listener(key, entry, reason, eviction):
        if reason is Removal.EVICTED:
            assert clearing.wait(PATIENCE)
            with lock:
                pass

    store = MemoryStore(math.inf, listener)
    store.put("a", make_entry(), UNBOUNDED)
    with lock:
        thread = threading.Thread(
            target=store.put, args=("b", make_entry(), Bounds(entries=1)), daemon=True
        )
        thread.start()
        clearing.set()
        for key, entry in store.entries():
            store.remove(key, Removal.CLEARED, only=entry)
    thread.join(PATIENCE)
    assert not thread.is_alive()
