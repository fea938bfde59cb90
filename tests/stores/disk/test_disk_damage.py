"""Whatever is done to what is stored: never a wrong value, and never an exception."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3

import pytest
from disk_helpers import (
    UNBOUNDED,
    envelope,
    expected,
    keep_now,
    key,
    objection,
    open_store,
    part_files,
    payload,
    payload_of,
)

from reprise.contracts import GroupUsage

LARGE = 100_000
SAMPLE = int(os.environ.get("REPRISE_TEST_SAMPLE", "60"))
"""Offsets of the index that are damaged, besides those of its first page."""


def change_index(folder, statement, *values):
    connection = sqlite3.connect(folder / "index.sqlite3")
    with connection:
        changed = connection.execute(statement, values).rowcount
    connection.close()
    assert changed > 0


@pytest.mark.parametrize("size", [50, LARGE])
@pytest.mark.parametrize(
    "change",
    [
        "grp = 'other'",
        "created = created + 1",
        "expires = 9e999",
        "expires = expires + 1",
        "header = x'00'",
        "header = CAST(header || ' ' AS BLOB)",
        "layout = x'0010000000000000'",
        "content = randomblob(32)",
        "seal = randomblob(32)",
        "seal = x''",
        "created = 'a text'",
        "expires = x'00'",
        "header = 'a text'",
        "layout = 5",
        "grp = 5",
        "grp = CAST(x'ff' AS TEXT)",
        "seal = 'a text'",
        "content = 5",
        "inline = 5",
    ],
)
def test_a_row_that_was_changed_is_set_aside(store, folder, troubles, size, change):
    store.put(key("a"), envelope(size, created=1.0, expires=2e6), UNBOUNDED)
    change_index(folder, f"UPDATE entries SET {change}")
    assert store.get(key("a")) is None
    assert "computed again" in troubles.pop()
    assert store.get(key("a")) is None
    assert list((folder / "aside").iterdir())


@pytest.mark.parametrize("content", [5, "a text", b"", b"short"])
def test_a_row_that_names_no_file_can_leave(store, folder, content):
    """And takes nothing with it that has such a name."""
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    change_index(folder, "UPDATE entries SET content = ?", content)
    assert store.clear() == 1
    assert len(part_files(folder)) == 1
    assert store.put(key("a"), envelope(LARGE), UNBOUNDED)
    assert payload_of(store.get(key("a"))) == [payload("0-0", LARGE)]


@pytest.mark.parametrize("size", [50, LARGE])
def test_a_row_under_another_key_is_set_aside(store, folder, troubles, size):
    store.put(key("a"), envelope(size), UNBOUNDED)
    change_index(folder, "UPDATE entries SET key = ?", key("b"))
    assert store.get(key("b")) is None
    assert "changed" in troubles.pop()


def test_inline_parts_that_are_not_whole_are_set_aside(store, folder, troubles):
    store.put(key("a"), envelope(50), UNBOUNDED)
    change_index(folder, "UPDATE entries SET inline = substr(inline, 1, 49)")
    assert store.get(key("a")) is None
    assert "not whole" in troubles.pop()


def test_a_file_truncated_at_any_offset_is_set_aside(store, folder, troubles):
    for offset in [*range(0, LARGE, 9973), LARGE, -1]:
        store.put(key("a"), envelope(LARGE), UNBOUNDED)
        (path,) = part_files(folder)
        path.chmod(0o600)
        with path.open("r+b") as file:
            file.truncate(offset if offset >= 0 else path.stat().st_size - 1)
        assert store.get(key("a")) is None, offset
        assert "not whole" in troubles.pop()
        assert part_files(folder) == []


def test_a_file_that_is_gone_is_told_of_once(store, folder, troubles):
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    part_files(folder)[0].unlink()
    assert store.get(key("a")) is None
    assert store.get(key("a")) is None
    assert len(troubles) == 1
    troubles.clear()
    assert store.put(key("a"), envelope(LARGE), UNBOUNDED)
    assert payload_of(store.get(key("a"))) == [payload("0-0", LARGE)]


def test_setting_aside_leaves_newer_entries_alone(store, folder):
    old = keep_now(store, "a", envelope(LARGE, seed=1))
    new = keep_now(store, "a", envelope(LARGE, seed=2))
    assert not store.set_aside(key("a"), old, "it is old")
    assert not store.set_aside(key("b"), old, "it was never there")
    assert store.version(key("a")) == new
    assert store.set_aside(key("a"), new, "a reason")
    assert store.get(key("a")) is None
    assert store.usage() == GroupUsage(0, 0)
    (note,) = (folder / "aside").glob("*.json")
    assert '"a reason"' in note.read_text()
    (file,) = (folder / "aside").glob("*.parts")
    assert payload("2-0", LARGE) in file.read_bytes()


def test_a_file_that_another_entry_has_is_not_moved_aside(store, folder):
    for name in "ab":
        store.put(key(name), envelope(LARGE, seed="same"), UNBOUNDED)
    assert store.set_aside(key("a"), store.version(key("a")), "its header")
    assert payload_of(store.get(key("b"))) == [payload("same-0", LARGE)]


def test_what_is_set_aside_is_bounded(store, folder, monkeypatch):
    monkeypatch.setattr("reprise.stores.disk.aside.MOST_FILES", 5)
    monkeypatch.setattr("reprise.stores.disk.aside.MOST_BYTES", 2 * LARGE)
    for number in range(10):
        version = keep_now(store, "a", envelope(LARGE, seed=number))
        store.set_aside(key("a"), version, f"reason {number}")
    kept = list((folder / "aside").iterdir())
    assert len(kept) <= 5
    assert sum(path.stat().st_size for path in kept) <= 2 * LARGE
    assert any("reason 9" in path.read_text() for path in kept if path.suffix == ".json")
    version = keep_now(store, "a", envelope(3 * LARGE))
    store.set_aside(key("a"), version, "too large to keep")
    assert part_files(folder) == []


SPOILT = {
    "empty": b"",
    "text": b"this is not a database" * 100,
    "half": None,
}


def filled(folder, count=30):
    store = open_store(folder)
    for number in range(count):
        store.put(key(number), envelope(200 if number % 3 else LARGE, seed=number), UNBOUNDED)
    store.close()


@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_index_that_is_none_is_moved_aside_with_one_warning(make, folder, troubles, spoilt):
    filled(folder)
    index = folder / "index.sqlite3"
    content = SPOILT[spoilt]
    index.write_bytes(
        index.read_bytes()[: index.stat().st_size // 2] if content is None else content
    )
    store = make()
    for number in range(30):
        found = store.get(key(number))
        assert found is None or payload_of(found) == expected(found)
    assert len(troubles) == (0 if spoilt == "empty" else 1)
    troubles.clear()
    assert store.put(key("a"), envelope(LARGE), UNBOUNDED)
    assert payload_of(make().get(key("a"))) == [payload("0-0", LARGE)]
    for _ in range(32):
        store.sweep(0.0)
    assert len(part_files(folder)) == 1, "files of the old index are left behind, and swept"


@pytest.mark.parametrize(
    "pragma", ["PRAGMA user_version = 99", "PRAGMA application_id = 7", "DROP TABLE visits"]
)
def test_an_index_of_another_format_is_moved_aside_with_one_warning(make, folder, troubles, pragma):
    filled(folder)
    connection = sqlite3.connect(folder / "index.sqlite3")
    connection.execute(pragma)
    connection.close()
    store = make()
    assert store.put(key("a"), envelope(5), UNBOUNDED)
    assert payload_of(store.get(key("a"))) == [payload("0-0", 5)]
    (told,) = troubles
    assert "another was begun" in told
    troubles.clear()


def test_an_index_that_is_replaced_while_it_is_open_is_noticed(make, folder, troubles):
    """Two stores, one finds damage; the other goes on with the new index as well."""
    mine, other = make(), make()
    mine.put(key("a"), envelope(5), UNBOUNDED)
    other.get(key("a"))
    change = sqlite3.connect(folder / "index.sqlite3")
    change.execute("DROP TABLE totals")
    change.close()
    assert other.put(key("b"), envelope(5), UNBOUNDED)
    assert mine.get(key("b")) is not None
    assert mine.get(key("a")) is None
    assert len(troubles) == 1
    troubles.clear()


def test_a_flipped_bit_anywhere_in_the_index_does_no_harm(folder, tmp_path):
    filled(folder, 8)
    whole = (folder / "index.sqlite3").read_bytes()
    order = random.Random(1)
    # The first pages hold what everything else hangs on; of the rest a sample.
    offsets = [*range(0, 4096, 61), *(order.randrange(len(whole)) for _ in range(SAMPLE))]
    for offset in offsets:
        spoilt = tmp_path / "spoilt"
        shutil.rmtree(spoilt, ignore_errors=True)
        shutil.copytree(folder, spoilt)
        changed = bytearray(whole)
        changed[offset] ^= 1 << order.randrange(8)
        (spoilt / "index.sqlite3").write_bytes(changed)
        told = []
        store = open_store(spoilt, on_trouble=told.append)
        for number in range(8):
            found = store.get(key(number))
            # Inline parts are for who opens the envelope to judge: the header says what they are.
            assert found is None or expected(found)[0] == payload(
                f"{number}-0", len(expected(found)[0])
            )
            assert found is None or found.group == "group"
        assert store.put(key("new"), envelope(5), UNBOUNDED)
        assert store.get(key("new")) is not None
        assert len(told) <= 9
        store.close()


def test_a_check_finds_each_kind_of_damage_and_repairs_it(store, folder, troubles):
    for number in range(6):
        store.put(key(number), envelope(LARGE if number % 2 else 50, seed=number), UNBOUNDED)
    change_index(folder, "UPDATE entries SET header = x'00' WHERE key = ?", key(0))
    change_index(folder, "UPDATE entries SET inline = zeroblob(50) WHERE key = ?", key(2))
    path = store_path(folder, store, 1)
    path.chmod(0o600)
    path.write_bytes(bytes(path.stat().st_size))
    store_path(folder, store, 3).unlink()
    change_index(folder, "UPDATE groups SET entries = 77")
    change_index(folder, "UPDATE totals SET size = 77")
    change_index(folder, "INSERT INTO contents VALUES (randomblob(32), 5)")
    (folder / "parts" / "ab").mkdir(exist_ok=True, parents=True)
    (folder / "parts" / "ab" / "tmp-1").write_bytes(b"half")
    for repair in (False, True):
        report = store.check(repair=repair, verify=objection)
        assert len(report.problems) == 7, report
        assert all(problem.repaired is repair for problem in report.problems)
        assert [path.name for path in report.left] == ["tmp-1"] or repair
    after = store.check(repair=False, verify=objection)
    assert after.sound
    assert after.left == ()
    assert {found for found, _ in store.entries()} == {key(4), key(5)}


def test_a_file_that_cannot_be_read_does_not_end_a_check(store):
    for number in range(3):
        store.put(key(number), envelope(LARGE, seed=number), UNBOUNDED)

    def verify(asked, found):
        if asked == key(1):
            raise OSError(errno.EIO, "Input/output error")
        return objection(asked, found)

    report = store.check(repair=False, verify=verify)
    assert report.entries == 3
    (problem,) = report.problems
    assert key(1).hex() in problem.what
    assert "Input/output error" in problem.reason


def store_path(folder, store, number):
    connection = sqlite3.connect(folder / "index.sqlite3")
    (content,) = connection.execute(
        "SELECT content FROM entries WHERE key = ?", (key(number),)
    ).fetchone()
    connection.close()
    return folder / "parts" / content.hex()[:2] / content.hex()
