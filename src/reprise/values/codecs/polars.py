"""Frames and series of polars, by way of Arrow, whose memory is the same."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

from reprise.values.codecs import arrow
from reprise.values.codecs.nodes import Kind, Reader, Writer, expect
from reprise.values.codecs.packed import NotTakenError, UndecodableError
from reprise.values.polars import is_polars_own


def _write_frame(frame: Any, writer: Writer) -> Sequence[Any]:
    import polars

    if not frame.width and frame.height:
        raise NotTakenError(frame, "it has rows and no columns")
    for column in frame.get_columns():
        if not is_polars_own(column.dtype):
            raise NotTakenError(frame, f"the column {column.name!r} is of type {column.dtype}")
    try:
        newest = polars.CompatLevel.newest()
        empty = polars.from_arrow(frame.clear().to_arrow(compat_level=newest))
        if not isinstance(empty, polars.DataFrame) or empty.schema != frame.schema:
            raise NotTakenError(frame, "Arrow has no type for one of its columns")
        table = frame.to_arrow(compat_level=newest)
    except (ImportError, polars.exceptions.PolarsError) as error:
        raise NotTakenError(frame, str(error)) from error
    return (list(map(_order, frame.get_columns())), *arrow.write_table(table, writer))


def _order(column: Any) -> int:
    """Whether polars knows that a column is sorted: 1 if it rises, -1 if it falls."""
    return int(column.flags["SORTED_ASC"]) - int(column.flags["SORTED_DESC"])


def _read_frame(reader: Reader, orders: Any, *fields: Any) -> Any:
    import polars

    table = arrow.read_table(reader, *fields)
    try:
        frame = polars.from_arrow(table, rechunk=False)
    except polars.exceptions.PanicException as error:
        # No Exception, since polars takes what is wrong with the data for a mistake of its own.
        raise UndecodableError(f"polars cannot read it: {error}") from error
    expect(isinstance(frame, polars.DataFrame) and len(orders) == frame.width, "no frame")
    known = zip(frame.get_columns(), orders, strict=True)  # type: ignore[union-attr]
    columns = [one.set_sorted(descending=order < 0) if order else one for one, order in known]
    return frame.with_columns(columns) if any(orders) else frame  # type: ignore[union-attr]


def _write_series(series: Any, writer: Writer) -> Sequence[Any]:
    return _write_frame(series.to_frame(), writer)


def _read_series(reader: Reader, *fields: Any) -> Any:
    return _read_frame(reader, *fields).to_series()


_FRAME: Final = Kind("polars frame", _write_frame, _read_frame, shared=True)
_SERIES: Final = Kind("polars series", _write_series, _read_series, shared=True)

KINDS: Final = (_FRAME, _SERIES)


def find(kind: type) -> Kind | None:
    """The kind of an exact type, if it is one of polars's own."""
    polars = sys.modules.get("polars")
    if polars is None:
        return None
    if kind is polars.DataFrame:
        return _FRAME
    return _SERIES if kind is polars.Series else None
