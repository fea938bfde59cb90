"""What does a hit cost that shows 1,000 elements again, in a running Streamlit script?"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from _harness import Measure, Question
from _peers import REPRISE, STREAMLIT, Peer
from _script import in_script, show_rows

ELEMENTS = 1000


def _timed(cached: Any) -> tuple[int, float]:
    start = time.perf_counter()
    stamp = cached(ELEMENTS)
    return stamp, time.perf_counter() - start


def prepare(peer: Peer) -> Measure:
    """Replays of one cache, each in a script run of its own."""
    cached = peer.decorate(show_rows)
    first, _ = in_script(partial(_timed, cached))

    def measure() -> float:
        stamp, seconds = in_script(partial(_timed, cached))
        if stamp != first:
            raise AssertionError(f"{cached!r} ran again: this was no replay")
        return float(seconds)

    return measure


QUESTION = Question(
    "replay of 1,000 elements",
    prepare,
    peers=(REPRISE, STREAMLIT),
    rounds=9,
    about="500 times `st.markdown` and `st.write` in one function, shown again by a hit.",
    at_most={STREAMLIT.name: 1},
)
