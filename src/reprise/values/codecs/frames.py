"""Frames, series and indexes of pandas: their blocks as they lie in memory, and their labels."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

from reprise.values import pandas_internals as inside
from reprise.values.codecs import columns
from reprise.values.codecs.columns import read_frequency, write_frequency
from reprise.values.codecs.nodes import Kind, Reader, Writer, expect
from reprise.values.codecs.packed import NotTakenError

_INDEXES: Final = (
    "Index",
    "DatetimeIndex",
    "TimedeltaIndex",
    "PeriodIndex",
    "CategoricalIndex",
    "IntervalIndex",
)


def _write_frame(frame: Any, writer: Writer) -> Sequence[Any]:
    manager = inside.manager_of(frame)
    axes = [
        writer.inner(axis, step)
        for axis, step in zip(manager.axes, (".columns", ".index"), strict=True)
    ]
    blocks = []
    for block in manager.blocks:
        where = inside.placement_of(block)
        place = _write_place(where.indexer, writer)
        blocks.append([writer.inner(block.values, _step(frame, where)), place])
    return (axes, blocks, *_write_extras(frame, writer))


def _step(frame: Any, where: Any) -> str:
    return f"[{frame.columns[next(iter(where))]!r}]" if len(where) else ""


def _write_place(place: Any, writer: Writer) -> Any:
    if isinstance(place, slice):
        return [place.start, place.stop, place.step]
    return writer.node(place)


def _write_extras(frame: Any, writer: Writer) -> Sequence[Any]:
    """What hangs on a frame or a series besides its values and labels."""
    return (writer.inner(dict(frame.attrs), ".attrs"), inside.flags_of(frame))


def _read_place(reader: Reader, node: Any) -> Any:
    if type(node[0]) is str:
        return reader.value(node)
    start, stop, step = node
    expect(0 <= start <= stop and step > 0, "no place of columns")
    return slice(start, stop, step)


def _read_frame(reader: Reader, axes: Any, blocks: Any, attributes: Any, twice: Any) -> Any:
    import pandas

    labels = [_read_index(reader, axis) for axis in axes]
    parts = [(_read_values(reader, values), _read_place(reader, place)) for values, place in blocks]
    frame = inside.new_blocks(pandas.DataFrame, parts, labels, reader.value(attributes))
    _set_flag(frame, twice)
    return frame


def _set_flag(frame: Any, twice: Any) -> None:
    if not twice:
        frame.flags.allows_duplicate_labels = False


def _read_index(reader: Reader, node: Any) -> Any:
    import pandas

    index = reader.value(node)
    expect(isinstance(index, pandas.Index), "no index")
    return index


def _read_values(reader: Reader, node: Any) -> Any:
    import numpy
    import pandas

    values = reader.value(node)
    expect(isinstance(values, numpy.ndarray | pandas.api.extensions.ExtensionArray), "no values")
    return values


def _write_series(series: Any, writer: Writer) -> Sequence[Any]:
    manager = inside.manager_of(series)
    return (
        writer.inner(manager.axes[0], ".index"),
        writer.inner(manager.blocks[0].values, ".values"),
        writer.inner(series.name, ".name"),
        *_write_extras(series, writer),
    )


def _read_series(reader: Reader, index: Any, values: Any, name: Any, *extras: Any) -> Any:
    import pandas

    labels, array = _read_index(reader, index), _read_values(reader, values)
    attributes, twice = extras
    called = reader.value(name)
    expect(len(labels) == len(array), "labels and values differ in number")
    series = inside.new_single(pandas.Series, array, labels, called, reader.value(attributes))
    _set_flag(series, twice)
    return series


def _write_index(index: Any, writer: Writer) -> Sequence[Any]:
    if inside.has_more(index):
        raise NotTakenError(index, "it has attributes of somebody's own")
    return (
        type(index).__name__,
        writer.inner(inside.data_of(index), ".array"),
        writer.inner(index.name, ".name"),
        write_frequency(inside.own_frequency(index)),
    )


def _read_one_level(reader: Reader, kind: str, data: Any, name: Any, frequency: Any) -> Any:
    import pandas

    expect(kind in _INDEXES, "no index")
    index = inside.bare_index(getattr(pandas, kind), _read_values(reader, data), reader.value(name))
    return inside.with_frequency(index, read_frequency(frequency))


def _write_range(index: Any, writer: Writer) -> Sequence[Any]:
    return (writer.node(inside.range_of(index)), writer.inner(index.name, ".name"))


def _read_range(reader: Reader, numbers: Any, name: Any) -> Any:
    import pandas

    covered = reader.value(numbers)
    expect(type(covered) is range, "no range")
    return inside.new_range(pandas.RangeIndex, covered, reader.value(name))


def _write_levels(index: Any, writer: Writer) -> Sequence[Any]:
    levels = [writer.inner(level, f".levels[{at}]") for at, level in enumerate(index.levels)]
    codes = [writer.node(code) for code in index.codes]
    return (levels, codes, index.sortorder, writer.inner(list(index.names), ".names"))


def _read_levels(reader: Reader, levels: Any, codes: Any, order: Any, names: Any) -> Any:
    import pandas

    return pandas.MultiIndex(
        levels=[_read_index(reader, level) for level in levels],
        codes=[reader.value(code) for code in codes],
        sortorder=order,
        names=reader.value(names),
        verify_integrity=False,
    )


_FRAME: Final = Kind("frame", _write_frame, _read_frame, shared=True)
_SERIES: Final = Kind("series", _write_series, _read_series, shared=True)
_INDEX: Final = Kind("index", _write_index, _read_one_level, shared=True)
_RANGE: Final = Kind("range index", _write_range, _read_range, shared=True)
_LEVELS: Final = Kind("levels", _write_levels, _read_levels, shared=True)

KINDS: Final = (_FRAME, _SERIES, _INDEX, _RANGE, _LEVELS, *columns.KINDS)

_LABELLED: Final = {
    "DataFrame": _FRAME,
    "Series": _SERIES,
    "RangeIndex": _RANGE,
    "MultiIndex": _LEVELS,
    **dict.fromkeys(_INDEXES, _INDEX),
}


def find(kind: type) -> Kind | None:
    """The kind of an exact type, if it is one of pandas's own."""
    pandas = sys.modules.get("pandas")
    found = _LABELLED.get(kind.__name__)
    if pandas is None or found is None:
        return columns.find(kind)
    return found if getattr(pandas, kind.__name__) is kind else None
