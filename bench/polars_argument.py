"""What does a hit cost where a polars frame of 1,000,000 x 4 numbers is the argument?"""

from __future__ import annotations

from _frames import ROWS, load_polars
from _harness import Measure, Question, hits
from _peers import REPRISE, STREAMLIT, Peer
from frame_argument import rows


def prepare(peer: Peer) -> Measure:
    """Hits of one cache with a polars frame as the argument."""
    return hits(peer.decorate(rows), load_polars(ROWS), stamp=int)


QUESTION = Question(
    "hit, a polars frame of 1,000,000 x 4 as the argument",
    prepare,
    peers=(REPRISE, STREAMLIT),
    rounds=9,
    notes={"st.cache_data": "looks at a sample"},
)
