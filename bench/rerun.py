"""What does a rerun cost each decorated function: 100 of them, each reaching 3 of 300 helpers?"""

from __future__ import annotations

import time
from typing import Any

from _harness import Measure, NotComparableError, Question
from _peers import Peer

FUNCTIONS, HELPERS = 100, 300


def script() -> str:
    """An app as Streamlit runs it: all functions are made anew each time, then called."""
    lines = ["import math", "LIMIT = 10", "TABLE = {'a': 1, 'b': [1, 2]}"]
    for number in range(HELPERS):
        inner = f"helper{number + 1}(x)" if number % 3 != 2 else "x"
        lines.append(f"def helper{number}(x):\n    return {inner} + LIMIT + math.floor(1.5)")
    lines += [
        f"@cache\ndef work{number}(x):\n    return helper{number * 3}(x) + TABLE['a']"
        for number in range(FUNCTIONS)
    ]
    lines += [f"work{number}(1)" for number in range(FUNCTIONS)]
    return "\n".join(lines)


CODE = compile(script(), "app.py", "exec", dont_inherit=True)


def rerun(cache: Any) -> float:
    """Run the script once; seconds for each function."""
    names: dict[str, Any] = {"__name__": "__main__", "cache": cache}
    start = time.perf_counter()
    exec(CODE, names)  # noqa: S102 - our own script, of above
    return (time.perf_counter() - start) / FUNCTIONS


def prepare(peer: Peer) -> Measure:
    """Reruns with one cache."""
    if peer.name not in ("Reprise", "st.cache_data"):
        raise NotComparableError("keeps nothing when the function is made anew")
    return lambda: rerun(peer.decorate)


QUESTION = Question(
    "rerun: decorated anew and called, each of 100",
    prepare,
    baseline=lambda: rerun(lambda function: function),
    notes={"st.cache_data": "edits of helpers go unnoticed"},
)

if __name__ == "__main__":
    from _report import show

    show([QUESTION])
