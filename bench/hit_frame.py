"""What does a hit cost that returns a frame of 1,000,000 x 4 numbers?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from _frames import ROWS, frame_times, load, load_columns, load_foreign
from _harness import Measure, Question, hits
from _peers import PEERS, REPRISE, Peer

FOREIGN = replace(REPRISE, name="Reprise, others' memory")
"""Ours where others may hold the frame's memory."""
PAGES = replace(REPRISE, name="Reprise, pages")
"""Ours for the same columns as a dict of arrays."""
FRAME_PEERS = (REPRISE, FOREIGN, PAGES, *(peer for peer in PEERS if peer is not REPRISE))


def loader(peer: Peer) -> Any:
    """The function that a cache is given."""
    return {FOREIGN: load_foreign, PAGES: load_columns}.get(peer, load)


def prepare(peer: Peer) -> Measure:
    """Hits of one cache."""
    return hits(peer.decorate(loader(peer)), ROWS, stamp=frame_times)


QUESTION = Question(
    "hit, a frame of 1,000,000 x 4 returned",
    prepare,
    peers=FRAME_PEERS,
    rounds=9,
    about="Ours three times: a frame whose memory is its own, one in memory that others may hold, "
    "and the same columns as a dict of arrays.",
    goals={REPRISE.name: 0.05e-3, PAGES.name: 0.3e-3},
)
