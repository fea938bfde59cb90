"""The store against a plain dictionary that does the same slowly."""

from __future__ import annotations

import itertools
import math
import shutil
import tempfile
from pathlib import Path

from disk_helpers import (
    envelope,
    expected,
    keep_now,
    key,
    objection,
    open_store,
    part_files,
    payload_of,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from reprise.contracts import Bounds, GroupUsage, Removal
from reprise.testing import FakeClock
from reprise.testing.stores import RemovalLog

KEYS = st.integers(0, 5)
GROUPS = st.sampled_from(["one", "two"])
TIMES = st.sampled_from([1.0, 2.0, 3.0, math.inf])
# No more than one bound at a time: with several, marks are shared, and the order is another one.
ENTRIES = st.sampled_from([0, 1, 2, 4, math.inf])
SIZES = st.sampled_from([0, 3, 70_000, 70_001])
STORES = st.integers(0, 1)


class Model:
    def __init__(self, naive_sieve):
        self.kept = {}
        self.removals = []
        self.lines = {group: naive_sieve() for group in ("one", "two")}

    def of(self, group):
        return {name for name, (kept, _) in self.kept.items() if group in (None, kept.group)}

    def drop(self, name, reason):
        kept, _ = self.kept.pop(name)
        self.lines[kept.group].discard(name)
        self.removals.append((key(name), kept.header, reason))

    def put(self, name, put, bounds, version):
        if name in self.kept:
            self.drop(name, Removal.REPLACED)
        if bounds.entries < 1:
            return False
        while len(self.of(put.group)) > bounds.entries - 1:
            self.drop(self.lines[put.group].victim(), Removal.EVICTED)
        self.kept[name] = put, version
        self.lines[put.group].add(name)
        return True


class Comparison(RuleBasedStateMachine):
    def __init__(self, naive_sieve):
        super().__init__()
        self.naive_sieve = naive_sieve
        self.numbers = itertools.count()
        self.folder = Path(tempfile.mkdtemp(prefix="reprise-model-"))

    def teardown(self):
        for store in self.stores:
            store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def start(self):
        self.log = RemovalLog()
        self.clock = FakeClock()
        self.model = Model(self.naive_sieve)
        self.stores = [self.opened(), self.opened()]

    def opened(self):
        return open_store(self.folder / "cache", clock=self.clock, on_removal=self.log)

    @rule(which=STORES)
    def open_anew(self, which):
        self.visits_are_written()
        self.stores[which].close()
        self.stores[which] = self.opened()

    @rule(which=STORES, name=KEYS, group=GROUPS, size=SIZES, expires=TIMES, entries=ENTRIES)
    def put(self, which, name, group, size, expires, entries):
        self.visits_are_written()
        put = envelope(size, seed=next(self.numbers) % 7, group=group, expires=expires)
        version = keep_now(self.stores[which], name, put, Bounds(entries))
        kept = self.model.put(name, put, Bounds(entries), version)
        assert (version is not None) is kept

    @rule(which=STORES, name=KEYS)
    def get(self, which, name):
        found = self.stores[which].get(key(name))
        assert (found is not None) is (name in self.model.kept)
        if found is not None:
            kept, version = self.model.kept[name]
            assert (found.header, found.version) == (kept.header, version)
            assert payload_of(found) == expected(kept)
            self.model.lines[kept.group].visited.add(name)

    def visits_are_written(self):
        """As they are in time; another test shows that it is not done more than once a minute."""
        for store in self.stores:
            self.clock.advance(100)
            store.sweep(-1.0)

    @rule(which=STORES, name=KEYS)
    def remove(self, which, name):
        assert self.stores[which].remove(key(name), Removal.CLEARED) is (name in self.model.kept)
        if name in self.model.kept:
            self.model.drop(name, Removal.CLEARED)

    @rule(which=STORES, group=st.sampled_from(["one", "two", None]))
    def clear(self, which, group):
        names = self.model.of(group)
        assert self.stores[which].clear(group) == len(names)
        for name in names:
            self.model.drop(name, Removal.CLEARED)

    @rule(which=STORES, now=TIMES)
    def sweep(self, which, now):
        for name in self.model.of(None):
            if self.model.kept[name][0].expires <= min(now, 100.0):
                self.model.drop(name, Removal.EXPIRED)
        left = [kept.expires for kept, _ in self.model.kept.values()]
        assert self.stores[which].sweep(now) == min(left, default=math.inf)

    @invariant()
    def the_same_is_kept(self):
        for store, group in itertools.product(self.stores, ("one", "two")):
            line = [key(name) for name in reversed(self.model.lines[group].line)]
            assert [found for found, _ in store.entries(group)] == line
            size = sum(found.size for _, found in store.entries(group))
            assert store.usage(group) == GroupUsage(len(line), size)
        contents = {tuple(expected(kept)) for kept, _ in self.model.kept.values()}
        files = [parts for parts in contents if sum(map(len, parts)) > 65_536]
        assert len(part_files(self.folder / "cache")) == len(files)
        assert self.stores[0].check(repair=False, verify=objection).sound

    @invariant()
    def the_same_has_left_for_the_same_reason(self):
        told = [(found, left.header, reason) for found, left, reason in self.log.removals]
        assert sorted(told, key=repr) == sorted(self.model.removals, key=repr)


def test_it_agrees_with_a_dictionary_at_every_step(naive_sieve):
    run_state_machine_as_test(
        lambda: Comparison(naive_sieve), settings=settings(max_examples=25, stateful_step_count=30)
    )
