"""Who vouches for the bytes of a file, and when that ends."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest
from disk_helpers import UNBOUNDED, envelope, expected, key, part_files, payload_of

LARGE = 100_000


@pytest.fixture
def path(store, folder):
    store.put(key("a"), envelope(LARGE, 5), UNBOUNDED)
    (path,) = part_files(folder)
    return path


def witnessed(store, name="a"):
    return store.get(key(name)).parts.witnessed


def test_who_wrote_a_file_vouches_for_it_in_every_process(make, path):
    assert witnessed(make())


def test_whoever_writes_to_a_file_ends_that_at_every_offset(make, path):
    store = make()
    path.chmod(0o600)
    # A change of the mode is a change of the file, too.
    assert not witnessed(store)
    store.get(key("a")).parts.witness()
    assert witnessed(store)
    for offset in range(0, path.stat().st_size, 997):
        with path.open("r+b") as file:
            file.seek(offset)
            byte = file.read(1)
            file.seek(offset)
            file.write(bytes([byte[0] ^ 1]))
        assert not witnessed(store), offset
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(byte)
        store.get(key("a")).parts.witness()


def test_times_that_are_set_back_hide_nothing(make, path):
    store, before = make(), path.stat()
    path.chmod(0o600)
    path.write_bytes(bytes(before.st_size))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    path.chmod(before.st_mode)
    assert not witnessed(store)


def test_in_a_copied_folder_nobody_vouches_until_somebody_has_looked(make, path, folder, tmp_path):
    from disk_helpers import open_store

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    store = open_store(copy)
    first = store.get(key("a"))
    assert not first.parts.witnessed
    assert payload_of(first) == expected(first)
    first.parts.witness()
    assert first.parts.witnessed
    assert witnessed(store)
    store.close()


def test_what_is_written_while_somebody_looks_is_not_vouched_for(make, path):
    store = make()
    path.chmod(0o600)
    found = store.get(key("a"))
    with path.open("r+b") as file:
        file.write(b"x")
    found.parts.witness()
    assert not found.parts.witnessed
    assert not witnessed(store)


def test_the_file_has_a_time_that_no_writer_would_give_it(path):
    """Even within a tick of the file system's clock a write is seen."""
    before = path.stat().st_mtime_ns
    path.chmod(0o600)
    assert path.stat().st_mtime_ns == before
    assert before < 1_600_000_000 * 10**9
    with path.open("r+b") as file:
        file.write(b"x")
    assert path.stat().st_mtime_ns > 1_600_000_000 * 10**9


def change_index(folder, statement, *values):
    connection = sqlite3.connect(folder / "index.sqlite3")
    with connection:
        changed = connection.execute(statement, values).rowcount
    connection.close()
    assert changed > 0


def test_the_voucher_of_another_entry_is_worth_nothing(make, path, folder, troubles):
    store = make()
    store.put(key("b"), envelope(LARGE, 5, seed=1), UNBOUNDED)
    change_index(
        folder,
        "UPDATE entries SET witness = (SELECT witness FROM entries WHERE key = ?) WHERE key = ?",
        key("b"),
        key("a"),
    )
    assert not witnessed(store)
    assert witnessed(store, "b")
    # And the file itself under the name of the other.
    first, second = part_files(folder)
    first.replace(second)
    assert not any(
        found is not None and found.parts.witnessed
        for found in (store.get(key("a")), store.get(key("b")))
    )
    troubles.clear()


@pytest.mark.parametrize("witness", [None, b"", b"short", bytes(32), bytes(80)])
def test_a_voucher_that_nobody_signed_is_none(make, path, folder, witness):
    change_index(folder, "UPDATE entries SET witness = ?", witness)
    assert not witnessed(make())


def test_a_voucher_with_a_made_up_signature_is_none(make, path, folder):
    change_index(
        folder, "UPDATE entries SET witness = CAST(zeroblob(32) || substr(witness, 33) AS BLOB)"
    )
    assert not witnessed(make())


def test_a_voucher_signed_with_another_secret_is_none(make, path, folder, troubles):
    assert make(secret=b"another secret of another deployment").get(key("a")) is None
    assert "another secret" in troubles.pop()
