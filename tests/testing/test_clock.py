from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.testing import FakeClock


@pytest.fixture
def clock():
    return FakeClock(monotonic=10.0, time=1_000.0)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def sleep(clock):
    def sleep(timeout, condition=None):
        condition = condition or threading.Condition()
        with condition:
            clock.wait(condition, timeout)
        return clock.monotonic()

    return sleep


def test_time_stands_still_until_it_is_moved(clock):
    assert (clock.monotonic(), clock.time()) == (10.0, 1_000.0)
    clock.advance(2.5)
    assert (clock.monotonic(), clock.time()) == (12.5, 1_002.5)


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_time_does_not_go_back(clock, seconds):
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(seconds)


def test_a_sleeper_wakes_when_its_time_has_come_and_no_sooner(clock, pool, sleep):
    short, long = pool.submit(sleep, 5.0), pool.submit(sleep, 7.0)
    clock.wait_for_sleepers(2)
    clock.advance(4.0)
    clock.wait_for_sleepers(2)
    clock.advance(1.0)
    assert short.result(30) == 15.0
    clock.wait_for_sleepers(1)
    clock.advance(2.0)
    assert long.result(30) == 17.0


def test_a_sleeper_wakes_when_it_is_notified(clock, pool, sleep):
    condition = threading.Condition()
    sleeper = pool.submit(sleep, 5.0, condition)
    clock.wait_for_sleepers()
    with condition:
        condition.notify()
    assert sleeper.result(30) == 10.0


@pytest.mark.parametrize("timeout", [0.0, -1.0])
def test_a_wait_that_is_over_already_returns_at_once(sleep, timeout):
    assert sleep(timeout) == 10.0


def test_a_clock_moved_between_reading_it_and_waiting_is_not_missed(clock):
    condition = threading.Condition()
    remaining = 15.0 - clock.monotonic()
    mover = threading.Thread(target=clock.advance, args=(5.0,))
    mover.start()
    mover.join()
    with condition:
        clock.wait(condition, remaining)
    assert clock.monotonic() == 15.0


def test_a_deadline_that_rounding_took_past_the_time_is_reached(clock, pool, sleep):
    for step in (0.1, 0.7, 1.1, 10.1):
        sleeper = pool.submit(sleep, (clock.monotonic() + step) - clock.monotonic())
        clock.wait_for_sleepers()
        clock.advance(step)
        sleeper.result(30)


def test_a_clock_that_nobody_moves_says_so_instead_of_hanging():
    clock, condition = FakeClock(limit=0.01), threading.Condition()
    with condition, pytest.raises(TimeoutError, match="moved the clock"):
        clock.wait(condition, 5.0)
    with pytest.raises(TimeoutError, match="0 of 1 threads"):
        clock.wait_for_sleepers()
