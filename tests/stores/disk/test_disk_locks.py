"""One computation per key across processes."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from disk_helpers import UNBOUNDED, envelope, key, part_files

from reprise.contracts import Removal
from reprise.errors import StoreError
from reprise.stores.disk import locks
from reprise.stores.disk.locks import LibraryLock

LARGE = 100_000

# Threads are the point of some of these tests. (Python 3.12 and newer warn.)
pytestmark = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)


waiting = []


@pytest.fixture(autouse=True)
def no_child_is_left():
    yield
    for child in waiting.copy():
        child.kill()


class Child:
    """A forked process that does ``work`` and then waits to be killed, or ends."""

    def __init__(self, work, waits=True):
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            answer = b"!"
            try:
                os.close(reading)
                answer = repr(work()).encode()
            finally:
                os.write(writing, answer)
                if waits:
                    signal.pause()
                os._exit(0)
        os.close(writing)
        if waits:
            waiting.append(self)
        with os.fdopen(reading) as pipe:
            self.answer = pipe.read(100) if not waits else os.read(pipe.fileno(), 100).decode()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        waiting.remove(self)

    def wait(self):
        os.waitpid(self.pid, 0)


@pytest.fixture(params=["flock", "library"])
def lock(request, store, tmp_path):
    """Makes locks of a key, of each of the two kinds."""
    if request.param == "flock":
        return lambda name: store.lock(key(name))
    return lambda name: LibraryLock(tmp_path / "locks" / name)


def test_one_of_all_gets_it_until_it_lets_go(lock):
    mine, other = lock("a"), lock("a")
    assert mine.try_acquire()
    assert not other.try_acquire()
    assert not mine.try_acquire()
    assert lock("b").try_acquire()
    mine.release()
    assert other.try_acquire()
    assert not mine.try_acquire()
    other.release()
    other.release()


def test_letting_go_of_what_is_not_held_takes_it_from_nobody(lock):
    mine, other = lock("a"), lock("a")
    assert mine.try_acquire()
    other.release()
    assert not other.try_acquire()
    mine.release()


def test_of_many_threads_one_gets_it(lock):
    barrier, got = threading.Barrier(8), []

    def run():
        mine = lock("a")
        barrier.wait()
        if mine.try_acquire():
            got.append(mine)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    got[0].release()


def test_a_killed_holder_loses_it_at_once(make):
    held = []

    def hold():
        held.append(make().lock(key("a")))
        return held[0].try_acquire()

    child = Child(hold)
    assert child.answer == "True"
    mine = make().lock(key("a"))
    assert not mine.try_acquire()
    child.kill()
    assert mine.try_acquire()
    mine.release()


def test_a_lock_that_is_forgotten_is_free(store):
    lost = store.lock(key("a"))
    assert lost.try_acquire()
    del lost
    assert store.lock(key("a")).try_acquire()


def test_a_forked_child_holds_nothing_of_its_parent(store, make):
    mine = store.lock(key("a"))
    assert mine.try_acquire()
    child = Child(lambda: (mine.release(), store.lock(key("a")).try_acquire()))
    assert child.answer == "(None, False)"
    mine.release()
    assert store.lock(key("a")).try_acquire()
    child.kill()


def test_a_child_forked_inside_a_write_keeps_no_gate(make):
    children = []

    def fork(step):
        if step == "file named":
            children.append(Child(lambda: 1))

    store = make(steps=fork)
    assert store.put(key("a"), envelope(LARGE), UNBOUNDED)
    store.remove(key("a"), Removal.CLEARED)
    assert part_files(store.folder) == []
    children[0].kill()


def test_a_forked_child_uses_the_store_without_harm_to_its_parent(store):
    store.put(key("a"), envelope(LARGE), UNBOUNDED)

    assert store._index._open

    def work():
        # What SQLite knows of its locks must not be inherited: all was closed before the fork.
        assert not store._index._open
        assert store.get(key("a")) is not None
        return store.put(key("child"), envelope(5), UNBOUNDED)

    for _ in range(3):
        child = Child(work, waits=False)
        child.wait()
        assert child.answer == "True"
    assert store.get(key("child")) is not None
    assert store.put(key("parent"), envelope(5), UNBOUNDED)
    assert store.check(repair=False, verify=lambda *_: None).sound


def test_a_fork_while_another_thread_writes_does_no_harm(store):
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            store.put(key(number % 5), envelope(LARGE, seed=number), UNBOUNDED)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(20):
            child = Child(lambda: store.put(key("child"), envelope(5), UNBOUNDED), waits=False)
            child.wait()
            assert child.answer == "True"
    finally:
        stop.set()
        thread.join()
    assert store.check(repair=False, verify=lambda *_: None).sound


def test_who_gets_a_lock_whose_file_was_swept_tries_again(store, monkeypatch):
    """Or two would hold the lock of one key, each on a file of its own."""
    first = store.lock(key("a"))
    assert first.try_acquire()
    first.release()
    real, swept = locks.take, []

    def take(descriptor):
        if not swept:
            (path,) = (store.folder / "locks" / "keys").glob("*/*")
            swept.append(path.unlink())
        return real(descriptor)

    monkeypatch.setattr(locks, "take", take)
    mine = store.lock(key("a"))
    assert mine.try_acquire()
    assert not store.lock(key("a")).try_acquire()


def test_where_there_are_no_locks_everyone_gets_one_and_hears_of_it_once(
    store, monkeypatch, troubles
):
    monkeypatch.setattr(locks, "take", lambda _: locks.Got.UNSUPPORTED)
    for _ in range(2):
        assert store.lock(key("a")).try_acquire()
    (told,) = troubles
    assert "file locks" in told
    troubles.clear()


def test_a_lock_that_cannot_be_made_is_an_error_of_the_store(make, tmp_path):
    (tmp_path / "cache").write_bytes(b"a file, not a folder")
    with pytest.raises(StoreError, match="lock"):
        make().lock(key("a")).try_acquire()
