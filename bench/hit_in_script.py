"""What does a hit cost inside a running Streamlit script, of a function that shows nothing?"""

from __future__ import annotations

import time
from functools import partial

from _harness import Measure, Question, hits
from _peers import REPRISE, STREAMLIT, Peer
from _script import in_script


def number(seed: int) -> int:
    """Return a number that no second run returns."""
    return time.perf_counter_ns() + seed


def prepare(peer: Peer) -> Measure:
    """Hits of one cache; each round is a script run of its own."""
    cached = peer.decorate(number)
    measure = in_script(partial(hits, cached, 3, stamp=int))
    return partial(in_script, measure)


QUESTION = Question(
    "hit, inside a running Streamlit script",
    prepare,
    peers=(REPRISE, STREAMLIT),
    goals={"Reprise": 1e-6},
    about="The function shows nothing; the script runs in Streamlit's own script runner.",
)
