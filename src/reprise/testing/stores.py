"""What every store must do, as a test suite that a store inherits."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable
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

MakeStore: TypeAlias = Callable[[float, RemovalListener[Any]], Store[Any]]
"""Makes an empty store from the bytes it may hold and the listener it tells."""

UNBOUNDED = Bounds()
NOTHING = GroupUsage(0, 0)
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
        self.removals: list[tuple[Key, Any, Removal]] = []
        self.evictions: list[Eviction] = []

    def __call__(self, key: Key, entry: Any, reason: Removal, eviction: Eviction | None, /) -> None:
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

    They say nothing about which entry is evicted first, only that room is made. A store that keeps
    something else than entries, or wants keys of another kind, says so by :meth:`make_item`,
    :meth:`value_of` and :meth:`key`.
    """

    unit = 1
    """Bytes that an item of size 1 takes: override it where none can be as small as one byte."""

    def make_item(
        self,
        value: object = None,
        *,
        size: int = 1,
        group: str = "group",
        expires: float = math.inf,
    ) -> Any:
        """What the store keeps, holding ``value`` and costing ``size`` units."""
        return make_entry(value, size=size * self.unit, group=group, expires=expires)

    def value_of(self, item: Any) -> object:
        """What :meth:`make_item` was given, of an item that was found or that left."""
        return item.value

    def key(self, name: Hashable) -> Key:
        """A key of the kind that the store knows, another one for each ``name``."""
        return name

    def usage(self, entries: int, size: int) -> GroupUsage:
        """What ``entries`` that take ``size`` units together amount to."""
        return GroupUsage(entries, size * self.unit)

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
        """A store that may hold 100 units."""
        return make_store(100 * self.unit, log)

    def test_a_key_never_put_finds_nothing(self, store: Store[Any]) -> None:
        """``get`` answers ``None``."""
        assert store.get(self.key("a")) is None
        assert store.usage() == NOTHING
        assert list(store.entries()) == []

    def test_what_was_put_is_found(self, store: Store[Any]) -> None:
        """``put`` says that it is kept, and it is."""
        assert store.put(self.key("a"), self.make_item("value", size=3), UNBOUNDED)
        found = store.get(self.key("a"))
        assert found is not None
        assert self.value_of(found) == "value"
        assert store.usage() == self.usage(1, 3)

    def test_a_new_entry_replaces_the_old_one_of_its_key(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """The old one leaves, once."""
        store.put(self.key("a"), self.make_item("old", size=60), UNBOUNDED)
        assert store.put(self.key("a"), self.make_item("new", size=70), Bounds(entries=1))
        assert [self.value_of(entry) for _, entry in store.entries()] == ["new"]
        assert [(key, self.value_of(entry), why) for key, entry, why in log.removals] == [
            (self.key("a"), "old", Removal.REPLACED)
        ]
        assert store.usage() == self.usage(1, 70)

    def test_an_entry_may_move_to_another_group(self, store: Store[Any]) -> None:
        """Both groups' usage is right afterwards."""
        store.put(self.key("a"), self.make_item(size=5, group="one"), UNBOUNDED)
        store.put(self.key("a"), self.make_item(size=6, group="two"), UNBOUNDED)
        assert store.usage("one") == NOTHING
        assert store.usage("two") == self.usage(1, 6)

    @pytest.mark.parametrize(
        "bounds", [Bounds(size=10), Bounds(entries=0), UNBOUNDED], ids=["size", "none", "store"]
    )
    def test_what_is_larger_than_the_bounds_is_not_kept(
        self, store: Store[Any], log: RemovalLog, bounds: Bounds
    ) -> None:
        """Nor is what stood under its key before: it is out of date. The rest stays."""
        store.put(self.key("a"), self.make_item("outdated"), UNBOUNDED)
        store.put(self.key("b"), self.make_item("other"), UNBOUNDED)
        size = 11 if bounds is not UNBOUNDED else 101
        bounds = Bounds(bounds.entries, bounds.size * self.unit)
        assert not store.put(self.key("a"), self.make_item("large", size=size), bounds)
        assert [key for key, _ in store.entries()] == [self.key("b")]
        assert log.reasons() == [(self.key("a"), Removal.REPLACED)]

    def test_what_is_as_large_as_the_bounds_is_kept(self, store: Store[Any]) -> None:
        """Bounds are inclusive, the store's too."""
        assert store.put(
            self.key("a"), self.make_item(size=100), Bounds(entries=1, size=100 * self.unit)
        )

    def test_a_group_holds_no_more_entries_than_its_bounds(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """The newest is always among them."""
        for number in range(6):
            assert store.put(self.key(number), self.make_item(number), Bounds(entries=2))
            assert store.get(self.key(number)) is not None
        assert store.usage("group") == self.usage(2, 2)
        assert {why for _, why in log.reasons()} == {Removal.EVICTED}
        kept = {key for key, _ in store.entries()}
        assert kept | {key for key, _ in log.reasons()} == set(map(self.key, range(6)))

    def test_an_eviction_says_by_what_it_was_caused(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """The bound that had no room, and what was put there."""
        store.put(self.key("a"), self.make_item(size=10), UNBOUNDED)
        store.put(self.key("b"), self.make_item(size=10), Bounds(entries=1))
        store.put(self.key("c"), self.make_item(size=30), Bounds(size=35 * self.unit))
        store.put(self.key("d"), self.make_item(size=90, group="other"), UNBOUNDED)
        assert [key for key, why in log.reasons()] == [self.key(name) for name in "abc"]
        assert log.evictions == [
            Eviction(Bound.ENTRIES, self.key("b")),
            Eviction(Bound.SIZE, self.key("c")),
            Eviction(Bound.TOTAL_SIZE, self.key("d")),
        ]

    def test_what_leaves_for_another_reason_was_not_evicted(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """Nor was what is replaced."""
        for _ in range(2):
            store.put(self.key("a"), self.make_item(), UNBOUNDED)
        store.remove(self.key("a"), Removal.CLEARED)
        assert len(log.removals) == 2
        assert log.evictions == []

    def test_a_group_holds_no_more_bytes_than_its_bounds(self, store: Store[Any]) -> None:
        """As many leave as it takes."""
        for number in range(5):
            store.put(self.key(number), self.make_item(size=2), Bounds(size=10 * self.unit))
        store.put(self.key("large"), self.make_item(size=9), Bounds(size=10 * self.unit))
        assert store.get(self.key("large")) is not None
        assert store.usage("group") == self.usage(1, 9)

    def test_the_bounds_of_a_group_leave_other_groups_alone(self, store: Store[Any]) -> None:
        """Only the store's own bound touches them."""
        store.put(self.key("other"), self.make_item(group="other"), UNBOUNDED)
        for number in range(3):
            store.put(self.key(number), self.make_item(), Bounds(entries=1))
        assert store.usage("other") == self.usage(1, 1)
        assert store.usage() == self.usage(2, 2)

    def test_the_latest_bounds_of_a_group_count(self, store: Store[Any]) -> None:
        """Lower ones than before take effect with the entry that brings them."""
        for number in range(5):
            store.put(self.key(number), self.make_item(), UNBOUNDED)
        store.put(self.key("a"), self.make_item(), Bounds(entries=2))
        assert store.usage() == self.usage(2, 2)

    def test_the_store_holds_no_more_than_its_own_bound(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """Across groups."""
        for number in range(20):
            store.put(self.key(number), self.make_item(size=30, group=str(number)), UNBOUNDED)
            assert store.usage().size <= 100 * self.unit
            assert store.get(self.key(number)) is not None
        assert store.usage() == self.usage(3, 90)
        assert len(log.removals) == 17

    def test_nothing_changes_when_the_entry_is_not_wanted_any_more(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """``when`` decides at the moment of the change."""
        store.put(self.key("a"), self.make_item("old"), UNBOUNDED)
        assert not store.put(self.key("a"), self.make_item("new"), UNBOUNDED, when=lambda: False)
        assert not store.put(
            self.key("a"), self.make_item("new", size=101), UNBOUNDED, when=lambda: False
        )
        assert [self.value_of(entry) for _, entry in store.entries()] == ["old"]
        assert log.removals == []
        assert store.put(self.key("a"), self.make_item("new"), UNBOUNDED, when=lambda: True)

    def test_what_was_removed_is_gone_and_announced(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """Once, with the reason given."""
        store.put(self.key("a"), self.make_item(size=5), UNBOUNDED)
        assert store.remove(self.key("a"), Removal.INVALID)
        assert not store.remove(self.key("a"), Removal.CLEARED)
        assert store.get(self.key("a")) is None
        assert log.reasons() == [(self.key("a"), Removal.INVALID)]
        assert store.usage() == store.usage("group") == NOTHING

    def test_removing_one_entry_leaves_another_under_its_key_alone(self, store: Store[Any]) -> None:
        """``only`` names the one that is meant."""
        store.put(self.key("a"), self.make_item("old"), UNBOUNDED)
        old = store.get(self.key("a"))
        assert old is not None
        store.put(self.key("a"), self.make_item("new"), UNBOUNDED)
        assert not store.remove(self.key("a"), Removal.CLEARED, only=old)
        new = store.get(self.key("a"))
        assert new is not None
        assert self.value_of(new) == "new"
        assert store.remove(self.key("a"), Removal.CLEARED, only=new)

    def test_entries_are_listed_by_group(self, store: Store[Any]) -> None:
        """Of one group or of all."""
        for group in ("one", "two", "two"):
            store.put(
                self.key((group, store.usage().entries)), self.make_item(group=group), UNBOUNDED
            )
        assert [key for key, _ in store.entries("two")] == [
            self.key(("two", 1)),
            self.key(("two", 2)),
        ]
        assert list(store.entries("none")) == []
        assert len(list(store.entries())) == 3

    def test_entries_may_change_while_they_are_gone_through(self, store: Store[Any]) -> None:
        """The list is a copy."""
        for number in range(10):
            store.put(self.key(number), self.make_item(), UNBOUNDED)
        for key, entry in store.entries():
            assert store.remove(key, Removal.CLEARED, only=entry)
            store.put(self.key(("another", key)), self.make_item(), UNBOUNDED)
        assert store.usage().entries == 10

    def test_sweeping_removes_what_expired_and_nothing_else(
        self, store: Store[Any], log: RemovalLog
    ) -> None:
        """An entry expires at its time, not after it, and is found until it is swept."""
        for time in (10.0, 20.0, 30.0, math.inf):
            store.put(self.key(time), self.make_item(expires=time), UNBOUNDED)
        assert store.get(self.key(10.0)) is not None
        assert store.sweep(9.0) == 10.0
        assert log.removals == []
        assert store.sweep(20.0) == 30.0
        assert log.reasons() == [
            (self.key(10.0), Removal.EXPIRED),
            (self.key(20.0), Removal.EXPIRED),
        ]
        assert store.sweep(30.0) == math.inf
        assert [key for key, _ in store.entries()] == [self.key(math.inf)]

    def test_a_replaced_entry_takes_its_expiry_with_it(self, store: Store[Any]) -> None:
        """The new one lives as long as it says itself."""
        store.put(self.key("a"), self.make_item(expires=10.0), UNBOUNDED)
        store.put(self.key("a"), self.make_item(expires=20.0), UNBOUNDED)
        assert store.sweep(10.0) == 20.0
        store.put(self.key("a"), self.make_item(), UNBOUNDED)
        assert store.sweep(20.0) == math.inf
        assert store.get(self.key("a")) is not None

    def test_a_listener_that_fails_stops_nothing(
        self, make_store: MakeStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is logged, and the other entries are announced."""
        told: list[Key] = []

        def listener(key: Key, entry: Any, reason: Removal, eviction: Eviction | None) -> None:
            told.append(key)
            raise ValueError("the listener failed")

        store = make_store(100 * self.unit, listener)
        for number in range(3):
            store.put(self.key(number), self.make_item(expires=1.0), UNBOUNDED)
        store.sweep(1.0)
        assert sorted(told, key=str) == sorted(map(self.key, range(3)), key=str)
        assert caplog.text.count("ValueError: the listener failed") == 3

    def test_a_listener_finds_the_store_free(self, make_store: MakeStore) -> None:
        """It may use the store, and so may other threads while it runs."""
        finished: list[bool] = []

        def listener(key: Key, entry: Any, reason: Removal, eviction: Eviction | None) -> None:
            if key == self.key("a"):
                store.put(self.key("b"), self.make_item(), UNBOUNDED)
                other = threading.Thread(
                    target=store.remove, args=(self.key("b"), Removal.CLEARED), daemon=True
                )
                other.start()
                other.join(_PATIENCE)
                finished.append(not other.is_alive())

        store = make_store(100 * self.unit, listener)
        store.put(self.key("a"), self.make_item(), UNBOUNDED)
        store.remove(self.key("a"), Removal.CLEARED)
        assert finished == [True]
        assert store.usage() == NOTHING
