"""What does the first run cost on top of the function, where it returns that frame?"""

from __future__ import annotations

from functools import partial

from _frames import ROWS, added, frame_times
from _harness import Measure, Question
from _peers import DISKCACHE, JOBLIB, MARIMO_DISK, Peer
from hit_frame import FRAME_PEERS, loader


def prepare(peer: Peer) -> Measure:
    """First runs of one cache."""
    cached = peer.decorate(loader(peer))

    def measure() -> float:
        peer.clear(cached)
        return added(partial(cached, ROWS), frame_times)

    return measure


QUESTION = Question(
    "first run, added for that frame",
    prepare,
    peers=FRAME_PEERS,
    rounds=9,
    about="The function notes when it begins and when it is done; all else of the call counts.",
    notes={peer.name: "writes to disk" for peer in (DISKCACHE, JOBLIB, MARIMO_DISK)},
)
