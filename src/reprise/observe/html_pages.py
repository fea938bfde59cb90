"""Explanations in notebooks, as HTML that takes its colours from the page around it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from reprise.observe.pages import Page, Table

_CELL = "padding:2px 14px 2px 0;text-align:left;vertical-align:top;border:0;white-space:pre-wrap"
_MONO = "font-family:ui-monospace,monospace;font-size:0.92em"
_FAINT = "opacity:0.65"


def render(page: Page) -> str:
    """A page as one ``<div>``; everything in it is escaped."""
    return "".join(_lines(page))


def _lines(page: Page) -> Iterator[str]:
    colour = "#1a7f37" if page.good else "#b35900"
    yield '<div style="line-height:1.45">'
    yield f"<div><strong>{escape(page.function)}</strong> "
    yield f'<span style="{_FAINT}">{escape(page.place)}</span></div>'
    yield f'<div style="color:{colour};font-weight:600">{escape(page.verdict)}</div>'
    if page.key:
        yield f'<div style="{_FAINT};{_MONO}">key {escape(page.key)}</div>'
    for note in page.notes:
        yield f"<div><em>{escape(note)}</em></div>"
    for table in page.tables:
        yield f'<div style="margin-top:10px;font-weight:600">{escape(table.heading)}</div>'
        yield from _table(table)
    yield "</div>"


def _table(table: Table) -> Iterator[str]:
    yield '<table style="border-collapse:collapse;margin:0;border:0">'
    if any(table.columns):
        cells = (f'<th style="{_CELL};{_FAINT}">{escape(name)}</th>' for name in table.columns)
        yield f"<thead><tr>{''.join(cells)}</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        cells = (f'<td style="{_CELL};{_MONO}">{escape(cell)}</td>' for cell in row)
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"
