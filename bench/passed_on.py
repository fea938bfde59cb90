"""What do two hits cost, where what one cached function returned is the argument of another?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from _frames import ROWS, load, load_columns, load_foreign, load_polars
from _harness import Measure, Question, hits
from _peers import REPRISE, STREAMLIT, Peer
from frame_argument import rows
from hit_frame import FOREIGN, PAGES

POLARS = replace(REPRISE, name="Reprise, polars")
STREAMLIT_POLARS = replace(STREAMLIT, name="st.cache_data, polars")
LOADERS = {
    FOREIGN: load_foreign,
    PAGES: load_columns,
    POLARS: load_polars,
    STREAMLIT_POLARS: load_polars,
}


def prepare(peer: Peer) -> Measure:
    """Hits of one cache, the frame coming out of it anew each time."""
    first = peer.decorate(LOADERS.get(peer, load))
    second = peer.decorate(rows)

    def both(count: int) -> Any:
        return second(first(count))

    return hits(both, ROWS, stamp=int)


QUESTION = Question(
    "two hits, the frame of one is the argument of the other",
    prepare,
    peers=(REPRISE, FOREIGN, PAGES, POLARS, STREAMLIT, STREAMLIT_POLARS),
    rounds=9,
    about="1,000,000 x 4 numbers, unchanged since they came out of the cache.",
    notes=dict.fromkeys(("st.cache_data", "st.cache_data, polars"), "looks at a sample"),
    goals={REPRISE.name: 1e-3, FOREIGN.name: 1e-3, PAGES.name: 1e-3, POLARS.name: 0.1e-3},
)
