from __future__ import annotations

import gc
import math
import os
import queue
import threading
import traceback
import weakref

import pytest

from reprise import forks
from reprise.contracts import GroupUsage
from reprise.flights import FlightTable
from reprise.keys import digest
from reprise.stores import MemoryStore, Sweeper
from reprise.testing import FakeClock
from reprise.testing.stores import UNBOUNDED, RemovalLog, make_entry

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork"),
    # That a thread is there is the point of these tests. (Python 3.12 and newer warn.)
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

PATIENCE = 30


def in_child(work):
    """Runs ``work`` in a forked child; fails with what failed there, and if it hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            timer = threading.Timer(PATIENCE, os._exit, [9])
            timer.daemon = True
            timer.start()
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001  the parent is told of it
            os.write(writing, traceback.format_exc().encode())
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as report:
        said = report.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == 0, said or f"the child ended with {code} (9: it hung)"


@pytest.fixture
def held():
    """Keeps a thread inside of ``enter(hold)`` until the test is over."""
    go_on, threads = threading.Event(), []

    def held(enter):
        inside = threading.Event()

        def hold():
            inside.set()
            return go_on.wait(PATIENCE)

        thread = threading.Thread(target=enter, args=(hold,))
        thread.start()
        threads.append(thread)
        assert inside.wait(PATIENCE)

    yield held
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)


def test_a_child_can_use_a_store_that_a_thread_was_changing(held):
    log = RemovalLog()
    store = MemoryStore(100, log)
    store.put("a", make_entry(size=10), UNBOUNDED)
    held(lambda hold: store.put("half-made", make_entry(size=7), UNBOUNDED, when=hold))

    def work():
        assert store.put("b", make_entry(size=95), UNBOUNDED)
        assert store.usage() == GroupUsage(1, 95)
        assert [key for key, _, _ in log.removals] == ["a"]

    in_child(work)


def test_a_change_that_was_half_made_when_the_process_forked_is_repaired(held):
    class Slow(dict):
        def __setitem__(self, key, entry):
            super().__setitem__(key, entry)
            if key == "half-made":
                self.hold()

    store = MemoryStore(100, lambda *_: None)
    store._entries = Slow()
    store.put("a", make_entry(size=10), UNBOUNDED)

    def change(hold):
        store._entries.hold = hold
        store.put("half-made", make_entry(size=7, expires=3.0), UNBOUNDED)

    def work():
        assert store.usage() == GroupUsage(2, 17)
        assert store.sweep(3.0) == math.inf
        assert store.usage() == GroupUsage(1, 10)

    held(change)
    in_child(work)


def test_a_child_waits_for_no_flight_of_its_parent(held):
    flights = FlightTable()

    def lead(hold):
        flight, _ = flights.join("a", "load")
        with flight.leading(), flights.lock:
            hold()

    def work():
        flight, leads = flights.join("a", "load")
        assert leads
        with flight.leading():
            flight.finish("of the child")
        assert flight.wait().result == "of the child"

    held(lead)
    in_child(work)


def test_a_child_sweeps_for_itself():
    clock, left = FakeClock(monotonic=0.0), queue.Queue()
    store = MemoryStore(math.inf, lambda key, *_: left.put(key))
    sweeper = Sweeper(store, clock)
    store.put("a", make_entry(expires=5.0), UNBOUNDED)
    sweeper.notice(5.0)
    clock.wait_for_sleepers()

    def work():
        own = FakeClock(monotonic=0.0)  # the parent's clock is itself full of locks
        sweeper._clock = own
        store.put("b", make_entry(expires=6.0), UNBOUNDED)
        sweeper.notice(6.0)
        own.wait_for_sleepers()
        own.advance(6.0)
        assert {left.get(timeout=PATIENCE) for _ in range(2)} == {"a", "b"}

    in_child(work)
    assert left.empty()
    sweeper.stop()


def test_what_is_watched_is_not_kept_alive():
    class Forkable:
        def after_fork(self):
            raise AssertionError("it is gone")

    forkable = Forkable()
    forks.watch(forkable)
    alive = weakref.ref(forkable)
    del forkable
    gc.collect()
    assert alive() is None
    in_child(lambda: None)


def test_a_child_digests_large_values_although_threads_of_the_parent_did():
    large = bytes(8 << 20)
    expected = digest(large)
    in_child(lambda: check(digest(large) == expected))


def check(holds):
    assert holds
