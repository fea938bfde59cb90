"""What does a hit on that frame cost together with its use: reading all of it, changing a column?

A cache may put off the copy until it is needed; here it is needed.
"""

from __future__ import annotations

from typing import Any

from _frames import ROWS, frame_times
from _harness import Measure, NotComparableError, Question, hits
from _peers import Peer, isolates
from hit_frame import FRAME_PEERS, PAGES, loader

FRAME_PEERS_ONLY = tuple(peer for peer in FRAME_PEERS if peer is not PAGES)
"""A dict of arrays is used otherwise than a frame."""


def prepare(peer: Peer) -> Measure:
    """Hits of one cache, each followed by a use."""
    if not isolates(peer):
        raise NotComparableError("would change what the next caller gets")
    cached = peer.decorate(loader(peer))

    def use(rows: int) -> Any:
        frame = cached(rows)
        frame.sum()
        frame["b"] += 1
        return frame

    return hits(use, ROWS, stamp=frame_times)


QUESTION = Question(
    "hit, that frame, all read and one column changed", prepare, peers=FRAME_PEERS_ONLY, rounds=9
)
