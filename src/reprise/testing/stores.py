"""What every store must do, as a test suite that a store inherits."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from reprise.contracts import (
    Bound,
    Bounds,
    Entry,
    Eviction,
    GroupUsage,
    Key,
    Removal,
    RemovalListener,
    Store,
)

MakeStore: TypeAlias = Callable[[float, RemovalListener[Entry]], Store[Any]]
"""Makes an empty store from the bytes it may hold and the listener it tells."""

UNBOUNDED = Bounds()
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class PlainSnapshot:
    """A snapshot that is the value itself, with whatever size a test says it has."""

    shared: object
    size: int = 1

    def restore(self) -> Any:
        """The value."""
        return self.shared


def make_entry(
    value: object = None, *, size: int = 1, group: str = "group", expires: float = math.inf
) -> Entry:
    """An entry for tests of stores.

    >>> make_entry("a value", size=10).size
    10

    Args:
        value: What it holds.
        size: Bytes that it says it takes.
        group: Whose bounds it falls under.
        expires: When it expires, in seconds.
    """
    return Entry(PlainSnapshot(value, size), group, created=0.0, expires=expires)


class RemovalLog:
    """A removal listener that writes down what it is told."""

    def __init__(self) -> None:
        self.removals: list[tuple[Key, Entry, Removal]] = []
        self.evictions: list[Eviction] = []

    def __call__(
        self, key: Key, entry: Entry, reason: Removal, eviction: Eviction | None, /
    ) -> None:
        """Write it down."""
        self.removals.append((key, entry, reason))
        if eviction is not None:
            self.evictions.append(eviction)

    def reasons(self) -> list[tuple[Key, Removal]]:
        """Key and reason of each entry that left, in order."""
        return [(key, reason) for key, _, reason in self.removals]


class StoreContract:
    """The tests that each implementation of ``reprise.contracts.Store`` passes.

    Inherit from it in a test module and say how your store is made::

        class TestMyStore(StoreContract):
            @pytest.fixture
            def make_store(self) -> MakeStore:
                return MyStore  # called with max_size in bytes and on_removal

    They say nothing about which entry is evicted first, only that room is made.
    """

    @pytest.fixture
    def make_store(self) -> MakeStore:
        """To be overridden."""
        raise NotImplementedError("say how your store is made: override the fixture make_store")

    @pytest.fixture
    def log(self) -> RemovalLog:
        """What left the store."""
        return RemovalLog()

    @pytest.fixture
    def store(self, make_store: MakeStore, log: RemovalLog) -> Store[Any]:
        """A store that may hold 100 bytes."""
        return make_store(100, log)

    def test_a_key_never_put_finds_nothing(self, store: Store[Any]) -> None:
        """``get`` answers ``None``."""
        assert store.get("a") is None
        assert store.usage() == GroupUsage(0, 0)
        assert list(store.entries()) == []

    def test_what_was_put_is_found(self, store: Store[Any]) -> None:
        """``put`` says that it is kept, and it is."""
        assert store.put("a", make_entry("value", size=3), UNBOUNDED)
        found = store.get("a")
        assert found is not None
        assert found.value == "value"
        assert store.usage() == GroupUsage(1, 3)

    def test_a_new_entry_replaces_the_old_one_of_its_key(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """The old one leaves, once."""
        store.put("a", make_entry("old", size=60), UNBOUNDED)
        assert store.put("a", make_entry("new", size=70), Bounds(entries=1))
        assert [entry.value for _, entry in store.entries()] == ["new"]
        assert [(key, entry.value, why) for key, entry, why in log.removals] == [
            ("a", "old", Removal.REPLACED)
        ]
        assert store.usage() == GroupUsage(1, 70)

    def test_an_entry_may_move_to_another_group(self, store: Store[Any]) -> None:
        """Both groups' usage is right afterwards."""
        store.put("a", make_entry(size=5, group="one"), UNBOUNDED)
        store.put("a", make_entry(size=6, group="two"), UNBOUNDED)
        assert store.usage("one") == GroupUsage(0, 0)
        assert store.usage("two") == GroupUsage(1, 6)

    @pytest.mark.parametrize(
        "bounds", [Bounds(size=10), Bounds(entries=0), UNBOUNDED], ids=["size", "none", "store"]
    )
    def test_what_is_larger_than_the_bounds_is_not_kept(
        self, store: Store[Any], log: RemovalLog, bounds: Bounds
    ) -> None:
        """Nor is what stood under its key before: it is out of date. The rest stays."""
        store.put("a", make_entry("outdated"), UNBOUNDED)
        store.put("b", make_entry("other"), UNBOUNDED)
        size = 11 if bounds is not UNBOUNDED else 101
        assert not store.put("a", make_entry("large", size=size), bounds)
        assert [key for key, _ in store.entries()] == ["b"]
        assert log.reasons() == [("a", Removal.REPLACED)]

    def test_what_is_as_large_as_the_bounds_is_kept(self, store: Store[Any]) -> None:
        """Bounds are inclusive, the store's too."""
        assert store.put("a", make_entry(size=100), Bounds(entries=1, size=100))

    def test_a_group_holds_no_more_entries_than_its_bounds(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """The newest is always among them."""
        for number in range(6):
            assert store.put(number, make_entry(number), Bounds(entries=2))
            assert store.get(number) is not None
        assert store.usage("group") == GroupUsage(2, 2)
        assert {why for _, why in log.reasons()} == {Removal.EVICTED}
        kept = {key for key, _ in store.entries()}
        assert kept | {key for key, _ in log.reasons()} == set(range(6))

    def test_an_eviction_says_by_what_it_was_caused(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """The bound that had no room, and what was put there."""
        store.put("a", make_entry(size=10), UNBOUNDED)
        store.put("b", make_entry(size=10), Bounds(entries=1))
        store.put("c", make_entry(size=30), Bounds(size=35))
        store.put("d", make_entry(size=90, group="other"), UNBOUNDED)
        assert [key for key, why in log.reasons()] == ["a", "b", "c"]
        assert log.evictions == [
            Eviction(Bound.ENTRIES, "b"),
            Eviction(Bound.SIZE, "c"),
            Eviction(Bound.TOTAL_SIZE, "d"),
        ]

    def test_what_leaves_for_another_reason_was_not_evicted(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """Nor was what is replaced."""
        for _ in range(2):
            store.put("a", make_entry(), UNBOUNDED)
        store.remove("a", Removal.CLEARED)
        assert len(log.removals) == 2
        assert log.evictions == []

    def test_a_group_holds_no_more_bytes_than_its_bounds(self, store: Store[Any]) -> None:
        """As many leave as it takes."""
        for number in range(5):
            store.put(number, make_entry(size=2), Bounds(size=10))
        store.put("large", make_entry(size=9), Bounds(size=10))
        assert store.get("large") is not None
        assert store.usage("group") == GroupUsage(1, 9)

    def test_the_bounds_of_a_group_leave_other_groups_alone(self, store: Store[Any]) -> None:
        """Only the store's own bound touches them."""
        store.put("other", make_entry(group="other"), UNBOUNDED)
        for number in range(3):
            store.put(number, make_entry(), Bounds(entries=1))
        assert store.usage("other") == GroupUsage(1, 1)
        assert store.usage() == GroupUsage(2, 2)

    def test_the_latest_bounds_of_a_group_count(self, store: Store[Any]) -> None:
        """Lower ones than before take effect with the entry that brings them."""
        for number in range(5):
            store.put(number, make_entry(), UNBOUNDED)
        store.put("a", make_entry(), Bounds(entries=2))
        assert store.usage() == GroupUsage(2, 2)

    def test_the_store_holds_no_more_than_its_own_bound(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """Across groups."""
        for number in range(20):
            store.put(number, make_entry(size=30, group=str(number)), UNBOUNDED)
            assert store.usage().size <= 100
            assert store.get(number) is not None
        assert store.usage() == GroupUsage(3, 90)
        assert len(log.removals) == 17

    def test_nothing_changes_when_the_entry_is_not_wanted_any_more(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """``when`` decides at the moment of the change."""
        store.put("a", make_entry("old"), UNBOUNDED)
        assert not store.put("a", make_entry("new"), UNBOUNDED, when=lambda: False)
        assert not store.put("a", make_entry("new", size=101), UNBOUNDED, when=lambda: False)
        assert [entry.value for _, entry in store.entries()] == ["old"]
        assert log.removals == []
        assert store.put("a", make_entry("new"), UNBOUNDED, when=lambda: True)

    def test_what_was_removed_is_gone_and_announced(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """Once, with the reason given."""
        store.put("a", make_entry(size=5), UNBOUNDED)
        assert store.remove("a", Removal.INVALID)
        assert not store.remove("a", Removal.CLEARED)
        assert store.get("a") is None
        assert log.reasons() == [("a", Removal.INVALID)]
        assert store.usage() == store.usage("group") == GroupUsage(0, 0)

    def test_removing_one_entry_leaves_another_under_its_key_alone(self, store: Store[Any]) -> None:
        """``only`` names the one that is meant."""
        store.put("a", make_entry("old"), UNBOUNDED)
        old = store.get("a")
        assert old is not None
        store.put("a", make_entry("new"), UNBOUNDED)
        assert not store.remove("a", Removal.CLEARED, only=old)
        new = store.get("a")
        assert new is not None
        assert new.value == "new"
        assert store.remove("a", Removal.CLEARED, only=new)

    def test_entries_are_listed_by_group(self, store: Store[Any]) -> None:
        """Of one group or of all."""
        for group in ("one", "two", "two"):
            store.put((group, store.usage().entries), make_entry(group=group), UNBOUNDED)
        assert [key for key, _ in store.entries("two")] == [("two", 1), ("two", 2)]
        assert list(store.entries("none")) == []
        assert len(list(store.entries())) == 3

    def test_entries_may_change_while_they_are_gone_through(self, store: Store[Any]) -> None:
        """The list is a copy."""
        for number in range(10):
            store.put(number, make_entry(), UNBOUNDED)
        for key, entry in store.entries():
            assert store.remove(key, Removal.CLEARED, only=entry)
            store.put(("another", key), make_entry(), UNBOUNDED)
        assert store.usage().entries == 10

    def test_sweeping_removes_what_expired_and_nothing_else(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """An entry expires at its time, not after it, and is found until it is swept."""
        for time in (10.0, 20.0, 30.0, math.inf):
            store.put(time, make_entry(expires=time), UNBOUNDED)
        assert store.get(10.0) is not None
        assert store.sweep(9.0) == 10.0
        assert log.removals == []
        assert store.sweep(20.0) == 30.0
        assert log.reasons() == [(10.0, Removal.EXPIRED), (20.0, Removal.EXPIRED)]
        assert store.sweep(30.0) == math.inf
        assert [key for key, _ in store.entries()] == [math.inf]

    def test_a_replaced_entry_takes_its_expiry_with_it(self, store: Store[Any]) -> None:
        """The new one lives as long as it says itself."""
        store.put("a", make_entry(expires=10.0), UNBOUNDED)
        store.put("a", make_entry(expires=20.0), UNBOUNDED)
        assert store.sweep(10.0) == 20.0
        store.put("a", make_entry(), UNBOUNDED)
        assert store.sweep(20.0) == math.inf
        assert store.get("a") is not None

    def test_a_listener_that_fails_stops_nothing(
        self, make_store: MakeStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is logged, and the other entries are announced."""
        told: list[Key] = []

        def listener(key: Key, entry: Entry, reason: Removal, eviction: Eviction | None) -> None:
            told.append(key)
            raise ValueError("the listener failed")

        store = make_store(100, listener)
        for number in range(3):
            store.put(number, make_entry(expires=1.0), UNBOUNDED)
        store.sweep(1.0)
        assert sorted(told, key=str) == [0, 1, 2]
        assert caplog.text.count("ValueError: the listener failed") == 3

    def test_a_listener_finds_the_store_free(self, make_store: MakeStore) -> None:
        """It may use the store, and so may other threads while it runs."""
        finished: list[bool] = []

        def listener(key: Key, entry: Entry, reason: Removal, eviction: Eviction | None) -> None:
            if key == "a":
                store.put("b", make_entry(), UNBOUNDED)
                other = threading.Thread(
                    target=store.remove, args=("b", Removal.CLEARED), daemon=True
                )
                other.start()
                other.join(_PATIENCE)
                finished.append(not other.is_alive())

        store = make_store(100, listener)
        store.put("a", make_entry(), UNBOUNDED)
        store.remove("a", Removal.CLEARED)
        assert finished == [True]
        assert store.usage() == GroupUsage(0, 0)
