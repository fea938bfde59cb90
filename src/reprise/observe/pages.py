"""An explanation laid out: a headline, and small tables, for whatever then draws them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from reprise.observe.reasons import (
    SHORT,
    ArgumentsChanged,
    CodeChanged,
    Evicted,
    NoKey,
    Reason,
    clock_time,
)
from reprise.units import format_duration, format_size

if TYPE_CHECKING:
    from reprise.observe.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Table:
    """One small table."""

    title: str
    remark: str
    """What follows on the title where there is room."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def heading(self) -> str:
        """The whole title."""
        return f"{self.title} {self.remark}".rstrip()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole explanation, laid out."""

    function: str
    place: str
    good: bool
    """Whether the call would hit."""
    verdict: str
    key: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...]


_VERDICTS: Final = {
    "serve": "would hit",
    "serve stale": "would hit, stale, and be refreshed behind",
    "compute": "would miss",
    "raise": "would raise",
}


def page_of(told: Explanation) -> Page:
    """Lay an explanation out."""
    verdict = _VERDICTS[told.action]
    if told.reason is not None:
        verdict = f"{verdict}: {_headline(told.reason)}"
    tables = (
        _table("Why", ("", ""), _details(told.reason)),
        _table(
            "Differs",
            ("", "before", "now"),
            _differences(told.reason),
            remark=_compared(told.reason),
        ),
        _table("Entry", ("", ""), _entry(told)),
        _table("Arguments", ("name", "type", "counts as", "size", "digest"), _arguments(told)),
        _table("Code", ("part", "digest", "where", "note"), _code(told)),
        _table(
            "Left out",
            ("name", "reason", "where"),
            _left_out(told),
            remark="of the fingerprint",
        ),
    )
    return Page(
        told.function,
        near(told.place),
        told.would_hit,
        verdict,
        told.key,
        tuple(table for table in tables if table.rows),
        told.notes,
    )


def _table(
    title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], remark: str = ""
) -> Table:
    """A table without the columns that nothing stands in."""
    cells = list(rows)
    used = [at for at in range(len(columns)) if any(row[at] for row in cells)]
    return Table(
        title,
        remark,
        tuple(columns[at] for at in used),
        tuple(tuple(row[at] for at in used) for row in cells),
    )


def near(place: str) -> str:
    """A place without the folders that most of a program's files share.

    >>> near("/home/ada/shop/app/pages/orders.py:12")
    'pages/orders.py:12'
    """
    return "/".join(PurePath(place).parts[-2:]) if place.count("/") > 1 else place


def _headline(reason: Reason) -> str:
    if isinstance(reason, ArgumentsChanged | CodeChanged | Evicted):
        return reason.kind
    return str(reason)


def _details(reason: Reason | None) -> Iterator[tuple[str, str]]:
    """What a headline leaves out."""
    if isinstance(reason, Evicted):
        yield "evicted at", clock_time(reason.at)
        yield "for", reason.bound
        if reason.by_function:
            yield "by a call of", reason.by_function
            yield "with the key", reason.by_key
    elif isinstance(reason, NoKey):
        for line in reason.message.splitlines()[1:]:
            yield "", line


def _compared(reason: Reason | None) -> str:
    if isinstance(reason, ArgumentsChanged):
        return f"from the nearest result kept (key {reason.nearest[:SHORT]})"
    return "from the code that computed it before"


def _differences(reason: Reason | None) -> Iterator[tuple[str, str, str]]:
    if isinstance(reason, ArgumentsChanged):
        for argument in reason.arguments:
            before, after = argument.before[:SHORT], argument.after[:SHORT]
            yield (
                argument.name,
                argument.shown_before or before or "(not there)",
                argument.shown_after or after or "(not there)",
            )
    elif isinstance(reason, CodeChanged):
        for part in reason.parts:
            where = f" ({near(part.where)})" if part.where else ""
            before, after = part.before[:SHORT], part.after[:SHORT]
            yield part.name + where, before or "(not there)", after or "(not there)"


def _entry(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.entry is None:
        return
    yield "age", format_duration(told.entry.age)
    yield "expires in", format_duration(told.entry.expires_in)
    yield "size", format_size(told.entry.size)
    yield "hits", str(told.entry.hits)
    yield "cost", format_duration(told.entry.cost)


def _arguments(told: Explanation) -> Iterator[tuple[str, ...]]:
    for one in told.arguments:
        digest = one.digest[:SHORT] or "-"
        yield one.name, one.type, one.how, format_size(one.size), digest


def _code(told: Explanation) -> Iterator[tuple[str, ...]]:
    for part in told.code:
        yield part.name, part.digest[:SHORT], near(part.where), part.note


def _left_out(told: Explanation) -> Iterator[tuple[str, ...]]:
    for one in told.left_out:
        yield one.name, one.reason, near(one.where)


def table_of(page: Page) -> list[tuple[str, str, str, str]]:
    """All of a page as rows of one table: where it stands, a name, a value, and what else."""
    rows = [("Verdict", page.function, page.verdict, page.place)]
    if page.key:
        rows.append(("Key", "", page.key, ""))
    rows += [("Note", "", note, "") for note in page.notes]
    for table in page.tables:
        for row in table.rows:
            name, value, *more = ("", *row) if len(row) == 1 else row
            rows.append((table.title, name, value, ", ".join(filter(None, more))))
    return rows


def as_text(page: Page) -> str:
    """A page for print."""
    place = f" ({page.place})" if page.place else ""
    lines = [f"{page.function}{place} {page.verdict}", *([f"key {page.key}"] if page.key else [])]
    lines += page.notes
    for table in page.tables:
        lines += ["", table.heading]
        rows = [table.columns, *table.rows] if any(table.columns) else list(table.rows)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            lines.append(f"  {'  '.join(cells)}".rstrip())
    return "\n".join(lines)
