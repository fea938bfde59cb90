from __future__ import annotations

from reprise.contracts import Entry
from reprise.observe.statistics import CacheInfo, Tally
from reprise.values import share


def entry(hits, cost):
    made = Entry(share(b"x"), "g", created=0, cost=cost)
    made.hits = hits
    return made


def test_what_left_and_what_is_kept_add_up():
    tally = Tally()
    tally.missed()
    tally.retire(entry(3, 2.0))
    tally.shared(entry(0, 1.0))
    kept = entry(2, 0.5)
    info = tally.info([kept])
    assert info == CacheInfo(6, 1, 1, kept.size, 8.0)
