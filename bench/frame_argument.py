"""What does a hit cost where a frame of 1,000,000 x 4 numbers is the argument?"""

from __future__ import annotations

import time
from typing import Any

from _frames import ROWS, load
from _harness import Measure, Question, hits, refuse
from _peers import LRU, PEERS, Peer

UNHASHABLE = "cannot hash a frame"
REASONS = dict.fromkeys((LRU.name, "cachetools", "cachebox"), UNHASHABLE)


def rows(frame: Any) -> int:
    """Return a number that no second run returns."""
    return time.perf_counter_ns() + len(frame)


def overlooks(peer: Peer) -> bool:
    """Whether a frame that differs in one number in its midst gets the other frame's result.

    Tried, as isolation is.
    """
    cached = peer.decorate(rows)
    one, other = load(ROWS), load(ROWS)
    other.iloc[:2, 0] = one.iloc[:2, 0]  # the times at which they were made
    other.iloc[ROWS // 2 + 1, 2] += 1
    return bool(cached(one) == cached(other))


def prepare(peer: Peer) -> Measure:
    """Hits of one cache with a frame as the argument."""
    refuse(peer, REASONS)
    return hits(peer.decorate(rows), load(ROWS), stamp=int)


def question() -> Question:
    """Ask each cache first whether it looks at the whole frame."""
    able = [peer for peer in PEERS if peer.name not in REASONS]
    wrong = "a number changed in the midst goes unnoticed"
    return Question(
        "hit, a frame of 1,000,000 x 4 as the argument",
        prepare,
        rounds=9,
        notes={peer.name: wrong for peer in able if overlooks(peer)},
        goals={"Reprise": 1.5e-3},
    )
