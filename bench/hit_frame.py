"""What does a hit cost that returns a frame of 1,000,000 x 4 numbers?"""

from __future__ import annotations

from _frames import load, stamp
from _harness import Measure, Question, hits
from _peers import Peer


def prepare(peer: Peer) -> Measure:
    """Hits of one cache."""
    return hits(peer.decorate(load), 3, stamp)


QUESTION = Question("hit: a frame, 1,000,000 x 4", prepare, rounds=9)

if __name__ == "__main__":
    from _report import show

    show([QUESTION])
