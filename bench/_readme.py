"""The table of figures in the README: an excerpt of the page, from the same run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from _harness import Answer, Figure, spell_ratio
from by_size import Grid

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- /figures -->"

COLUMNS = MappingProxyType(
    {
        "Reprise": "Reprise",
        "st.cache_data": "`st.cache_data`",
        "lru_cache": "`lru_cache`",
        "cachetools": "cachetools",
        "cachebox": "cachebox",
        "joblib": "joblib",
        "diskcache": "diskcache",
    }
)
ROWS = MappingProxyType(
    {
        "hit, f(int)": "hit, an int",
        "hit, a small dict of lists returned": "hit, a small dict of lists",
        "hit, a frame of 1,000,000 x 4 returned": "hit, a frame of 1,000,000 x 4 numbers (32 MB)",
        "hit, that frame, all read and one column changed": "that hit, all read and a column "
        "changed",
        "first run, added for that frame": "first run, added for that frame",
        "hit, a frame of 1,000,000 x 4 as the argument": "hit, that frame as the argument",
        "replay of 1,000 elements": "hit in an app, 1,000 elements shown again",
    }
)
SIZED_ROWS = MappingProxyType(
    {
        (
            "hit, frame returned",
            50_000_000,
        ): "hit, a frame of 50,000,000 x 4 numbers (1.6 GB)",
        ("first run, added by the cache", 50_000_000): "first run, added for that frame",
        ("peak memory", 50_000_000): "memory for both, their results held",
    }
)


def table(
    answers: Iterable[Answer],
    grids: Iterable[Grid],
    rows: Mapping[str, str] = ROWS,
    sized: Mapping[tuple[str, int], str] = SIZED_ROWS,
    columns: Mapping[str, str] = COLUMNS,
) -> str:
    """Choose the rows that say most.

    Args:
        answers: All of a run.
        grids: All of the same run.
        rows: What each question chosen is called here.
        sized: The same for what was measured for several sizes.
        columns: What each cache is called here.

    Returns:
        The lines of a table.
    """
    lines = ["| | " + " | ".join(columns.values()) + " |", "| --- |" + " ---: |" * len(columns)]
    by_title = {answer.title: answer for answer in answers}
    for title, name in rows.items():
        lines.append(_line(name, by_title[title].figures, columns))
    by_name = {grid.title: grid for grid in grids}
    for (title, size), name in sized.items():
        grid = by_name[title]
        lines.append(_line(name, {who: grid.figures[who, size] for who in grid.names}, columns))
    return "\n".join(lines)


def replaced(text: str, new: str) -> str:
    """Put a table between the marks.

    Raises:
        ValueError: the marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN} with {END} after it: put them back")
    return f"{before}{BEGIN}\n{new}\n{END}{after}"


def _line(name: str, figures: Mapping[str, Figure], columns: Iterable[str]) -> str:
    return f"| {name} | " + " | ".join(_cells(figures, columns)) + " |"


def _cells(figures: Mapping[str, Figure], columns: Iterable[str]) -> Iterator[str]:
    ours = next(iter(figures.values()))
    for name in columns:
        figure = figures.get(name)
        if figure is None or figure.samples is None:
            yield ""
            continue
        known = figure is ours or ours.samples is None
        ratio = "" if known else f" ({spell_ratio(figure.middle / ours.middle)})"
        yield f"{figure}{ratio}{' *' if figure.isolated is False else ''}"
