"""One cache and one size, in a process of its own: what is added, a hit, and the memory.

python bench/_one_process.py KIND CACHE ROWS ROUNDS

The parent reads what is printed: ``ready`` once all is loaded, ``held`` while the first result and
that of a hit are both there, and at the end the figures as JSON. After each of the first two lines
it answers with a line of its own.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from _frames import (
    added,
    array_times,
    frame_times,
    load,
    load_array,
    load_columns,
    load_foreign,
)
from _harness import hits
from _peers import REPRISE, STREAMLIT, Function, Peer

KINDS: dict[str, tuple[Function, Callable[[Any], tuple[int, int]]]] = {
    "frame": (load, frame_times),
    "foreign": (load_foreign, frame_times),
    "columns": (load_columns, frame_times),
    "array": (load_array, array_times),
}
NOTHING = "no cache"


def main() -> None:
    """Measure, in the order that the parent waits for."""
    kind, name, rows, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    function, times = KINDS[kind]
    if name == NOTHING:
        function(2)
        _say("ready")
        only = function(rows)
        _say("held")
        del only
        _finish([], [])
        return
    peer = next(peer for peer in (REPRISE, STREAMLIT) if peer.name == name)
    cached = peer.decorate(function)
    _unbound()
    _warm_up(peer, cached)
    _say("ready")
    firsts = [_held(cached, rows, times)]
    for _ in range(rounds - 1):
        gc.collect()
        peer.clear(cached)
        firsts.append(added(partial(cached, rows), times))
    measure = hits(cached, rows, stamp=times)
    _finish(firsts, [measure() for _ in range(rounds)])


def _held(cached: Any, rows: int, times: Callable[[Any], tuple[int, int]]) -> float:
    """The first run and a hit, whose results are both held while the parent looks."""
    results: list[Any] = []

    def call() -> Any:
        results.append(cached(rows))
        return results[0]

    seconds = added(call, times)
    results.append(cached(rows))
    if results[1] is results[0]:
        raise AssertionError("the callers got one object")
    _write(results[1])
    _say("held")
    return seconds


def _write(result: Any) -> None:
    """Write to an array, as the owner may. A frame would copy a whole column, by pandas' rules."""
    if isinstance(result, np.ndarray):
        result[2] = 5


def _warm_up(peer: Peer, cached: Any) -> None:
    """Load what is loaded late, on a few rows."""
    for _ in range(2):
        cached(4)
        cached(4)
    peer.clear(cached)


def _unbound() -> None:
    """The process's bound, a quarter of the memory, is smaller than the largest results."""
    import reprise

    reprise.configure(max_size="1TB")


def _say(word: str) -> None:
    print(word, flush=True)
    sys.stdin.readline()


def _finish(firsts: list[float], hit_times: list[float]) -> None:
    print(json.dumps({"first": firsts, "hit": hit_times}))


if __name__ == "__main__":
    main()
