"""What leaves on its own."""

from __future__ import annotations

import math
import os
import sqlite3
from types import SimpleNamespace

import pytest
from disk_helpers import UNBOUNDED, envelope, key, objection, part_files

from reprise.contracts import Removal
from reprise.stores.disk import locks
from reprise.testing.stores import RemovalLog

LARGE = 100_000


def sweep_all(store, now=0.0):
    for _ in range(32):
        store.sweep(now)


def test_a_sweep_is_bounded_and_says_that_there_is_more(make, monkeypatch):
    monkeypatch.setattr("reprise.stores.disk.sweeping._ENTRIES", 3)
    log = RemovalLog()
    store = make(on_removal=log)
    for number in range(7):
        store.put(key(number), envelope(5, expires=10.0 + number), UNBOUNDED)
    assert [store.sweep(100.0) <= 100.0 for _ in range(3)] == [True, True, False]
    assert {reason for _, reason in log.reasons()} == {Removal.EXPIRED}
    assert len(log.removals) == 7
    assert store.sweep(100.0) == math.inf


def test_each_expired_entry_is_told_of_by_one_process(make):
    logs = [RemovalLog(), RemovalLog()]
    stores = [make(on_removal=log) for log in logs]
    for number in range(5):
        stores[0].put(key(number), envelope(5, expires=10.0), UNBOUNDED)
    for store in stores:
        store.sweep(10.0)
    assert sorted(len(log.removals) for log in logs) == [0, 5]


def test_files_of_expired_entries_are_removed(store, folder):
    store.put(key("a"), envelope(LARGE, expires=10.0), UNBOUNDED)
    store.sweep(10.0)
    assert part_files(folder) == []


def test_what_killed_writers_left_is_removed_and_nothing_else(store, folder):
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    (kept,) = part_files(folder)
    left = [kept.with_name("tmp-0123"), kept.with_name(kept.name[:2] + "ab" * 31)]
    foreign = [kept.with_name("notes.txt"), kept.with_name("AB" * 32), kept.with_name("ab")]
    for path in (*left, *foreign):
        path.write_bytes(b"x")
    report = store.check(repair=False, verify=objection)
    assert set(report.left) == set(left)
    assert report.sound
    sweep_all(store)
    assert set(part_files(folder)) == {kept, *foreign}


def test_a_file_on_its_way_is_not_removed(make, folder):
    """Another process sweeps at each step between the file's first byte and its row."""
    other = make()
    seen = []

    def sweep(step):
        seen.append(step)
        if seen.count("transaction begun") == seen.count("transaction committed"):
            sweep_all(other)

    store = make(steps=sweep)
    assert store.put(key("a"), envelope(LARGE), UNBOUNDED)
    # Also where the bytes are there already, of an entry that leaves meanwhile.
    meanwhile = []

    def remove(step):
        if step == "gate entered" and not meanwhile:
            meanwhile.append(other.remove(key("a"), Removal.INVALID))

    reusing = make(steps=remove)
    assert reusing.put(key("b"), envelope(LARGE), UNBOUNDED)
    assert meanwhile == [True]
    sweep_all(other)
    assert other.check(repair=False, verify=objection).sound
    assert other.get(key("b")) is not None


def test_without_locks_only_old_files_are_removed(store, folder, monkeypatch):
    from reprise.stores.disk import files, flocks

    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    left = part_files(folder)[0].with_name("tmp-0123")
    left.write_bytes(b"x")
    monkeypatch.setattr(flocks, "_flock", lambda *_, **__: flocks.Got.UNSUPPORTED)
    sweep_all(store)
    assert left.exists()
    monkeypatch.setattr(files, "_WITHOUT_LOCKS_SECONDS", -1.0)
    sweep_all(store)
    assert not left.exists()
    assert len(part_files(folder)) == 1


def test_an_entry_that_expires_and_is_from_before_the_clock_was_set_back_leaves(store, clock):
    """It would live longer than its ttl, by as much as the clock was set back."""
    now = clock.time()
    store.put(key("mortal"), envelope(5, created=now + 3600, expires=now + 3660), UNBOUNDED)
    store.put(key("immortal"), envelope(5, created=now + 3600), UNBOUNDED)
    store.put(key("slight"), envelope(5, created=now + 1, expires=now + 61), UNBOUNDED)
    store.sweep(now)
    assert {found for found, _ in store.entries()} == {key("immortal"), key("slight")}


def test_locks_that_nobody_used_for_long_are_removed(store, folder):
    names = ("held", "old", "new")
    locks = {name: store.lock(key(name)) for name in names}
    paths = {}
    for name, lock in locks.items():
        assert lock.try_acquire()
        (paths[name],) = set((folder / "locks" / "keys").glob("*/*")) - set(paths.values())
    for name in ("old", "new"):
        locks[name].release()
    for name in ("held", "old"):
        os.utime(paths[name], (1e9, 1e9))
    sweep_all(store)
    assert [name for name in names if paths[name].exists()] == ["held", "new"]
    assert paths["new"].stat().st_mtime > 1.6e9


def test_a_sweep_does_not_touch_locks_that_were_used_lately(store, folder, monkeypatch):
    """Who asks for one at that moment would be told that another process computes."""
    store.lock(key("a")).try_acquire()
    taken = []
    real = locks.take
    monkeypatch.setattr(locks, "take", lambda *args: taken.append(args) or real(*args))
    sweep_all(store)
    assert taken == []
    (path,) = (folder / "locks" / "keys").glob("*/*")
    os.utime(path, (1e9, 1e9))
    sweep_all(store)
    assert len(taken) == 1


def test_a_lock_that_another_process_removes_meanwhile_is_no_trouble(store, folder, monkeypatch):
    store.lock(key("a")).try_acquire()
    (path,) = (folder / "locks" / "keys").glob("*/*")
    os.utime(path, (1e9, 1e9))

    def removed(name, flags):
        path.unlink()
        return os.open(name, flags)

    monkeypatch.setattr(locks, "os", SimpleNamespace(open=removed, O_RDWR=os.O_RDWR))
    sweep_all(store)
    assert not path.exists()


def test_room_that_became_free_is_given_back(store, folder):
    for number in range(200):
        store.put(key(number), envelope(60_000, seed=number), UNBOUNDED)
    store.clear()

    def pages():
        connection = sqlite3.connect(folder / "index.sqlite3")
        (count,) = connection.execute("PRAGMA page_count").fetchone()
        connection.close()
        return count

    before = pages()
    sweep_all(store)
    assert pages() < before / 2


@pytest.mark.parametrize("now", [0.0, 10.0, math.inf])
def test_what_never_expires_stays(store, now):
    store.put(key("a"), envelope(5), UNBOUNDED)
    assert store.sweep(now) == math.inf
    assert store.get(key("a")) is not None
