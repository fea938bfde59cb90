"""What does a hit cost that is awaited?"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from _harness import LOOP_SECONDS, Measure, Question
from _peers import AWAITED, Peer


async def number(seed: int) -> int:
    """Return a number that no second run returns."""
    return time.perf_counter_ns() + seed


async def _loop(cached: Any, times: int) -> float:
    """Seconds for so many awaited hits, without what starting the event loop takes."""
    first = await cached(3)
    turns = range(times)
    start = time.perf_counter()
    for _ in turns:
        await cached(3)
    seconds = time.perf_counter() - start
    if await cached(3) != first:
        raise AssertionError(f"{cached!r} ran again: these were no hits")
    return seconds


def prepare(peer: Peer) -> Measure:
    """Hits of one cache, all on one event loop."""
    cached = peer.decorate(number)
    runner = asyncio.Runner()  # some caches belong to the loop of their first call
    times = 1
    while runner.run(_loop(cached, times)) < LOOP_SECONDS:
        times *= 2
    return lambda: runner.run(_loop(cached, times)) / times


QUESTION = Question("hit, awaited", prepare, peers=AWAITED, goals={"Reprise": 0.8e-6})
