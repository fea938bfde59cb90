"""First runs, hits and memory against the number of rows, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from _frames import ROW_BYTES
from _harness import Figure, NotComparableError, benchmark
from _one_process import NOTHING
from _processes import Run, run

Cell: TypeAlias = tuple[str, int]
"""A cache's name and a number of rows."""
Goals: TypeAlias = Mapping[Cell, float]

SMALL = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)
LARGE = (50_000_000, 100_000_000, 200_000_000)


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of a plot: a cache and what the function returns."""

    name: str
    kind: str
    cache: str
    copies: float
    """How many times the value's size the measurement takes at its worst moment."""


OURS = Subject("Reprise", "frame", "Reprise", 1.2)
FOREIGN = Subject("Reprise, others' memory", "foreign", "Reprise", 2.2)
PAGES = Subject("Reprise, pages", "columns", "Reprise", 2.2)
THEIRS = Subject("st.cache_data", "frame", "st.cache_data", 3.1)
ALONE = Subject("no cache", "frame", NOTHING, 1.1)
FRAMES = (OURS, FOREIGN, PAGES, THEIRS, ALONE)
ARRAYS = (
    Subject("Reprise", "array", "Reprise", 2.2),
    Subject("st.cache_data", "array", "st.cache_data", 3.1),
    Subject("no cache", "array", NOTHING, 1.1),
)


@dataclass(frozen=True, slots=True)
class Grid:
    """One thing measured for all sizes and subjects."""

    title: str
    sizes: Sequence[int]
    names: Sequence[str]
    figures: Mapping[Cell, Figure]
    about: str = ""
    goals: Goals = field(default_factory=dict)
    heading: str = "rows"
    """Of the column of sizes."""
    labels: Mapping[int, str] = field(default_factory=dict)
    """What sizes are called that are not told in rows."""

    def label(self, rows: int) -> str:
        """What a size is called in its column."""
        return self.labels.get(rows, f"{rows:,}")


@dataclass(frozen=True, slots=True)
class _Aspect:
    """One thing that every process measures."""

    title: str
    what: str
    """The name of the samples in what a process measured."""
    about: str
    goals: Goals = field(default_factory=dict)
    cached_only: bool = True
    """The function alone has no such figure."""


_FIRST_GOALS: Goals = {
    ("Reprise", 50_000_000): 0.05,
    ("Reprise, pages", 50_000_000): 0.8,
    ("Reprise", 100_000_000): 0.1,
    ("Reprise", 200_000_000): 0.2,
}
_HIT_GOALS: Goals = {
    ("Reprise", 50_000_000): 0.05e-3,
    ("Reprise, pages", 50_000_000): 0.3e-3,
    ("Reprise", 100_000_000): 0.05e-3,
    ("Reprise", 200_000_000): 0.05e-3,
}
_MEMORY_GOALS: Goals = {("Reprise", 100_000_000): 3.5e9, ("Reprise", 200_000_000): 6.8e9}
_ARRAY_ROWS = 50_000_000
_ARRAY_FIRST: Goals = {("Reprise", _ARRAY_ROWS): 0.8}
_ARRAY_HIT: Goals = {("Reprise", _ARRAY_ROWS): 0.2e-3}

_MEMORY = (
    "What the process had more at the worst moment of a first run and a hit whose results are both "
    "held: its own pages (`RssAnon`) and those of its anonymous files, mapped or not, looked at "
    "every 5 ms. *no cache* is the function alone. `max_size` is raised for it, since the largest "
    "results are more than the quarter of the machine's memory that is its default."
)
_FRAMES = (
    "The first column is a frame whose memory is its own, the second one in memory that others may "
    "hold, the third the same columns as a dict of arrays. Each cell comes from a process of its "
    "own. "
)
_ARRAYS = "An array of as many bytes as a frame of so many rows (32 each). "
_WRITTEN = "Each process also writes to a result that a hit gave it."
_FIRST = "What the call took beyond the function itself, which notes when it begins and is done."


def frames(sizes: Sequence[int], progress: Callable[[str], object]) -> list[Grid]:
    """Measure frames of all these sizes.

    Args:
        sizes: Numbers of rows.
        progress: Is told what is measured now.

    Returns:
        What first runs add, hits, and memory.
    """
    return _grids(
        FRAMES,
        sizes,
        progress,
        (
            _Aspect("first run, added by the cache", "first", _FRAMES + _FIRST, _FIRST_GOALS),
            _Aspect("hit, frame returned", "hit", _FRAMES, _HIT_GOALS),
            _Aspect("peak memory", "memory", _MEMORY, _MEMORY_GOALS, cached_only=False),
        ),
    )


def arrays(sizes: Sequence[int], progress: Callable[[str], object]) -> list[Grid]:
    """Measure numpy arrays that are as large as frames of so many rows (32 bytes a row)."""
    return _grids(
        ARRAYS,
        sizes,
        progress,
        (
            _Aspect("array, first run", "first", _ARRAYS + _FIRST, _ARRAY_FIRST),
            _Aspect("array, hit", "hit", _ARRAYS + _WRITTEN, _ARRAY_HIT),
            _Aspect("array, peak memory", "memory", _ARRAYS + _MEMORY, cached_only=False),
        ),
    )


def _grids(
    subjects: Sequence[Subject],
    sizes: Sequence[int],
    progress: Callable[[str], object],
    aspects: Sequence[_Aspect],
) -> list[Grid]:
    runs = _all(subjects, sizes, progress)
    names = [subject.name for subject in subjects]
    cached = [subject.name for subject in subjects if subject.cache != NOTHING]
    return [
        _grid(aspect, sizes, cached if aspect.cached_only else names, runs) for aspect in aspects
    ]


def _all(
    subjects: Sequence[Subject], sizes: Sequence[int], progress: Callable[[str], object]
) -> dict[Cell, Run | str]:
    """Every run, or why there is none; the caches take turns for each size."""
    runs: dict[Cell, Run | str] = {}
    for rows in sizes:
        for subject in subjects:
            progress(f"{subject.kind} of {rows:,} rows: {subject.name}")
            needs = int(rows * ROW_BYTES * subject.copies)
            try:
                runs[subject.name, rows] = run(
                    subject.kind, subject.cache, rows, _rounds(rows), needs
                )
            except NotComparableError as error:
                runs[subject.name, rows] = str(error)
    return runs


def _rounds(rows: int) -> int:
    """How often, so that large frames do not take all the time."""
    for bound, rounds in ((1_000_000, 9), (10_000_000, 5), (50_000_000, 3)):
        if rows <= bound:
            return rounds
    return 2


def _grid(
    aspect: _Aspect, sizes: Sequence[int], names: Sequence[str], runs: Mapping[Cell, Run | str]
) -> Grid:
    figures = {
        (name, rows): _figure(f"{aspect.title}: {name}, {rows} rows", runs[name, rows], aspect.what)
        for rows in sizes
        for name in names
    }
    goals = {cell: goal for cell, goal in aspect.goals.items() if cell in figures}
    return Grid(aspect.title, sizes, names, figures, aspect.about, goals)


def _figure(title: str, found: Run | str, what: str) -> Figure:
    if isinstance(found, str):
        return Figure(note=found)
    samples: Iterable[float] = [found.memory] if what == "memory" else getattr(found, what)
    return Figure(benchmark(title, samples, "byte" if what == "memory" else "second"))
