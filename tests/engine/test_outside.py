"""When a store outside of the process is swept, and told of hits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from reprise.engine.outside import REST, SLOW_TROUBLE, TENDED_EVERY, Outside
from reprise.signing import Signer
from reprise.testing import FakeClock


class Store:
    """Notes when it is swept."""

    def __init__(self, clock):
        self.clock = clock
        self.swept = []
        self.due = math.inf
        self.flushed = 0

    def flush(self):
        self.flushed += 1

    def sweep(self, now):
        self.swept.append(self.clock.monotonic())
        return self.due


@dataclass
class AtOnce:
    """Runs what it is given, where a refresher has a thread for it."""

    given: list[object] = field(default_factory=list)

    def submit(self, job):
        self.given.append(job)
        job()


@pytest.fixture
def clock():
    return FakeClock(monotonic=100.0)


@pytest.fixture
def outside(clock):
    return Outside(Store(clock), Signer(b"sixteen or more bytes"), clock, "a store")


def test_who_misses_has_it_swept_once_a_minute(outside, clock):
    for _ in range(130):
        outside.tend(AtOnce())
        clock.advance(1.0)
    assert outside.store.swept == [100.0, 160.0, 220.0]


def test_what_is_left_is_swept_at_the_next_miss(outside, clock):
    outside.store.due = 0.0
    for _ in range(3):
        outside.tend(AtOnce())
        clock.advance(1.0)
    assert outside.store.swept == [100.0, 101.0, 102.0]


def test_the_first_hits_of_a_process_wait_for_no_sweep(outside, clock):
    refresher = AtOnce()
    while clock.monotonic() < 100.0 + TENDED_EVERY:
        outside.tend_later(refresher)
        clock.advance(7.0)
    assert refresher.given == []
    outside.tend_later(refresher)
    outside.tend_later(refresher)
    assert len(refresher.given) == 1


def test_a_miss_between_the_first_hits_has_it_swept(outside, clock):
    outside.tend_later(AtOnce())
    clock.advance(1.0)
    outside.tend(AtOnce())
    assert outside.store.swept == [101.0]
    clock.advance(TENDED_EVERY - 1.5)
    outside.tend_later(AtOnce())
    clock.advance(1.0)
    outside.tend_later(AtOnce())
    assert outside.store.swept == [101.0]  # a minute since the first hit, not since the sweep
    clock.advance(1.0)
    outside.tend_later(AtOnce())
    assert len(outside.store.swept) == 2


def test_the_end_of_the_process_does_not_wait_once_more_for_a_store_with_slow_trouble(
    outside, clock
):
    outside.had_trouble(SLOW_TROUBLE)
    outside.flush()
    assert outside.store.flushed == 0
    clock.advance(REST)
    outside.flush()
    assert outside.store.flushed == 1
