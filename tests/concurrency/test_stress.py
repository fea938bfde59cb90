"""Many threads at once: calls, clears, expiry and eviction, against what must hold at any time."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise import MISSING, cache_data, cache_resource
from reprise.composition import make_outsides
from reprise.engine import runtime as runtimes
from reprise.hosts import Hosts
from reprise.hosts.terminal import TerminalHost
from reprise.testing import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(autouse=True)
def _runtime(clock):
    before = runtimes.current()
    fresh = runtimes.Runtime(clock, Hosts(TerminalHost(), {}), 200_000, make_outsides(clock))
    runtimes.use(fresh)
    yield
    fresh.close()
    runtimes.use(before)


def _together(work, threads=8):
    """Run ``work(seed)`` in that many threads that start together; raises what any raised."""
    barrier = threading.Barrier(threads)

    def start(seed):
        barrier.wait(10)
        return work(seed)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(start, range(threads)))


def test_every_answer_is_right_and_the_callers_own(clock):
    @cache_data(ttl=5, max_entries=6, show_spinner=False)
    def load(x, y=0):
        return {"x": [x], "y": y}

    def work(seed):
        choose = random.Random(seed)
        for _ in range(1_500):
            x, y = choose.randrange(10), choose.randrange(2)
            action = choose.random()
            if action < 0.85:
                value = load(x, y) if choose.random() < 0.5 else load(y=y, x=x)
                assert value == {"x": [x], "y": y}
                value["x"].append("mine")
            elif action < 0.9:
                peeked = load.peek(x, y)
                assert peeked is MISSING or peeked == {"x": [x], "y": y}
            elif action < 0.94:
                load.clear(x, y)
            elif action < 0.96:
                load.clear()
            elif action < 0.98:
                assert load.refresh(x, y) == {"x": [x], "y": y}
            else:
                clock.advance(choose.random() * 4)

    _together(work)
    info = load.cache_info()
    assert info.entries <= 6
    assert info.bytes >= 0


# Global, for what a function closes over is a part of its key, content and all.
MADE, RELEASED, VERSION, CLEARED = [], [], [0], [0]


class Connection:
    def __init__(self):
        MADE.append(self)


def test_every_resource_is_released_exactly_once(clock):
    MADE.clear(), RELEASED.clear()

    @cache_resource(ttl=5, max_entries=3, on_release=RELEASED.append, show_spinner=False)
    def connect(x):
        return Connection()

    def work(seed):
        choose = random.Random(seed)
        for _ in range(400):
            action = choose.random()
            if action < 0.9:
                connect(choose.randrange(6))
            elif action < 0.95:
                connect.clear(choose.randrange(6))
            elif action < 0.97:
                connect.clear()
            else:
                clock.advance(choose.random() * 4)

    _together(work)
    connect.clear()
    assert len(MADE) > 20
    assert sorted(map(id, RELEASED)) == sorted(map(id, MADE))


@pytest.mark.with_gil("one hit of a thousand goes uncounted")
def test_hits_are_counted_to_the_last_one():
    @cache_data(show_spinner=False)
    def load(x):
        return x

    load(1)
    _together(lambda _: [load(1) for _ in range(2_000)])
    assert load.cache_info().hits == 16_000


def test_nothing_that_was_cleared_comes_back():
    """A writer changes the source and clears; after that nobody may see what was before."""
    VERSION[0] = CLEARED[0] = 0
    finished = threading.Event()

    @cache_data(show_spinner=False)
    def load():
        return VERSION[0]

    def work(seed):
        if seed == 0:
            for version in range(1, 300):
                VERSION[0] = version
                load.clear()
                CLEARED[0] = version
            finished.set()
            return
        while not finished.is_set():
            at_least = CLEARED[0]
            assert load() >= at_least

    _together(work, threads=4)
    assert load() == 299


def test_groups_may_come_while_all_are_cleared():
    def make(n):
        @cache_data(show_spinner=False)
        def scale(x):
            return x * n

        return scale

    def work(seed):
        for n in range(200):
            if seed == 0:
                cache_data.clear()
            else:
                assert make(seed * 1_000 + n)(2) == 2 * (seed * 1_000 + n)

    _together(work, threads=4)
