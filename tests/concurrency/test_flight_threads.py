from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.errors import RecursiveCallError
from reprise.flights import FlightTable

PATIENCE = 60


@pytest.fixture
def flights():
    return FlightTable()


@pytest.fixture
def in_threads():
    """Runs ``work(0), work(1), ...``, each in a thread of its own."""

    def in_threads(work, threads):
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, range(threads), timeout=PATIENCE))

    return in_threads


def test_two_hundred_threads_share_one_computation(flights, in_threads):
    everyone, runs = threading.Barrier(200), []

    def work(_):
        flight, leads = flights.join("a", "load")
        everyone.wait(PATIENCE)
        if not leads:
            return flight.wait().result
        with flight.leading():
            runs.append(1)
            flight.finish("shared")
            return "shared"

    assert in_threads(work, 200) == ["shared"] * 200
    assert runs == [1]


def test_each_round_of_hand_overs_has_one_leader(flights, in_threads):
    """Nine leaders out of ten give up; all are served in the end, one computation at a time."""
    at_work = threading.Lock()
    given_up = []

    def work(number):
        dice = random.Random(number)
        while True:
            flight, leads = flights.join("a", "load")
            if not leads:
                outcome = flight.wait()
                if outcome.finished:
                    return outcome.result
                continue
            with flight.leading():
                assert at_work.acquire(blocking=False), "two lead at one time"
                try:
                    if dice.random() < 0.9:
                        given_up.append(number)
                        continue
                finally:
                    at_work.release()
                flight.finish("served")
                return "served"

    assert in_threads(work, 30) == ["served"] * 30
    assert given_up
    assert len(flights) == 0


@pytest.fixture
def compute(flights):
    """Computes a key, which in turn needs two others at random, three levels deep."""

    def compute(dice, depth=3):
        key = dice.choice(range(6))
        flight, leads = flights.join(key, f"load_{key}")
        if not leads:
            flight.wait()
            return
        with flight.leading():
            try:
                for _ in range(min(depth, 2)):
                    compute(dice, depth - 1)
            except RecursiveCallError as error:
                flight.fail(error)
                raise
            flight.finish(key)

    return compute


@pytest.fixture
def compute_async(flights):
    """As ``compute``, with the two others at the same time."""

    async def compute_async(dice, depth=3):
        key = dice.choice(range(6))
        flight, leads = flights.join(key, f"load_{key}")
        if not leads:
            await flight.wait_async()
            return
        with flight.leading():
            try:
                await asyncio.gather(
                    *(compute_async(dice, depth - 1) for _ in range(min(depth, 2)))
                )
            except RecursiveCallError as error:
                flight.fail(error)
                raise
            flight.finish(key)

    return compute_async


def test_whoever_calls_whatever_nobody_waits_for_ever(flights, in_threads, compute, compute_async):
    """Threads and tasks on several loops: each call is answered or refused."""

    def work(number):
        dice = random.Random(number)
        refused = 0
        for _ in range(30):
            try:
                if number % 2:
                    compute(dice)
                else:
                    asyncio.run(compute_async(dice))
            except RecursiveCallError:
                refused += 1
        return refused

    assert sum(in_threads(work, 8)) > 0
    assert len(flights) == 0
