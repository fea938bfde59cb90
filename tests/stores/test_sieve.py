from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reprise.stores.sieve import Sieve
from reprise.testing.stores import make_entry

KEYS = st.integers(0, 9)
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "visit", "discard", "victim", "evict"]), KEYS), max_size=80
)


@given(steps=STEPS)
def test_it_agrees_with_a_naive_one_at_every_step(naive_sieve, steps):
    order, naive, entries = Sieve(), naive_sieve(), {}
    for step, key in steps:
        if step == "add" and key not in entries:
            entries[key] = make_entry(key)
            order.add(key, entries[key])
            naive.add(key)
        elif step == "visit" and key in entries:
            entries[key].hits += 1
            naive.visit(key)
        elif step == "discard" and key in entries:
            order.discard(key)
            naive.discard(key)
            del entries[key]
        elif step in ("victim", "evict"):
            victim = order.victim()
            assert victim == naive.victim()
            if step == "evict" and victim is not None:
                order.discard(victim)
                naive.discard(victim)
                del entries[victim]
        assert [key for key, _ in order.items()] == naive.line[::-1]
        assert len(order) == len(entries)


def test_the_example_of_one_scan_through_the_line():
    order, entries = Sieve(), {name: make_entry(name) for name in "abcdefg"}
    for name in "abcde":
        order.add(name, entries[name])
    entries["a"].hits += 1
    entries["b"].hits += 1
    assert order.victim() == "c"
    order.discard("c")
    order.add("f", entries["f"])
    entries["d"].hits += 1
    assert order.victim() == "e", "the hand went on from c, and spared d"
    order.discard("e")
    assert order.victim() == "f"
    order.discard("f")
    assert order.victim() == "a", "round again, where the first chance is used up"


def test_a_visit_before_the_entry_came_in_does_not_count():
    order, entry = Sieve(), make_entry()
    entry.hits = 5
    order.add("a", entry)
    order.add("b", make_entry())
    assert order.victim() == "a"


def test_entries_in_steady_use_do_not_keep_the_hand_going_for_ever():
    class AlwaysInUse:
        def __init__(self):
            self.asked = 0

        @property
        def hits(self):
            self.asked += 1
            return self.asked

    order = Sieve()
    for number in range(5):
        order.add(number, AlwaysInUse())
    assert order.victim() == 0


def test_an_empty_order_has_no_victim():
    order = Sieve()
    assert order.victim() is None
    order.add("a", make_entry())
    assert order.victim() == "a"
    order.discard("a")
    assert order.victim() is None
    order.discard("a")
