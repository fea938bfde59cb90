"""Interleaved rounds: each measures every cache once, so that a drifting machine hits all alike."""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from _peers import PEERS, Peer

Measure: TypeAlias = Callable[[], float]
"""Measures once; returns seconds per call."""

LOOP_SECONDS = 0.01
"""How long a loop of very short calls runs at least, to be well above the clock's resolution."""


class NotComparableError(Exception):
    """A cache cannot do what is asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that every cache is asked to do."""

    title: str
    prepare: Callable[[Peer], Measure]
    """Raises NotComparableError where the cache cannot do it."""
    rounds: int = 15
    baseline: Measure | None = None
    """What the caches add to; it is measured in each round as well, and subtracted."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """For the name of a cache, what a reader must know of its figure."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What came out for one cache."""

    seconds: float
    """The median of all rounds; NaN where the cache cannot do it."""
    spread: float = 0.0
    """The median distance from the median, in seconds."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures of all caches for one question."""

    title: str
    figures: Mapping[str, Figure]


def ask(question: Question) -> Answer:
    """Measure all caches in interleaved rounds, beginning each round with another one."""
    measures, figures = _prepared(question)
    names = list(measures)
    samples: dict[str, list[float]] = {name: [] for name in names}
    for measure in measures.values():
        measure()  # warms up what is loaded late
    for number in range(question.rounds):
        turn = number % len(names)
        base = question.baseline() if question.baseline else 0.0
        for name in names[turn:] + names[:turn]:
            samples[name].append(measures[name]() - base)
    for name, found in samples.items():
        figures[name] = _figure(found, question.notes.get(name, ""))
    return Answer(question.title, {peer.name: figures[peer.name] for peer in PEERS})


def _prepared(question: Question) -> tuple[dict[str, Measure], dict[str, Figure]]:
    measures: dict[str, Measure] = {}
    figures: dict[str, Figure] = {}
    for peer in PEERS:
        try:
            measures[peer.name] = question.prepare(peer)
        except NotComparableError as error:
            figures[peer.name] = Figure(float("nan"), note=str(error))
    return measures, figures


def _figure(samples: list[float], note: str) -> Figure:
    middle = statistics.median(samples)
    spread = statistics.median(abs(sample - middle) for sample in samples)
    return Figure(middle, spread, note)


def hits(function: Callable[[Any], Any], argument: Any, stamp: Callable[[Any], Any]) -> Measure:
    """Measure hits of a cached ``function``, and make sure that they are hits.

    Args:
        function: The cached function. What it returns carries the time at which it ran.
        argument: What it is called with.
        stamp: Reads that time from a result.
    """
    first = stamp(function(argument))
    timer = timeit.Timer("function(argument)", globals={"function": function, "argument": argument})
    number = _enough(timer)

    def measure() -> float:
        seconds = timer.timeit(number) / number
        if stamp(function(argument)) != first:
            raise AssertionError(f"{function!r} ran again: these were no hits")
        return seconds

    return measure


def first_runs(function: Callable[[], Any], clear: Callable[[], object]) -> Measure:
    """Measure calls of a cached ``function`` right after ``clear``."""

    def measure() -> float:
        clear()
        return once(function)

    return measure


def once(function: Callable[[], Any]) -> float:
    """Seconds for one call, its result kept until the clock has been read."""
    start = time.perf_counter()
    result = function()
    seconds = time.perf_counter() - start
    del result
    return seconds


def _enough(timer: timeit.Timer) -> int:
    number = 1
    while timer.timeit(number) < LOOP_SECONDS:
        number *= 2
    return number
