"""Frames, arrays and arguments of 1.6 GB and more, as far as the memory goes.

python bench/run_large.py                         about seventeen minutes
"""

from __future__ import annotations

import by_size
import large_arguments
import on_disk
from _files import write_all
from _harness import ask
from _page import page, show, show_grid
from rich.console import Console
from run import DOCS

ARRAY_SIZES = (50_000_000,)


def main() -> None:
    """Measure, print, and write docs/benchmarks-large.md."""
    answers = []
    for question in large_arguments.questions():
        answers.append(ask(question))
        show(answers[-1])
    with Console().status("") as status:
        grids = [
            *by_size.frames(by_size.LARGE, status.update),
            *by_size.arrays(ARRAY_SIZES, status.update),
            *on_disk.grids(on_disk.LARGE, status.update),
        ]
    for grid in grids:
        show_grid(grid)
    text = page("Benchmarks of large values", "make bench-large", answers, grids)
    write_all(DOCS, {"benchmarks-large.md": lambda path: path.write_text(text, encoding="utf-8")})


if __name__ == "__main__":
    main()
