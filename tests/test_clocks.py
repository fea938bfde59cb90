from __future__ import annotations

import math
import threading
import time

from reprise.clocks import SystemClock


def test_it_tells_the_time_of_the_system():
    clock = SystemClock()
    before = time.time(), time.monotonic()
    told = clock.time(), clock.monotonic()
    after = time.time(), time.monotonic()
    assert before[0] <= told[0] <= after[0]
    assert before[1] <= told[1] <= after[1]


def test_a_wait_ends_when_the_time_is_up():
    clock, condition = SystemClock(), threading.Condition()
    start = clock.monotonic()
    with condition:
        clock.wait(condition, 0.01)
    assert clock.monotonic() - start >= 0.009


def test_a_wait_without_end_ends_when_it_is_notified():
    clock, condition, woken = SystemClock(), threading.Condition(), threading.Event()
    waiting = threading.Event()

    def sleep():
        with condition:
            waiting.set()
            clock.wait(condition, math.inf)
        woken.set()

    thread = threading.Thread(target=sleep)
    thread.start()
    assert waiting.wait(30)
    with condition:
        condition.notify_all()
    thread.join(30)
    assert woken.is_set()
