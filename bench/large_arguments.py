"""Hits with an argument of 50,000,000 x 4 numbers (1.6 GB), first seen and passed on unchanged."""

from __future__ import annotations

from functools import partial
from typing import Any

from _frames import ROW_BYTES, load, load_polars
from _harness import Measure, NotComparableError, Question, hits
from _peers import REPRISE, STREAMLIT, Peer
from _processes import available
from frame_argument import rows

ROWS = 50_000_000
TWO = (REPRISE, STREAMLIT)
SAMPLE = {"st.cache_data": "looks at a sample"}


def _afford(copies: float) -> None:
    """Raises NotComparableError where there is not so much memory."""
    needs, free = ROWS * ROW_BYTES * copies, available()
    if needs > 0.9 * free:
        raise NotComparableError(f"needs about {needs / 1e9:.1f} GB, {free / 1e9:.1f} GB available")


def _argument(load_it: Any, peer: Peer) -> Measure:
    _afford(1.2)
    cached = peer.decorate(rows)

    def measure() -> float:
        # Made anew each time: those of all questions at once would not fit.
        return hits(cached, load_it(ROWS), stamp=int)()

    return measure


def _passed_on(load_it: Any, peer: Peer) -> Measure:
    _afford(2.2)
    first, second = peer.decorate(load_it), peer.decorate(rows)

    def both(count: int) -> Any:
        return second(first(count))

    def measure() -> float:
        try:
            return hits(both, ROWS, stamp=int)()
        finally:
            peer.clear(first)

    return measure


def questions() -> list[Question]:
    """The questions, for pandas and for polars."""
    ours = REPRISE.name
    return [
        Question(
            f"hit, a {library} frame of {ROWS:,} x 4 {how}",
            partial(prepare, load_it),
            peers=peers,
            rounds=3,
            notes=SAMPLE,
            goals={ours: goal},
        )
        for library, load_it, how, prepare, peers, goal in (
            ("pandas", load, "as the argument", _argument, TWO, 0.12),
            ("polars", load_polars, "as the argument", _argument, TWO, 0.12),
            ("pandas", load, "out of the cache as the argument", _passed_on, (REPRISE,), 1e-3),
            (
                "polars",
                load_polars,
                "out of the cache as the argument",
                _passed_on,
                (REPRISE,),
                1e-4,
            ),
        )
    ]
