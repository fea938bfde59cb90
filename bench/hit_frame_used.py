"""What does a hit on that frame cost together with its use: reading all of it, changing a column?

A cache may put off the copy until it is needed; here it is needed.
"""

from __future__ import annotations

from typing import Any

from _frames import load, stamp
from _harness import Measure, NotComparableError, Question, hits
from _peers import Peer, isolates


def prepare(peer: Peer) -> Measure:
    """Hits of one cache, each followed by a use."""
    if not isolates(peer):
        raise NotComparableError("would change what the next caller gets")
    cached = peer.decorate(load)

    def use(seed: int) -> Any:
        frame = cached(seed)
        frame.sum()
        frame["b"] += 1.0
        return frame

    return hits(use, 3, stamp)


QUESTION = Question("hit: that frame, all read and one column changed", prepare, rounds=9)

if __name__ == "__main__":
    from _report import show

    show([QUESTION])
