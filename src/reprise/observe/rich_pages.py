"""Explanations in the terminal, by rich."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reprise.observe.pages import Page, Table


def render(page: Page) -> Iterator[Any]:
    """What rich is to draw for a page. Nothing in it is taken for rich's own markup."""
    from rich.padding import Padding
    from rich.text import Text

    head = Text()
    head.append(page.function, style="bold")
    head.append(f"  {page.place}\n", style="dim")
    head.append(page.verdict, style="bold green" if page.good else "bold yellow")
    yield head
    if page.key:
        yield Text(f"key {page.key}", style="dim", overflow="fold")
    for note in page.notes:
        yield Text(note, style="italic")
    for table in page.tables:
        yield Text(f"\n{table.heading}", style="bold")
        yield Padding(_table(table), (0, 0, 0, 2))


def _table(table: Table) -> Any:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        box=box.SIMPLE_HEAD if any(table.columns) else None,
        show_header=any(table.columns),
        show_edge=False,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    for place, name in enumerate(table.columns):
        digest = name == "digest"
        drawn.add_column(
            name,
            style="cyan" if place == 0 else "dim" if digest else "",
            no_wrap=digest,
            overflow="fold",
            justify="right" if name == "size" else "left",
        )
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    return drawn
