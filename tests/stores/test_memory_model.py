"""The memory store against a plain list that does the same slowly."""

from __future__ import annotations

import math

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
from reprise.stores import MemoryStore
from reprise.testing.stores import RemovalLog, make_entry

KEYS = st.integers(0, 7)
GROUPS = st.sampled_from(["one", "two"])
TIMES = st.sampled_from([1.0, 2.0, 3.0, math.inf])
BOUNDS = st.builds(
    Bounds,
    entries=st.sampled_from([0, 1, 2, 4, math.inf]),
    size=st.sampled_from([0, 3, 8, math.inf]),
)


class Model:
    """What is kept as a dictionary, and a naive order for each group and for all."""

    def __init__(self, naive_sieve, max_size):
        self.max_size = max_size
        self.kept = {}
        self.removals = []
        self.orders = {group: naive_sieve() for group in ("one", "two", None)}

    def of(self, group):
        return [entry for entry in self.kept.values() if group in (None, entry.group)]

    def usage(self, group):
        entries = self.of(group)
        return GroupUsage(len(entries), sum(entry.size for entry in entries))

    def drop(self, key, reason):
        entry = self.kept.pop(key)
        self.orders[entry.group].discard(key)
        self.orders[None].discard(key)
        self.removals.append((key, entry, reason))

    def evict(self, group, entries, size):
        while self.usage(group).entries > entries or self.usage(group).size > size:
            self.drop(self.orders[group].victim(), Removal.EVICTED)

    def put(self, key, entry, bounds):
        if key in self.kept:
            self.drop(key, Removal.REPLACED)
        if bounds.entries < 1 or entry.size > min(bounds.size, self.max_size):
            return False
        self.evict(entry.group, bounds.entries - 1, bounds.size - entry.size)
        self.evict(None, math.inf, self.max_size - entry.size)
        self.kept[key] = entry
        self.orders[entry.group].add(key)
        self.orders[None].add(key)
        return True


class Comparison(RuleBasedStateMachine):
    def __init__(self, naive_sieve):
        super().__init__()
        self.naive_sieve = naive_sieve

    @initialize(max_size=st.sampled_from([0, 10, 20, math.inf]))
    def start(self, max_size):
        self.log = RemovalLog()
        self.store = MemoryStore(max_size, self.log)
        self.model = Model(self.naive_sieve, max_size)

    @rule(key=KEYS, group=GROUPS, size=st.integers(0, 9), expires=TIMES, bounds=BOUNDS)
    def put(self, key, group, size, expires, bounds):
        entry = make_entry(size=size, group=group, expires=expires)
        assert self.store.put(key, entry, bounds) is self.model.put(key, entry, bounds)

    @rule(key=KEYS)
    def hit(self, key):
        entry = self.store.lookup(key)
        if entry is not None:
            entry.hits += 1
            for group in (entry.group, None):
                self.model.orders[group].visit(key)

    @rule(key=KEYS)
    def remove(self, key):
        assert self.store.remove(key, Removal.CLEARED) is (key in self.model.kept)
        if key in self.model.kept:
            self.model.drop(key, Removal.CLEARED)

    @rule(now=TIMES)
    def sweep(self, now):
        expired = [key for key, entry in self.model.kept.items() if entry.expires <= now]
        for key in expired:
            if self.model.kept[key].expires < math.inf:
                self.model.drop(key, Removal.EXPIRED)
        expected = min((entry.expires for entry in self.model.kept.values()), default=math.inf)
        assert self.store.sweep(now) == expected

    @rule(max_size=st.sampled_from([0, 5, 20]))
    def resize(self, max_size):
        self.store.max_size = self.model.max_size = max_size
        self.model.evict(None, math.inf, max_size)

    @invariant()
    def the_same_is_kept(self):
        for group in ("one", "two", None):
            assert self.store.usage(group) == self.model.usage(group)
            assert [key for key, _ in self.store.entries(group)] == self.model.orders[group].line[
                ::-1
            ]
        assert dict(self.store.entries()) == self.model.kept

    @invariant()
    def the_same_has_left_for_the_same_reason(self):
        # In which order several left at once is nobody's business.
        def told(removals):
            return {(key, id(entry), reason) for key, entry, reason in removals}

        assert len(self.log.removals) == len(self.model.removals)
        assert told(self.log.removals) == told(self.model.removals)


def test_it_agrees_with_a_naive_one_at_every_step(naive_sieve):
    run_state_machine_as_test(
        lambda: Comparison(naive_sieve), settings=settings(max_examples=100, stateful_step_count=40)
    )
