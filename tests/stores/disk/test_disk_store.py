"""What the store does besides what every store does."""

from __future__ import annotations

import math
import os
import shutil
import stat

import pytest
from disk_helpers import (
    SECRET,
    UNBOUNDED,
    envelope,
    expected,
    keep_now,
    key,
    objection,
    part,
    part_files,
    payload,
    payload_of,
)

from reprise.contracts import Bounds, GroupUsage, Removal
from reprise.envelopes import Envelope
from reprise.signing import Signer
from reprise.stores.disk import default_max_size
from reprise.stores.disk.looking import view

LARGE = 100_000


def clears(store):
    return [store.moment(group).clears for group in ("group", "other")]


@pytest.mark.parametrize("sizes", [(), (0,), (5,), (65_536,), (65_537,), (5000, 0, 70_000, 1)])
def test_what_one_process_put_another_finds(make, sizes):
    put = envelope(*sizes, seed=1, created=10.0, expires=5e6)
    assert make().put(key("a"), put, UNBOUNDED)
    found = make().get(key("a"))
    assert payload_of(found) == expected(found) == expected(put)
    assert (found.header, found.group, found.created, found.expires) == (
        put.header,
        "group",
        10.0,
        5e6,
    )


def test_small_parts_stand_in_the_index_and_large_ones_in_one_file(store, folder):
    store.put(key("small"), envelope(30_000, 30_000), UNBOUNDED)
    assert part_files(folder) == []
    store.put(key("large"), envelope(5, 5000, LARGE), UNBOUNDED)
    assert len(part_files(folder)) == 1


def test_parts_in_files_begin_with_pages_and_nothing_stands_between_them(store):
    store.put(key("a"), envelope(5, 5000, LARGE), UNBOUNDED)
    file = store.get(key("a")).parts
    assert file.extents == ((0, 5), (4096, 9096), (12_288, 12_288 + LARGE))
    descriptor = file.descriptor()
    whole = os.pread(descriptor, 10**6, 0)
    os.close(descriptor)
    assert len(whole) % 4096 == 0
    kept = set().union(*(range(start, end) for start, end in file.extents))
    assert not any(byte for place, byte in enumerate(whole) if place not in kept)


def test_entries_with_the_same_bytes_share_a_file_until_the_last_has_left(store, folder):
    for name in "abc":
        store.put(key(name), envelope(LARGE, seed="same", header=name.encode()), UNBOUNDED)
    assert len(part_files(folder)) == 1
    assert store.get(key("c")).parts.witnessed
    one = store.usage("group").size // 3
    assert one > LARGE
    assert LARGE < store.usage().size < one + 10
    for name in "ab":
        store.remove(key(name), Removal.INVALID)
    assert payload_of(store.get(key("c"))) == [payload("same-0", LARGE)]
    store.remove(key("c"), Removal.INVALID)
    assert part_files(folder) == []
    assert store.usage() == GroupUsage(0, 0)


def test_bytes_that_are_there_already_are_not_written_again(store, folder, make):
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    (before,) = part_files(folder)
    inode = before.stat().st_ino
    steps = []
    make(steps=steps.append).put(key("b"), envelope(LARGE), UNBOUNDED)
    assert "part written" not in steps
    assert "row inserted" in steps
    (after,) = part_files(folder)
    assert after.stat().st_ino == inode


def test_a_file_that_nobody_vouches_for_is_written_again(store, folder, make):
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    (path,) = part_files(folder)
    path.chmod(0o600)
    path.write_bytes(bytes(path.stat().st_size))
    store.put(key("b"), envelope(LARGE), UNBOUNDED)
    assert payload_of(store.get(key("b"))) == [payload("0-0", LARGE)]
    assert store.get(key("b")).parts.witnessed
    assert not store.get(key("a")).parts.witnessed


def test_versions_are_never_given_twice(make, folder):
    seen = set()
    for round_ in range(3):
        store = make()
        for name in "ab":
            version = keep_now(store, name, envelope(5))
            assert store.version(key(name)) == store.get(key(name)).version == version
            assert version not in seen
            seen.add(version)
        store.clear()
        if round_ == 1:  # another index
            store.close()
            (folder / "index.sqlite3").unlink()
    assert store.version(key("a")) is None


def test_a_clear_is_noticed_by_who_computes_meanwhile(make):
    mine, other = make(), make()
    mine.put(key("a"), envelope(5), UNBOUNDED)
    for clear in (
        lambda: other.clear("group"),
        other.clear,
        lambda: other.remove(key("a"), Removal.CLEARED),
        lambda: other.remove(key("never there"), Removal.CLEARED),
    ):
        before = mine.moment("group")
        clear()
        assert mine.moment("group").clears != before.clears
        there = mine.version(key("a"))
        for size in (5, LARGE):
            refused = mine.keep(key("a"), envelope(size), UNBOUNDED, since=before)
            assert refused is Removal.CLEARED
        assert mine.version(key("a")) == there
        assert keep_now(mine, "a", envelope(5))


def test_a_clear_can_be_counted_before_it_is_made(store):
    before = clears(store)
    store.count_clear("group")
    assert clears(store)[0] != before[0]
    assert clears(store)[1] == before[1]


def test_other_changes_are_no_clears(store):
    before = clears(store)
    store.supersede()
    store.put(key("a"), envelope(5, expires=1.0), UNBOUNDED)
    store.put(key("a"), envelope(5, expires=1.0), Bounds(entries=1))
    store.remove(key("a"), Removal.INVALID)
    store.clear("another")
    store.clear("group", created_before=1.0)
    store.sweep(10.0)
    assert clears(store) == before


def test_an_index_that_was_begun_anew_counts_as_cleared(make, folder):
    before = make().moment("group")
    make().close()
    for path in folder.glob("index*"):
        path.unlink()
    assert make().keep(key("a"), envelope(5), UNBOUNDED, since=before) is Removal.CLEARED


@pytest.mark.parametrize("size", [5, LARGE])
def test_what_began_later_stays(make, size):
    mine, other = make(), make()
    early = mine.moment("group")
    other.supersede()
    late = other.moment("group")
    version = other.keep(key("a"), envelope(size, seed=2), UNBOUNDED, since=late)
    for late_comer in (envelope(size, seed=1), envelope(2 * LARGE, seed=1)):
        bounds = Bounds(size=1.5 * LARGE)  # the larger one has no room at all
        assert mine.keep(key("a"), late_comer, bounds, since=early) is Removal.REPLACED
        assert mine.version(key("a")) == version
    assert mine.keep(key("b"), envelope(size, seed=1), UNBOUNDED, since=early), "of another call"
    assert keep_now(mine, "a", envelope(size, seed=3)) != version
    assert payload_of(other.get(key("a"))) == [payload("3-0", size)]


def test_of_those_that_nothing_tells_apart_the_last_one_stays(make):
    mine, other = make(), make()
    since = mine.moment("group")
    assert other.keep(key("a"), envelope(5, seed=1), UNBOUNDED, since=other.moment("group"))
    assert mine.keep(key("a"), envelope(5, seed=2), UNBOUNDED, since=since)
    assert payload_of(other.get(key("a"))) == [payload("2-0", 5)]


def test_what_began_first_may_be_kept_first(make):
    mine, other = make(), make()
    early = mine.moment("group")
    other.supersede()
    late = other.moment("group")
    assert mine.keep(key("a"), envelope(5, seed=1), UNBOUNDED, since=early)
    assert other.keep(key("a"), envelope(5, seed=2), UNBOUNDED, since=late)
    assert payload_of(mine.get(key("a"))) == [payload("2-0", 5)]


def hits(folder):
    with view(folder, Signer(SECRET)) as found:
        return found.hits()


def test_hits_are_written_down_when_something_is_written_anyway(make, folder, clock):
    mine, other = make(), make()
    a, b = (keep_now(mine, name, envelope(5)) for name in "ab")
    mine.count_hits(key("a"), a, 3)
    other.count_hits(key("a"), a, 4)
    other.get(key("a"))
    assert hits(folder) == {}
    keep_now(mine, "c", envelope(5))
    assert hits(folder) == {a: 3}
    other.sweep(clock.time())
    assert hits(folder) == {a: 7}
    other.count_hits(key("b"), b, 1)
    mine.count_hits(key("a"), a, 5)
    clock.advance(30)
    for one in (mine, other):
        one.sweep(clock.time())
    assert hits(folder) == {a: 7, b: 1}, "not more often than once a minute"
    clock.advance(31)
    mine.sweep(clock.time())
    assert hits(folder) == {a: 12, b: 1}


def test_hits_are_written_down_at_the_end(make, folder):
    store = make()
    versions = [keep_now(store, name, envelope(5)) for name in "ab"]
    for _ in range(2):
        for version in versions:
            store.count_hits(key("a"), version, 2)
        store.flush()
    store.flush()
    assert hits(folder) == dict.fromkeys(versions, 4)


def test_hits_leave_with_their_entry(store, folder):
    for version in (keep_now(store, "a", envelope(5)), keep_now(store, "a", envelope(5))):
        store.count_hits(key("a"), version, 2)
    store.flush()
    assert hits(folder) == {version: 2}
    store.remove(key("a"), Removal.CLEARED)
    store.flush()
    assert hits(folder) == {}


def test_the_end_makes_no_store_where_none_is_any_more(store, folder):
    store.count_hits(key("a"), keep_now(store, "a", envelope(5)), 2)
    shutil.rmtree(folder)
    store.flush()
    assert not folder.exists()


def test_hits_of_the_parent_are_not_the_childs(store, folder):
    store.count_hits(key("a"), keep_now(store, "a", envelope(5)), 2)
    child = os.fork()
    if child == 0:
        store.flush()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert hits(folder) == {}
    store.flush()
    assert list(hits(folder).values()) == [2]


def test_clearing_takes_a_group_or_all_or_what_is_old(make, folder):
    store = make()
    for created, group in ((1.0, "one"), (2.0, "one"), (3.0, "two"), (4.0, "two")):
        store.put(
            key(created), envelope(LARGE, seed=created, group=group, created=created), UNBOUNDED
        )
    assert store.clear(created_before=2.0) == 1
    assert store.clear("two", created_before=4.0) == 1
    assert [found.created for _, found in store.entries()] == [2.0, 4.0]
    assert store.clear("one") == 1
    assert store.clear("one") == 0
    assert store.clear() == 1
    assert part_files(folder) == []


def test_when_is_asked_once_while_nobody_can_change_anything(make):
    store, other = make(), make()
    store.put(key("a"), envelope(5, seed="old"), UNBOUNDED)
    asked = []

    def when():
        asked.append(other.version(key("a")))
        return True

    store.put(key("a"), envelope(5, seed="new"), UNBOUNDED, when=when)
    assert len(asked) == 1
    assert asked != [store.version(key("a"))]


def test_what_a_refused_put_has_written_is_gone(store, folder):
    assert not store.put(key("a"), envelope(LARGE), UNBOUNDED, when=lambda: False)
    store.sweep(1.0)
    for _ in range(32):
        store.sweep(1.0)
    assert part_files(folder) == []


def test_an_error_of_when_is_its_own_and_nothing_changes(store):
    store.put(key("a"), envelope(5, seed="old"), UNBOUNDED)
    with pytest.raises(ZeroDivisionError):
        store.put(key("a"), envelope(5), UNBOUNDED, when=lambda: 1 // 0)
    assert expected(store.get(key("a"))) == [payload("old-0", 5)]
    assert store.put(key("b"), envelope(5), UNBOUNDED)


def test_what_is_asked_for_inside_a_change_is_done_after_it(store):
    store.put(key("old"), envelope(5), UNBOUNDED)

    def when():
        """As a finaliser might, which can run at any step."""
        assert not store.put(key("inner"), envelope(LARGE), UNBOUNDED)
        store.clear("group", created_before=-math.inf)
        store.remove(key("old"), Removal.CLEARED)
        assert store.get(key("old")) is not None
        return True

    assert store.put(key("outer"), envelope(5), UNBOUNDED, when=when)
    assert [found for found, _ in store.entries()] == [key("outer")]


def test_nobody_else_can_read_what_is_stored(store, folder):
    previous = os.umask(0)
    try:
        store.put(key("a"), envelope(LARGE), UNBOUNDED)
        store.lock(key("a")).try_acquire()
    finally:
        os.umask(previous)
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, path
        assert mode == (0o700 if path.is_dir() else mode & 0o600), path


def test_bytes_written_are_hardly_more_than_bytes_kept(store, folder):
    size = 20_000_000
    store.put(key("a"), envelope(size), UNBOUNDED)
    written = sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
    assert written <= 1.02 * size


def test_a_healthy_store_is_found_healthy(store):
    for number in range(40):
        sizes = (number * 5000,) if number % 3 else (10, number)
        store.put(key(number), envelope(*sizes, seed=number // 2), Bounds(entries=30))
    report = store.check(repair=False, verify=objection)
    assert report.sound
    assert report.left == ()
    assert (report.entries, report.size) == (30, store.usage().size)


def test_the_default_bound_is_a_tenth_of_what_is_there(tmp_path, monkeypatch):
    free = 100_000_000_000
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": free}))
    missing = tmp_path / "not" / "there"
    assert default_max_size(missing, taken=0) == 10_000_000_000
    assert default_max_size(missing, taken=50_000_000_000) == 15_000_000_000
    assert default_max_size(missing, taken=900_000_000_000) == 20_000_000_000


def test_what_a_put_replaces_is_removed_from_the_same_shelf_too(store, folder):
    for number in range(600):
        store.put(key("a"), envelope(65_537, seed=number), UNBOUNDED)
        assert len(part_files(folder)) == 1, number


def test_other_bytes_of_the_same_size_are_another_file(store, folder):
    for seed in "ab":
        store.put(key(seed), envelope(LARGE, 5, seed=seed), UNBOUNDED)
    # The same bytes, divided at another place.
    whole = b"".join(payload_of(store.get(key("a"))))
    parts = (part(whole[:5]), part(whole[5:]))
    store.put(key("c"), Envelope(b"header", "group", 0.0, parts=parts), UNBOUNDED)
    assert len(part_files(folder)) == 3
    for seed in "ab":
        assert payload_of(store.get(key(seed))) == [
            payload(f"{seed}-0", LARGE),
            payload(f"{seed}-1", 5),
        ]
    assert payload_of(store.get(key("c"))) == [whole[:5], whole[5:]]
