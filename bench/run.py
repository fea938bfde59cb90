"""All questions in one run, or those that are named.

python bench/run.py [--write] [QUESTION ...]      about thirteen minutes for all
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import by_size
import first_run_frame
import frame_argument
import hit_arguments
import hit_awaited
import hit_dict
import hit_frame
import hit_frame_used
import hit_in_script
import hit_int
import hit_method
import hit_stored
import import_time
import on_disk
import passed_on
import polars_argument
import replay
import rerun
import widgets_page
from _files import write_all
from _harness import Answer, Question, ask
from _page import page, show, show_grid
from _plots import plot
from _readme import replaced, table
from by_size import Grid
from rich.console import Console

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
SAMPLES = ROOT / ".benchmarks"

QUESTIONS: dict[str, Question | Callable[[], Question]] = {
    "hit_int": hit_int.QUESTION,
    "hit_arguments": hit_arguments.QUESTION,
    "hit_dict": hit_dict.QUESTION,
    "hit_method": hit_method.QUESTION,
    "hit_stored": hit_stored.QUESTION,
    "hit_awaited": hit_awaited.QUESTION,
    "hit_in_script": hit_in_script.QUESTION,
    "replay": replay.QUESTION,
    "replay_widgets": widgets_page.HIT,
    "first_run_widgets": widgets_page.FIRST_RUN,
    "hooks_idle": widgets_page.IDLE,
    "rerun_decorated": rerun.DECORATED,
    "rerun_called": rerun.CALLED,
    "import": import_time.QUESTION,
    "hit_frame": hit_frame.QUESTION,
    "hit_frame_used": hit_frame_used.QUESTION,
    "first_run_frame": first_run_frame.QUESTION,
    "frame_argument": frame_argument.question,
    "polars_argument": polars_argument.QUESTION,
    "passed_on": passed_on.QUESTION,
}
PLOTS = ("benchmarks/hit.svg", "benchmarks/first-run.svg")
ARRAY_SIZES = (10_000_000,)


def _by_size(progress: Callable[[str], object]) -> list[Grid]:
    return [*by_size.frames(by_size.SMALL, progress), *by_size.arrays(ARRAY_SIZES, progress)]


GRIDS: dict[str, Callable[[Callable[[str], object]], list[Grid]]] = {
    "by_size": _by_size,
    "on_disk": partial(on_disk.grids, on_disk.SMALL),
}
"""What is measured for several sizes."""


def main() -> None:
    """Ask, print the tables, and write the page if all was asked."""
    parser = argparse.ArgumentParser(description="Reprise beside other caches.")
    parser.add_argument(
        "--write",
        action="store_true",
        help="write docs/benchmarks.md, its plots and the README's table",
    )
    parser.add_argument(
        "questions", nargs="*", choices=[[], *QUESTIONS, *GRIDS], metavar="QUESTION"
    )
    options = parser.parse_args()
    if options.write and options.questions:
        parser.error("the page is written from all questions")
    start = time.monotonic()
    asked = options.questions or [*QUESTIONS, *GRIDS]
    answers = list(_answers(name for name in asked if name in QUESTIONS))
    grids = list(_grids(name for name in asked if name in GRIDS))
    if options.write:
        write(answers, grids)
    Console().print(f"{(time.monotonic() - start) / 60:.1f} minutes")


def write(answers: list[Answer], grids: list[Grid]) -> None:
    """Write the page, its plots, the README's table, and the samples for pyperf's own tools."""
    first, hit = grids[0], grids[1]
    pictures = [
        (f"{grid.title}, against rows", name)
        for grid, name in zip((hit, first), PLOTS, strict=True)
    ]
    text = page("Benchmarks", "make bench", answers, grids, pictures)
    write_all(
        DOCS,
        {
            PLOTS[0]: partial(plot, hit, "A hit that returns a frame"),
            PLOTS[1]: partial(plot, first, "What a cache adds to the first run"),
            "benchmarks.md": lambda path: path.write_text(text, encoding="utf-8"),
        },
    )
    excerpt = replaced(README.read_text(encoding="utf-8"), table(answers, grids))
    write_all(README.parent, {README.name: lambda path: path.write_text(excerpt, encoding="utf-8")})
    write_all(SAMPLES, {"bench.json": lambda path: _samples(answers, grids).dump(str(path))})


def _answers(names: Iterable[str]) -> Iterator[Answer]:
    console = Console()
    for name in names:
        found = QUESTIONS[name]
        with console.status(name):
            answer = ask(found if isinstance(found, Question) else found())
        show(answer)
        yield answer


def _grids(names: Iterable[str]) -> Iterator[Grid]:
    for name in names:
        with Console().status("") as status:
            grids = GRIDS[name](status.update)
        for grid in grids:
            show_grid(grid)
            yield grid


def _samples(answers: list[Answer], grids: list[Grid]) -> Any:
    import pyperf

    figures = [figure for answer in answers for figure in answer.figures.values()]
    figures += [figure for grid in grids for figure in grid.figures.values()]
    return pyperf.BenchmarkSuite([figure.samples for figure in figures if figure.samples])


if __name__ == "__main__":
    main()
