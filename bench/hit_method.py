"""What does a hit cost of a method, whose object is a part of the key?"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from _harness import Measure, NotComparableError, Question, hits, refuse
from _peers import JOBLIB, MARIMO, MARIMO_DISK, PEERS, REPRISE, Peer

BY_KEY = replace(REPRISE, name="Reprise, __reprise_key__")

NOT_BOUND = "what it returns is no method"
REASONS = {JOBLIB.name: NOT_BOUND, MARIMO.name: NOT_BOUND, MARIMO_DISK.name: NOT_BOUND}

_numbers = itertools.count()


def dataclass_shop(decorate: Callable[[Any], Any]) -> type[Any]:
    """Make a class of frozen objects that are compared by what they hold."""

    @dataclass(frozen=True)
    class Shop:
        city: str
        floor: int

        @decorate
        def report(self, day: int) -> int:
            return time.perf_counter_ns() + day + self.floor

    return Shop


def keyed_shop(decorate: Callable[[Any], Any]) -> type[Any]:
    """Make a class of objects that say themselves what stands for them."""

    class Shop:
        def __init__(self, city: str, floor: int) -> None:
            self.city = city
            self.floor = floor

        def __reprise_key__(self) -> object:
            return (self.city, self.floor)

        @decorate
        def report(self, day: int) -> int:
            return time.perf_counter_ns() + day + self.floor

    return Shop


def prepare(peer: Peer) -> Measure:
    """Hits of one cache."""
    refuse(peer, REASONS)
    make = keyed_shop if peer is BY_KEY else dataclass_shop
    shop = make(peer.decorate)
    # Some caches pickle the object, whose class must therefore be found by its name.
    shop.__name__ = shop.__qualname__ = f"Shop{next(_numbers)}"
    globals()[shop.__name__] = shop
    report = shop("Bonn", 2).report
    if report(3) == shop("Paris", 2).report(3):
        raise NotComparableError("leaves the object out of the key: another one's result comes")
    if report(3) != shop("Bonn", 2).report(3):
        raise NotComparableError("an equal object does not hit")
    return hits(report, 3, stamp=int)


QUESTION = Question(
    "hit, a method of a dataclass",
    prepare,
    peers=(REPRISE, BY_KEY, *(peer for peer in PEERS if peer is not REPRISE)),
    goals={REPRISE.name: 3e-6, BY_KEY.name: 3e-6},
)
