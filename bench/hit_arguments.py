"""What does a hit cost with a text, a default and a keyword?"""

from __future__ import annotations

import time

from _harness import Measure, Question, hits, refuse
from _peers import DOGPILE, DOGPILE_PICKLE, Peer

NO_KEYWORDS = "its own key function refuses arguments by name"


def price(city: str, days: int = 7, *, currency: str = "EUR") -> int:
    """Return a number that no second run returns."""
    return time.perf_counter_ns() + len(city) + days + len(currency)


def prepare(peer: Peer) -> Measure:
    """Hits of one cache."""
    refuse(peer, {DOGPILE.name: NO_KEYWORDS, DOGPILE_PICKLE.name: NO_KEYWORDS})
    return hits(peer.decorate(price), "Bonn", stamp=int, currency="USD")


QUESTION = Question("hit, f(str, int=default, kw)", prepare, goals={"Reprise": 0.45e-6})
