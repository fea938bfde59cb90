"""What does a page of 1,000 texts and 100 sliders cost, beside plain Streamlit without Reprise?"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from _harness import Measure, Question, refuse
from _peers import REPRISE, STREAMLIT, Peer

PROGRAM = Path(__file__).with_name("_one_page.py")
NO_CACHE = Peer("no cache", "", "", lambda function: function, lambda _: None)
NO_WIDGETS = {STREAMLIT.name: "it allows no widgets in cached functions"}
ALONE = (
    "Each time is the fastest of nine runs in a process of its own; that of *no cache* is "
    "Streamlit alone, which never loads Reprise."
)


def prepare(peer: Peer, kind: str) -> Measure:
    """Processes that show the page.

    Args:
        peer: Ours, or none.
        kind: What ours is to do, a name of ``_one_page.KINDS``.
    """
    refuse(peer, NO_WIDGETS)
    command = [sys.executable, str(PROGRAM), kind if peer is REPRISE else "plain"]

    def measure() -> float:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own program
            command, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    return measure


HIT = Question(
    "replay of 1,000 texts and 100 sliders",
    partial(prepare, kind="hit"),
    peers=(REPRISE, NO_CACHE, STREAMLIT),
    rounds=5,
    results=False,
    about=f"A hit looks up the values of all sliders and shows all again. {ALONE}",
    at_most={NO_CACHE.name: 0.6},
)
FIRST_RUN = Question(
    "first run of 1,000 texts and 100 sliders",
    partial(prepare, kind="first run"),
    peers=(REPRISE, NO_CACHE, STREAMLIT),
    rounds=5,
    results=False,
    about=f"The function runs, and all that it shows is recorded. {ALONE}",
)
IDLE = Question(
    "1,000 texts and 100 sliders, not cached",
    partial(prepare, kind="idle"),
    peers=(REPRISE, NO_CACHE),
    rounds=9,
    results=False,
    about=f"What Reprise costs an app that loads it and caches nothing of this page. {ALONE}",
    at_most={NO_CACHE.name: 1.03},
)
