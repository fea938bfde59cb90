"""What does a hit cost that returns a small dict with lists inside?"""

from __future__ import annotations

import time
from typing import Any

from _harness import Measure, Question, hits
from _peers import Peer


def summary(seed: int) -> dict[str, Any]:
    """Return what a small query might: some names, some counts, a nested list."""
    return {
        "when": time.perf_counter_ns(),
        "names": ["Alice", "Bob", "Carol"],
        "counts": [1, 2, seed],
        "by_month": {"January": [1.5, 2.5], "February": [3.5]},
    }


def prepare(peer: Peer) -> Measure:
    """Hits of one cache."""
    return hits(peer.decorate(summary), 3, stamp=lambda found: found["when"])


QUESTION = Question("hit, a small dict of lists returned", prepare, goals={"Reprise": 1.5e-6})
