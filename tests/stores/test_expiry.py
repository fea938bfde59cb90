from __future__ import annotations

import math
import queue
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.contracts import Removal
from reprise.stores import MemoryStore, Sweeper
from reprise.stores.expiry import Deadlines
from reprise.testing import FakeClock
from reprise.testing.stores import UNBOUNDED, make_entry

STEPS = st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 5)), max_size=100)


@given(steps=STEPS)
def test_deadlines_agree_with_a_plain_dictionary(steps):
    deadlines, times = Deadlines(), {}
    for key, time in steps:
        deadlines.discard(key)
        times.pop(key, None)
        if time is not None:
            deadlines.add(key, float(time))
            times[key] = float(time)
        assert deadlines.next() == min(times.values(), default=math.inf)
        assert len(deadlines) == len(times)
        for now in (-1.0, 2.0, math.inf):
            overdue = deadlines.overdue(now)
            due = [time for time in times.values() if time <= now]
            assert (times[overdue] if overdue is not None else None) == min(due, default=None)


def test_keys_that_left_early_do_not_pile_up():
    deadlines = Deadlines()
    for number in range(5_000):
        deadlines.discard("replaced again and again")
        deadlines.add("replaced again and again", float(number))
    assert len(deadlines._heap) < 100
    for number in range(5_000):
        deadlines.add(number, float(number))
    for number in range(5_000):
        deadlines.discard(number)
    assert len(deadlines._heap) < 100


def test_keys_without_an_order_may_expire_at_the_same_time():
    deadlines = Deadlines()
    for key in (1, "one", None, (1, "one")):
        deadlines.add(key, 5.0)
    assert deadlines.next() == 5.0


@pytest.fixture
def clock():
    return FakeClock(monotonic=0.0)


@pytest.fixture
def left():
    return queue.Queue()


@pytest.fixture
def store(left):
    return MemoryStore(math.inf, lambda key, _, reason, __: left.put((key, reason)))


@pytest.fixture
def sweeper(store, clock):
    sweeper = Sweeper(store, clock)
    yield sweeper
    sweeper.stop()


@pytest.fixture
def keep(store, sweeper):
    def keep(key, expires):
        store.put(key, make_entry(expires=expires), UNBOUNDED)
        sweeper.notice(expires)

    return keep


def sweeper_threads():
    return [thread for thread in threading.enumerate() if thread.name == "reprise-sweeper"]


def test_an_entry_leaves_at_its_time_though_nobody_calls(keep, clock, left):
    keep("a", 10.1)
    clock.wait_for_sleepers()
    clock.advance(10.0)
    assert left.empty()
    clock.advance(0.1)
    assert left.get(timeout=30) == ("a", Removal.EXPIRED)


def test_each_entry_leaves_at_its_own_time(keep, clock, left):
    for key, expires in (("late", 30.0), ("early", 10.0), ("between", 20.0)):
        keep(key, expires)
    for key in ("early", "between", "late"):
        clock.wait_for_sleepers()
        clock.advance(10.0)
        assert left.get(timeout=30) == (key, Removal.EXPIRED)
        assert left.empty()


def test_an_earlier_one_that_comes_later_is_not_slept_through(keep, clock, left):
    keep("late", 1000.0)
    clock.wait_for_sleepers()
    keep("early", 10.0)
    clock.advance(10.0)
    assert left.get(timeout=30) == ("early", Removal.EXPIRED)


def test_there_is_no_thread_before_anything_can_expire(store, sweeper):
    store.put("a", make_entry(), UNBOUNDED)
    sweeper.notice(math.inf)
    assert sweeper_threads() == []


def test_the_thread_ends_when_nothing_is_left_and_comes_back_on_demand(keep, clock, left):
    for key in "ab":
        keep(key, clock.monotonic() + 5.0)
        (thread,) = sweeper_threads()
        clock.advance(5.0)
        assert left.get(timeout=30) == (key, Removal.EXPIRED)
        thread.join(30)
        assert sweeper_threads() == []


def test_a_notice_just_when_the_thread_ends_starts_another(keep, store, sweeper, clock, left):
    class Meddling(threading.Condition):
        exits_when_empty = 0

        def __exit__(self, *error):
            super().__exit__(*error)
            if threading.current_thread() in sweeper_threads() and store.usage().entries == 0:
                self.exits_when_empty += 1
                if self.exits_when_empty == 2:  # after the sweep, and after it decided to end
                    keep("b", 9.0)

    sweeper._condition = Meddling()
    keep("a", 5.0)
    clock.wait_for_sleepers()
    clock.advance(5.0)
    assert left.get(timeout=30) == ("a", Removal.EXPIRED)
    clock.wait_for_sleepers()
    clock.advance(4.0)
    assert left.get(timeout=30) == ("b", Removal.EXPIRED)


def test_there_is_one_thread_however_many_entries_there_are(keep):
    for number in range(50):
        keep(number, 100.0 - number)
    assert len(sweeper_threads()) == 1


def test_an_entry_that_left_earlier_costs_one_wakeup(keep, store, clock, left):
    keep("a", 5.0)
    keep("b", 9.0)
    store.remove("a", Removal.CLEARED)
    clock.wait_for_sleepers()
    clock.advance(5.0)
    clock.wait_for_sleepers()
    clock.advance(4.0)
    assert [left.get(timeout=30) for _ in range(2)] == [
        ("a", Removal.CLEARED),
        ("b", Removal.EXPIRED),
    ]


def test_a_failing_sweep_is_logged_and_tried_again(clock, caplog):
    sweeps: queue.Queue[float] = queue.Queue()

    class Failing:
        def sweep(self, now):
            sweeps.put(now)
            if now < 50:
                raise OSError("the store failed")
            return math.inf

    sweeper = Sweeper(Failing(), clock)
    sweeper.notice(5.0)
    clock.wait_for_sleepers()
    clock.advance(5.0)
    assert sweeps.get(timeout=30) == 5.0
    clock.wait_for_sleepers()
    assert "OSError: the store failed" in caplog.text
    clock.advance(60.0)
    assert sweeps.get(timeout=30) == 65.0
    sweeper.stop()


def test_a_failing_clock_ends_the_thread_and_not_the_sweeping(store, left, caplog):
    class Failing(FakeClock):
        def wait(self, condition, timeout):
            raise OverflowError("timeout is too large")

    clock = Failing(monotonic=0.0)
    sweeper = Sweeper(store, clock)
    store.put("a", make_entry(expires=5.0), UNBOUNDED)
    sweeper.notice(5.0)
    for thread in sweeper_threads():
        thread.join(30)
    assert "OverflowError: timeout is too large" in caplog.text
    clock.advance(5.0)
    sweeper.notice(6.0)
    assert left.get(timeout=30) == ("a", Removal.EXPIRED)
    sweeper.stop()


def test_a_platform_without_threads_is_told_once_and_goes_on(store, clock, monkeypatch, caplog):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    Sweeper(store, clock).notice(5.0)
    assert "can't start new thread" in caplog.text


def test_what_is_noticed_while_sweeping_is_swept_as_well(clock):
    sweeps: queue.Queue[float] = queue.Queue()

    class Slow:
        def sweep(self, now):
            if now < 7.0:
                sweeper.notice(7.0)
            sweeps.put(now)
            return math.inf

    sweeper = Sweeper(Slow(), clock)
    sweeper.notice(5.0)
    clock.wait_for_sleepers()
    clock.advance(5.0)
    assert sweeps.get(timeout=30) == 5.0
    clock.wait_for_sleepers()
    clock.advance(2.0)
    assert sweeps.get(timeout=30) == 7.0
    sweeper.stop()


def test_it_may_be_stopped_by_what_it_sweeps(clock):
    stopped = threading.Event()

    class Stopping:
        def sweep(self, now):
            sweeper.stop()
            stopped.set()
            return now + 1.0

    sweeper = Sweeper(Stopping(), clock)
    clock.advance(5.0)
    sweeper.notice(5.0)
    threads = sweeper_threads()
    assert stopped.wait(30)
    for thread in threads:
        thread.join(30)
    assert sweeper_threads() == []


def test_a_program_ends_though_entries_are_still_to_expire():
    program = """
import math
from reprise.clocks import SystemClock
from reprise.stores import MemoryStore, Sweeper
from reprise.testing.stores import UNBOUNDED, make_entry
store = MemoryStore(math.inf, lambda *_: None)
sweeper = Sweeper(store, SystemClock())
expires = SystemClock().monotonic() + 3600.0
store.put("a", make_entry(expires=expires), UNBOUNDED)
sweeper.notice(expires)
print("done")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert (ended.stdout, ended.stderr) == ("done\n", "")
