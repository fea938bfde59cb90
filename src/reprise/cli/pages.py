"""How the commands print: tables for people, by rich, and JSON for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reprise.cli.places import Place, printable
from reprise.units import format_duration

_UNLIMITED: Final = 10_000
"""Columns where nobody looks at a terminal: what is piped into a file is not folded."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    number: bool = False
    """Whether what is in it stands at its right end."""
    fold: bool = False
    """Whether what is too long goes on in the next line."""
    cut: bool = False
    """Whether what is too long is cut."""
    style: str = ""


def console(file: TextIO | None = None) -> Console:
    """Where a command prints.

    Args:
        file: Standard output if none is given.
    """
    stream = sys.stdout if file is None else file
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        # A letter that the terminal cannot show must not end the command.
        reconfigure(errors="backslashreplace")
    width = None if stream.isatty() else _UNLIMITED
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def say(text: str, style: str = "", *, keeping: str = "\n") -> None:
    """Print a text of whatever origin; nothing in it is taken for markup."""
    console().print(Text(printable(text, keeping), style=style))


def complain(text: str, style: str = "") -> None:
    """Print a text to standard error."""
    console(sys.stderr).print(Text(printable(text, "\n"), style=style))


def show_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    drawn = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    for column in columns:
        drawn.add_column(
            column.name,
            justify="right" if column.number else "left",
            # What may be cut must be allowed to wrap, too, or rich narrows the other columns.
            no_wrap=not (column.fold or column.cut),
            overflow="fold",
            style=column.style,
        )
    for row in rows:
        drawn.add_row(*map(_cell, columns, row))
    _draw(drawn)


def _draw(table: Table) -> None:
    """Print a table, without the blanks at the ends of lines where that is not a terminal."""
    out = console()
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as drawn:
        out.print(table)
    out.file.writelines(f"{line.rstrip()}\n" for line in drawn.get().splitlines())


def _cell(column: Column, content: str) -> Text:
    text = printable(content)
    return Text(text, no_wrap=True, overflow="ellipsis") if column.cut else Text(text)


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and what stands for them, one a line."""
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in facts:
        drawn.add_row(name, Text(printable(value)))
    _draw(drawn)


def show_json(content: Any) -> None:
    """Print JSON, in ASCII, so that it is the same whatever the terminal."""
    json.dump(content, sys.stdout, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def age(created: float, now: float) -> str:
    """How old something is, as short as it can be said.

    >>> age(0.0, 5430.0)
    '1h'
    """
    return _roughly(max(0.0, now - created))


def ages(youngest: float, oldest: float, now: float) -> str:
    """How old the youngest and the oldest of several are.

    >>> ages(60.0, 0.0, 190.0), ages(60.0, 60.0, 190.0)
    ('2m - 3m', '2m')
    """
    first, last = age(youngest, now), age(oldest, now)
    return first if first == last else f"{first} - {last}"


def expiry(expires: float, now: float) -> str:
    """When something expires.

    >>> [expiry(time, 90.0) for time in (math.inf, 150.0, 30.0)]
    ['never', 'in 1m', 'expired']
    """
    if math.isinf(expires):
        return "never"
    return "expired" if expires <= now else f"in {_roughly(expires - now)}"


def _roughly(seconds: float) -> str:
    """A duration in whole units of its largest one."""
    unit = next((unit for unit in (86_400, 3_600, 60) if seconds >= unit), 1)
    return format_duration(float(seconds // unit * unit))


def count(number: int, one: str, several: str = "") -> str:
    """A number with its noun.

    >>> count(1, "entry", "entries"), count(2, "entry", "entries"), count(1200, "byte")
    ('1 entry', '2 entries', '1,200 bytes')
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def unverified_words(number: int, place: Place) -> str:
    """What to say of entries whose signature does not fit."""
    entries = count(number, "entry", "entries")
    if place.secret is None:
        return (
            f"{entries} cannot be verified, for there is no secret here. Set REPRISE_SECRET to "
            f"that of the programs that use this store."
        )
    return (
        f"{entries} cannot be trusted: not signed with this secret, or changed. "
        f"`reprise check{place.option}` lists all of them."
    )
