"""What does a hit cost where that frame is the argument?"""

from __future__ import annotations

import time

import pandas as pd
from _frames import load
from _harness import Measure, NotComparableError, Question, hits
from _peers import Peer


def rows(frame: pd.DataFrame) -> int:
    """Return a number that no second run returns."""
    return time.perf_counter_ns() + len(frame)


def prepare(peer: Peer) -> Measure:
    """Hits of one cache with a frame as the argument."""
    cached = peer.decorate(rows)
    frame = load(3)
    try:
        cached(frame)
    except TypeError as error:
        raise NotComparableError("cannot hash a frame") from error
    return hits(cached, frame, stamp=int)


QUESTION = Question(
    "hit: that frame as the argument",
    prepare,
    rounds=9,
    notes={"st.cache_data": "looks at 10,000 of the rows"},
)

if __name__ == "__main__":
    from _report import show

    show([QUESTION])
