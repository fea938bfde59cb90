"""The answers as a page of Markdown, and as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from _goals import OURS, Goal, goals
from _harness import Answer, Figure, spell_ratio
from _machine import machine, versions
from by_size import Grid
from rich.console import Console
from rich.table import Table


def page(
    title: str,
    command: str,
    answers: Sequence[Answer],
    grids: Sequence[Grid],
    plots: Sequence[tuple[str, str]] = (),
) -> str:
    """Write a whole page.

    Args:
        title: Its heading.
        command: What repeats it.
        answers: The questions' answers.
        grids: What was measured for several sizes.
        plots: The description and the file of each picture, relative to the page.
    """
    lines = [
        f"# {title}",
        "",
        f"`{command}` wrote this page. {machine()}",
        "",
        f"{versions()}",
        "",
        "Figures are medians of interleaved rounds: each round measures every cache once, so that",
        "a slow minute falls on all alike. Whether a hit was one is checked in each round, by the",
        "time at which the function ran. *Isolated* was tried: a caller changes what it was given,",
        "and the next one looks. A cache that hands one object to all need not copy, and is fast",
        "for it.",
        "",
        "## Goals",
        "",
        *_goal_lines(list(goals(answers, grids))),
    ]
    for text, file in plots:
        lines += ["", f"![{text}]({file})"]
    for answer in answers:
        lines += ["", f"## {_heading(answer.title)}", "", *_answer_lines(answer)]
    for grid in grids:
        lines += ["", f"## {_heading(grid.title)}", "", *_grid_lines(grid)]
    return "\n".join(lines) + "\n"


def show(answer: Answer) -> None:
    """Print one answer."""
    table = Table(title=answer.title, title_justify="left")
    for heading in ("", "time", "ratio", "isolated", ""):
        table.add_column(heading, justify="right" if heading in {"time", "ratio"} else "left")
    for name, *cells in _rows(answer):
        table.add_row(name, *cells)
    Console().print(table)


def show_grid(grid: Grid) -> None:
    """Print what was measured for several sizes."""
    table = Table(title=grid.title, title_justify="left")
    for heading in (grid.heading, *grid.names):
        table.add_column(heading, justify="right")
    for rows in grid.sizes:
        table.add_row(grid.label(rows), *(str(grid.figures[name, rows]) for name in grid.names))
    Console().print(table)


def _heading(title: str) -> str:
    return title[0].upper() + title[1:]


def _goal_lines(found: Sequence[Goal]) -> Iterator[str]:
    yield "| | goal | reached | |"
    yield "| --- | ---: | ---: | --- |"
    for goal in found:
        who = "" if goal.who == OURS else f" ({goal.who})"
        yield f"| {goal.what}{who} | {goal.limit_text} | {goal.figure} | {goal.verdict} |"


def _answer_lines(answer: Answer) -> Iterator[str]:
    if answer.about:
        yield from (answer.about, "")
    yield "| | time | times ours | isolated | |"
    yield "| --- | ---: | ---: | --- | --- |"
    for cells in _rows(answer):
        yield "| " + " | ".join(cells) + " |"
    missing = [
        f"{name}: {figure.note}" for name, figure in answer.figures.items() if not figure.samples
    ]
    if missing:
        yield ""
        yield f"Not in the table: {'; '.join(missing)}."


def _rows(answer: Answer) -> Iterator[tuple[str, str, str, str, str]]:
    ours = next(iter(answer.figures.values()))
    for name, figure in answer.figures.items():
        if figure.samples:
            isolated = {None: "", True: "yes", False: "no"}[figure.isolated]
            yield name, str(figure), ratio(figure, ours), isolated, figure.note


def ratio(figure: Figure, ours: Figure) -> str:
    """How many times our time; empty for ours itself and where ours is missing."""
    if figure is ours or ours.samples is None:
        return ""
    return spell_ratio(figure.middle / ours.middle)


def _grid_lines(grid: Grid) -> Iterator[str]:
    if grid.about:
        yield from (grid.about, "")
    yield f"| {grid.heading} | " + " | ".join(grid.names) + " |"
    yield "| ---: |" + " ---: |" * len(grid.names)
    for rows in grid.sizes:
        cells = (str(grid.figures[name, rows]) for name in grid.names)
        yield f"| {grid.label(rows)} | " + " | ".join(cells) + " |"
    missing = list(_missing(grid))
    if missing:
        yield ""
        yield f"n/a: {'; '.join(missing)}."


def _missing(grid: Grid) -> Iterable[str]:
    for (name, rows), figure in grid.figures.items():
        if figure.samples is None:
            size = grid.labels.get(rows, f"{rows:,} rows")
            yield f"{name}, {size}: {figure.note}"
