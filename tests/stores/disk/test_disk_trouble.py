"""When the disk, or somebody else, does not let us: errors of the store, and nothing half-done."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from disk_helpers import UNBOUNDED, envelope, key, objection, open_store, part_files, payload_of

from reprise.contracts import Bounds, Removal
from reprise.envelopes import Moment
from reprise.errors import RepriseError, StoreError
from reprise.stores.disk import files

LARGE = 100_000

is_root = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.parametrize("failing", ["write", "fsync", "ftruncate"])
def test_a_full_disk_is_an_error_of_the_store_and_leaves_nothing(
    store, folder, monkeypatch, failing
):
    store.put(key("a"), envelope(LARGE, seed="old"), UNBOUNDED)
    before = part_files(folder)
    real, calls = getattr(os, failing), []

    def full(*args):
        calls.append(args)
        if failing == "write" and len(calls) == 1:
            return real(*args)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(StoreError, match="No space left") as caught:
        store.put(key("a"), envelope(LARGE, seed="new"), UNBOUNDED)
    assert isinstance(caught.value, RepriseError)
    assert isinstance(caught.value.__cause__, OSError)
    monkeypatch.undo()
    assert calls
    assert part_files(folder) == before
    assert payload_of(store.get(key("a"))) is not None
    assert store.put(key("b"), envelope(LARGE, seed="new"), UNBOUNDED)


def test_a_disk_that_is_really_full(small_disk):
    (small_disk / "filler").write_bytes(bytes(500_000))
    store = open_store(small_disk / "cache")
    refused = 0
    for number in range(200):
        size = 50_000 if number % 2 else 300_000
        try:
            store.put(key(number), envelope(size, seed=number), UNBOUNDED)
        except StoreError:
            refused += 1
        for back in range(max(0, number - 3), number + 1):
            found = store.get(key(back))
            assert found is None or objection(None, found) is None
    assert refused > 0
    assert store.check(repair=False, verify=objection).sound
    (small_disk / "filler").unlink()
    assert store.clear() > 0
    assert store.put(key("a"), envelope(300_000), UNBOUNDED)
    store.close()


def test_a_folder_that_cannot_be_written(small_disk):
    store = open_store(small_disk / "cache")
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    other = open_store(small_disk / "cache")
    for use in uses(other):
        with pytest.raises(StoreError):
            use()
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert other.get(key("a")) is not None
    other.close()


def uses(store):
    return [
        lambda: store.get(key("a")),
        lambda: store.version(key("a")),
        lambda: store.put(key("a"), envelope(5), UNBOUNDED),
        lambda: store.put(key("a"), envelope(LARGE), UNBOUNDED),
        lambda: store.remove(key("a"), Removal.CLEARED),
        store.clear,
        lambda: store.moment("group"),
        store.supersede,
        lambda: store.keep(key("a"), envelope(5), UNBOUNDED, since=Moment(0, 0)),
        lambda: store.count_clear("group"),
        store.usage,
        store.entries,
        lambda: store.sweep(0.0),
        lambda: store.check(repair=True, verify=objection),
        lambda: store.set_aside(key("a"), 1, "a reason"),
        lambda: store.lock(key("a")).try_acquire(),
    ]


@pytest.mark.skipif(not is_root, reason="only root can become somebody else")
def test_a_folder_of_somebody_else(store, folder):
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    child = os.fork()
    if child == 0:
        code = 3
        try:
            os.setuid(65534)
            stranger = open_store(folder)
            for use in uses(stranger):
                try:
                    use()
                except StoreError:
                    continue
                os._exit(4)
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_where_the_folder_should_be(make, folder):
    folder.write_bytes(b"")
    for use in uses(make()):
        with pytest.raises(StoreError):
            use()


@pytest.mark.parametrize("large", [False, True])
def test_a_folder_deleted_while_it_is_open_is_made_anew(make, folder, large):
    put = envelope(LARGE if large else 5)
    mine, other = make(), make()
    for _ in range(3):
        assert mine.put(key("a"), put, UNBOUNDED)
        found = other.get(key("a"))
        before = other.moment("group").clears
        shutil.rmtree(folder)
        assert other.get(key("a")) is None
        assert other.moment("group").clears != before, "who computes meanwhile must notice"
        assert objection(None, found) is None, "what was handed out is still there"
        assert other.lock(key("a")).try_acquire()
    assert mine.get(key("a")) is None
    assert mine.put(key("a"), put, UNBOUNDED)
    assert other.get(key("a")) is not None
    assert other.check(repair=False, verify=objection).sound


def test_an_index_that_another_keeps_locked_is_an_error_and_no_hang(make, folder, monkeypatch):
    monkeypatch.setattr("reprise.stores.disk.index._PATIENCE_SECONDS", 0.05)
    store = make()
    store.put(key("a"), envelope(5), UNBOUNDED)
    hog = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
    hog.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        store.put(key("b"), envelope(5), UNBOUNDED)
    assert store.get(key("a")) is not None
    hog.execute("ROLLBACK")
    hog.close()
    assert store.put(key("b"), envelope(5), UNBOUNDED)


def test_a_gate_that_another_keeps_shut_is_an_error_and_no_hang(make, folder, monkeypatch):
    import fcntl

    monkeypatch.setattr(files, "_PATIENCE_SECONDS", 0.05)
    store = make()
    store.put(key("a"), envelope(LARGE), UNBOUNDED)
    (path,) = part_files(folder)
    gate = os.open(folder / "locks" / "parts" / path.name[:2], os.O_RDWR)
    fcntl.flock(gate, fcntl.LOCK_EX)
    with pytest.raises(StoreError, match="has held"):
        store.put(key("b"), envelope(LARGE), UNBOUNDED)
    assert store.remove(key("a"), Removal.CLEARED), "its file is left for the sweeper"
    assert part_files(folder) == [path]
    os.close(gate)
    for _ in range(32):
        store.sweep(0.0)
    assert part_files(folder) == []


def test_a_part_that_is_not_what_it_says_is_an_error(store, folder):
    wrong = envelope(LARGE)
    short = type(wrong.parts[0])(LARGE + 1, wrong.parts[0].digest, wrong.parts[0].chunks)
    with pytest.raises(StoreError, match="turned out to have 100000"):
        store.put(key("a"), type(wrong)(b"header", "group", 0.0, parts=(short,)), UNBOUNDED)
    assert part_files(folder) == []


def test_a_thread_that_ends_leaves_no_connection(store):
    def work():
        store.put(key("a"), envelope(5), Bounds(entries=1))

    for _ in range(10):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(store._index._open) == 1


def test_a_program_that_ends_with_an_open_store_ends_quietly(folder):
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from disk_helpers import *\n"
        f"store = open_store({str(folder)!r})\n"
        f"store.put(key('a'), envelope({LARGE}), UNBOUNDED)\n"
        "found = store.get(key('a'))\n"
        "lock = store.lock(key('a')); lock.try_acquire()\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
