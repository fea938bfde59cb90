"""The answers as a table for a terminal, and as a page of Markdown."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from _harness import Answer, Figure, Question, ask
from _peers import PEERS, isolates
from rich.console import Console
from rich.table import Table

OURS = PEERS[0].name
PACKAGES = ("streamlit", "pandas", "numpy", "cachetools", "joblib")
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def show(questions: Iterable[Question]) -> list[Answer]:
    """Ask all, and print one table."""
    console = Console()
    answers = []
    for question in questions:
        with console.status(question.title):
            answers.append(ask(question))
    console.print(_table(answers))
    for line in _remarks(answers):
        console.print(line, markup=False)
    return answers


def markdown(answers: list[Answer]) -> str:
    """The same as a page, with how to repeat it."""
    names = [peer.name for peer in PEERS]
    lines = [
        "# Benchmarks",
        "",
        "Repeat them with `make bench`, which prints this table for your machine;",
        "`.venv/bin/python bench/run.py --write docs/benchmarks.md` writes this page.",
        "",
        "| | " + " | ".join(names) + " |",
        "| --- |" + " ---: |" * len(names),
    ]
    for answer in answers:
        cells = (_cell(answer, name).replace("\n", "<br>") for name in names)
        lines.append(f"| {answer.title} | " + " | ".join(cells) + " |")
    lines += ["", *(f"- {line}" for line in _remarks(answers)), ""]
    return "\n".join(lines)


def _table(answers: list[Answer]) -> Table:
    table = Table(title="Time per call, and how many times Reprise's", show_lines=True)
    table.add_column("", max_width=24)
    for peer in PEERS:
        table.add_column(peer.name, justify="right", no_wrap=True)
    for answer in answers:
        table.add_row(answer.title, *(_cell(answer, peer.name) for peer in PEERS))
    return table


def _cell(answer: Answer, name: str) -> str:
    figure = answer.figures[name]
    if math.isnan(figure.seconds):
        return "n/a"
    time = _time(figure)
    return time if name == OURS else f"{time}\n{_ratio(figure, answer.figures[OURS])}".rstrip()


def _time(figure: Figure) -> str:
    if figure.seconds <= figure.spread:
        return "about 0"
    scale, unit = next((s, u) for s, u in (*UNITS, UNITS[-1]) if figure.seconds >= s or s == 1e-9)
    return f"{figure.seconds / scale:.3g} {unit}"


def _ratio(figure: Figure, ours: Figure) -> str:
    """How many times our time; where ours drowns in the noise, at least how many."""
    if math.isnan(ours.seconds) or figure.seconds <= figure.spread:
        return ""
    least = ours.seconds <= ours.spread
    ratio = figure.seconds / (ours.spread if least else ours.seconds)
    text = f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}"
    return f"{'over ' if least else ''}x {text}"


def _remarks(answers: list[Answer]) -> Iterator[str]:
    shared = [peer.name for peer in PEERS if not isolates(peer)]
    if shared:
        yield f"Not isolated, all callers get one object: {', '.join(shared)}."
    for answer in answers:
        for name, figure in answer.figures.items():
            if figure.note:
                missing = "n/a, " if math.isnan(figure.seconds) else ""
                yield f"{answer.title}, {name}: {missing}{figure.note}."
    yield "st.cache_data stands outside an app here; inside one, a hit also replays its elements."
    yield "Medians of interleaved rounds. " + _machine()


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, {packages}."
    )


def _processor() -> str:
    # platform.processor() is empty on Linux; the kernel's own list has the name.
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
