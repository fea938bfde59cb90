"""Interleaved rounds: each measures every cache once, so that a drifting machine hits all alike.

pyperf holds the samples, and gives the statistics, the description of the machine and the file
that ``pyperf stats`` and ``pyperf compare_to`` read. Its own runner is not used: it measures one
thing to the end before the next, so that a slow minute of the machine falls on one cache alone;
here only ratios count, and they need all caches in the same minute.
"""

from __future__ import annotations

import math
import time
import timeit
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pyperf
from _peers import PEERS, Peer, isolates

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
    peers: Sequence[Peer] = PEERS
    rounds: int = 15
    results: bool = True
    """Whether results are handed out, so that isolation matters."""
    about: str = ""
    """What a reader must know of how it was measured."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """For the name of a cache, what a reader must know of its figure."""
    goals: Mapping[str, float] = field(default_factory=dict)
    """For names of ours, the seconds that it may take."""
    at_most: Mapping[str, float] = field(default_factory=dict)
    """For names of others, how many times their time ours may take."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What came out for one cache."""

    samples: Any = None
    """A ``pyperf.Benchmark``; None where the cache cannot do it."""
    note: str = ""
    isolated: bool | None = None
    """Whether callers cannot spoil each other's results; None where that is no question."""

    @property
    def middle(self) -> float:
        """The median, in the unit."""
        return float(self.samples.median())

    def __str__(self) -> str:
        if self.samples is None:
            return "n/a"
        return self.spell(self.middle)

    def spell(self, value: float) -> str:
        """A value in the unit of this figure."""
        if self.samples.get_unit() == "integer":  # a ratio already
            return f"{value:.4g}"
        if self.samples.get_unit() == "byte":
            return f"{value / 1e9:.3g} GB" if value >= 1e9 else f"{value / 1e6:,.0f} MB"
        text = str(self.samples.format_value(value))
        return text.replace(" us", " µs").replace(" sec", " s")


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures of all caches for one question; ours come first."""

    title: str
    figures: Mapping[str, Figure]
    about: str = ""
    goals: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)


def ask(question: Question) -> Answer:
    """Measure all caches in interleaved rounds, beginning each round with another one."""
    measures, missing = _prepared(question)
    names = list(measures)
    samples: dict[str, list[float]] = {name: [] for name in names}
    for measure in measures.values():
        measure()  # warms up what is loaded late
    for number in range(question.rounds if names else 0):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            samples[name].append(measures[name]())
    figures = {
        peer.name: missing.get(peer.name)
        or Figure(
            benchmark(f"{question.title}: {peer.name}", samples[peer.name]),
            question.notes.get(peer.name, ""),
            isolates(peer) if question.results else None,
        )
        for peer in question.peers
    }
    return Answer(question.title, figures, question.about, question.goals, question.at_most)


def benchmark(name: str, samples: Iterable[float], unit: str = "second") -> Any:
    """Give the samples to pyperf, as one run."""
    metadata = {"name": name, "unit": unit}
    return pyperf.Benchmark([pyperf.Run(list(samples), metadata=metadata, collect_metadata=False)])


def spell_ratio(times: float) -> str:
    """How many times, to two digits or to the unit."""
    return f"{times:,.{max(0, 1 - math.floor(math.log10(times)))}f}"


def _prepared(question: Question) -> tuple[dict[str, Measure], dict[str, Figure]]:
    measures: dict[str, Measure] = {}
    missing: dict[str, Figure] = {}
    for peer in question.peers:
        try:
            measures[peer.name] = question.prepare(peer)
        except NotComparableError as error:
            missing[peer.name] = Figure(note=str(error))
    return measures, missing


def refuse(peer: Peer, reasons: Mapping[str, str]) -> None:
    """Leave out a cache that cannot do what is asked.

    Args:
        peer: The cache.
        reasons: For the names of those that cannot, why.

    Raises:
        NotComparableError: it is one of them.
    """
    if peer.name in reasons:
        raise NotComparableError(reasons[peer.name])


def hits(
    function: Callable[..., Any], *args: Any, stamp: Callable[[Any], Any], **keywords: Any
) -> Measure:
    """Measure hits of a cached ``function``, and make sure that they are hits.

    Args:
        function: The cached function. What it returns carries the time at which it ran.
        args: What it is called with.
        stamp: Reads that time from a result.
        keywords: What it is called with by name.
    """
    first = stamp(function(*args, **keywords))
    # Spelled out as a user would: packing the arguments would cost more than a hit.
    names = {f"argument{number}": value for number, value in enumerate(args)}
    spelled = [*names, *(f"{name}={name}" for name in keywords)]
    timer = timeit.Timer(
        f"function({', '.join(spelled)})", globals={"function": function, **names, **keywords}
    )
    number = _enough(timer)

    def measure() -> float:
        seconds = timer.timeit(number) / number
        if stamp(function(*args, **keywords)) != first:
            raise AssertionError(f"{function!r} ran again: these were no hits")
        return seconds

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
