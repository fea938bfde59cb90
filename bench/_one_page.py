"""One process that shows a page of 1,000 texts and 100 sliders, again and again.

python bench/_one_page.py KIND      prints the seconds of its fastest run

A process of its own for each, since hooks that come and go would make the interpreter forget what
it has learned about the code: the one for plain Streamlit never loads Reprise.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from _script import in_script

TEXTS, SLIDERS = 1000, 100
WARMING, RUNS = 3, 9

Page: TypeAlias = Callable[[int, int], int]


def show_page(texts: int, sliders: int) -> int:
    """Show so many, and return a number that no second run returns."""
    import streamlit as st

    for number in range(texts):
        st.text(f"Flight {number} left on time.")
    for number in range(sliders):
        st.slider(f"Seats of gate {number}", 0, 200, number % 200, key=f"seats {number}")
    return time.perf_counter_ns()


def plain() -> tuple[int, float]:
    """Run the function in Streamlit alone."""
    assert "reprise" not in sys.modules
    return _run(show_page)


def idle() -> tuple[int, float]:
    """Run the function where Reprise has its hooks in place and is not used."""
    from reprise.hosts.streamlit.hooks import install

    install()
    return _run(show_page)


def first_run() -> tuple[int, float]:
    """Call the cached function while its cache is empty."""
    cached = _cached()
    cached.clear()
    return _run(cached)


def hit() -> tuple[int, float]:
    """Call the cached function again."""
    return _run(_cached())


KINDS: dict[str, Callable[[], tuple[int, float]]] = {
    "plain": plain,
    "idle": idle,
    "first run": first_run,
    "hit": hit,
}


def main() -> None:
    """Measure what the command line names."""
    kind = sys.argv[1]
    runs = [KINDS[kind]() for _ in range(WARMING + RUNS)]
    stamps = {stamp for stamp, _ in runs}
    if len(stamps) != (1 if kind == "hit" else len(runs)):
        raise AssertionError(f"{kind}: the function ran {len(stamps)} times in {len(runs)} calls")
    print(min(seconds for _, seconds in runs[WARMING:]))


def _cached() -> Any:
    from reprise import cache_data

    return cache_data(show_spinner=False, experimental_allow_widgets=True)(show_page)


def _run(page: Page) -> tuple[int, float]:
    """Call it in a script run of a new session: what it returned, and the seconds."""
    gc.collect()  # what a run before left behind is not this one's
    stamp, seconds = in_script(lambda: _timed(page))
    return int(stamp), float(seconds)


def _timed(page: Page) -> tuple[int, float]:
    start = time.perf_counter()
    stamp = page(TEXTS, SLIDERS)
    return stamp, time.perf_counter() - start


if __name__ == "__main__":
    main()
