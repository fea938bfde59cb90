"""What does a rerun cost: 100 functions made and decorated anew, each reaching 3 of 300 helpers?"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from _harness import Measure, Question
from _peers import REPRISE, STREAMLIT, Peer

FUNCTIONS, HELPERS = 100, 300
TWO = (REPRISE, STREAMLIT)
"""The others keep nothing when a function is made anew."""


def helpers() -> str:
    """The part of an app that no cache looks at while it is made."""
    lines = [
        "import math",
        "from time import perf_counter_ns as now",
        "LIMIT = 10",
        "TABLE = {'a': 1, 'b': [1, 2]}",
    ]
    for number in range(HELPERS):
        inner = f"helper{number + 1}(x)" if number % 3 != 2 else "x"
        lines.append(f"def helper{number}(x):\n    return {inner} + LIMIT + math.floor(1.5)")
    return "\n".join(lines)


def functions() -> str:
    """The part with the decorated functions."""
    return "\n".join(
        f"@cache\ndef work{number}(x):\n    return helper{number * 3}(x) + TABLE['a'], now()"
        for number in range(FUNCTIONS)
    )


def calls() -> str:
    """The part that calls each of them once."""
    return "results = [" + ", ".join(f"work{number}(1)" for number in range(FUNCTIONS)) + "]"


# As Streamlit does it: compiled from a file, run in a new namespace each time.
HELPING, DECORATING, CALLING = (
    compile(part(), "app.py", "exec", dont_inherit=True) for part in (helpers, functions, calls)
)


def rerun(cache: Any) -> tuple[tuple[float, float], list[Any]]:
    """Run the app once.

    Args:
        cache: Decorates the functions.

    Returns:
        Seconds for all decorations, and for these and all calls; and what the calls returned.
    """
    names: dict[str, Any] = {"__name__": "__main__", "cache": cache}
    exec(HELPING, names)  # noqa: S102 - our own script, of above
    start = time.perf_counter()
    exec(DECORATING, names)  # noqa: S102
    decorated = time.perf_counter()
    exec(CALLING, names)  # noqa: S102
    called = time.perf_counter()
    return (decorated - start, called - start), names["results"]


def prepare(peer: Peer, which: int) -> Measure:
    """Reruns with one cache."""
    _, first = rerun(peer.decorate)

    def measure() -> float:
        seconds, results = rerun(peer.decorate)
        if results != first:
            raise AssertionError(f"{peer.name} ran functions again: these were no hits")
        return seconds[which]

    return measure


DECORATED = Question(
    "rerun, 100 functions decorated anew",
    partial(prepare, which=0),
    peers=TWO,
    about="For all 100 together.",
    goals={"Reprise": 5e-3},
)
CALLED = Question(
    "rerun, 100 functions decorated anew and called",
    partial(prepare, which=1),
    peers=TWO,
    about="For all 100 together; the calls are hits. Each function reaches 3 of 300 helpers.",
    goals={"Reprise": 5e-3},
    notes={"st.cache_data": "edits of helpers go unnoticed"},
)
