"""What does a hit cost that returns a number?"""

from __future__ import annotations

import time

from _harness import Measure, Question, hits
from _peers import Peer


def number(seed: int) -> int:
    """Return a number that no second run returns."""
    return time.perf_counter_ns() + seed


def prepare(peer: Peer) -> Measure:
    """Hits of one cache."""
    return hits(peer.decorate(number), 3, stamp=int)


QUESTION = Question(
    "hit, f(int)",
    prepare,
    about="Ours with a time to live, a bound of entries and statistics.",
    goals={"Reprise": 0.35e-6},
    at_most={"cachetools": 1, "cachebox": 1},
)
