"""What does the first run cost on top of the function, where it returns that frame?"""

from __future__ import annotations

from functools import partial

from _frames import load
from _harness import Measure, Question, first_runs, once
from _peers import Peer


def prepare(peer: Peer) -> Measure:
    """First runs of one cache."""
    cached = peer.decorate(load)
    return first_runs(partial(cached, 3), clear=partial(peer.clear, cached))


QUESTION = Question(
    "first run: added by the cache, that frame",
    prepare,
    rounds=11,
    baseline=lambda: once(partial(load, 3)),
    notes={"joblib": "writes to disk"},
)

if __name__ == "__main__":
    from _report import show

    show([QUESTION])
