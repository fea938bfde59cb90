"""Arrays and scalars of pandas: the data that they stand on, and their data types."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

from reprise.values import pandas_internals as inside
from reprise.values.codecs.nodes import Kind, Reader, Writer, expect
from reprise.values.codecs.packed import NotTakenError


def write_frequency(frequency: Any) -> str | None:
    """The text of a frequency.

    Raises:
        NotTakenError: its text does not say it all.
    """
    if frequency is None:
        return None
    from pandas.tseries.frequencies import to_offset

    text: str = frequency.freqstr
    read = to_offset(text)
    if type(read) is not type(frequency) or read != frequency:
        raise NotTakenError(frequency)
    return text


def read_frequency(text: str | None) -> Any:
    """The frequency of a text."""
    from pandas.tseries.frequencies import to_offset

    return None if text is None else to_offset(text)


def _write_zone(zone: Any, writer: Writer) -> Any:
    module = type(zone).__module__
    if module.partition(".")[0] != "pytz":
        return writer.node(zone)
    name = getattr(zone, "zone", None)
    # Of one zone there is an object for each of its offsets; pandas finds the one that is meant.
    if not isinstance(name, str) or type(sys.modules["pytz"].timezone(name)) is not type(zone):
        raise NotTakenError(zone)
    return ["pytz", name]


def _read_zone(reader: Reader, node: Any) -> Any:
    if type(node) is list and node[0] == "pytz":
        import pytz

        return pytz.timezone(node[1])
    return reader.value(node)


def _write_moments(array: Any, writer: Writer) -> Sequence[Any]:
    import pandas

    zone = None
    if isinstance(array.dtype, pandas.DatetimeTZDtype):
        zone = _write_zone(array.dtype.tz, writer)
    frequency = write_frequency(inside.own_frequency(array) or inside.frequency_of(array))
    return (writer.node(inside.backed_part(array)), zone, frequency)


def _read_moments(reader: Reader, node: Any, zone: Any, frequency: Any) -> Any:
    import numpy
    import pandas

    values = reader.value(node)
    expect(type(values) is numpy.ndarray and values.dtype.kind in "mM", "no moments in time")
    dtype = values.dtype
    if zone is not None:
        dtype = pandas.DatetimeTZDtype(numpy.datetime_data(dtype)[0], _read_zone(reader, zone))
    array = inside.new_moments(values, dtype)
    return inside.with_frequency(array, read_frequency(frequency))


def _write_periods(array: Any, writer: Writer) -> Sequence[Any]:
    return (writer.node(inside.backed_part(array)), write_frequency(array.dtype.freq))


def _read_periods(reader: Reader, node: Any, frequency: str) -> Any:
    import pandas

    values = reader.value(node)
    expect(values.dtype.str == "<i8", "no numbers of periods")
    dtype = pandas.PeriodDtype(read_frequency(frequency))
    return inside.new_backed(pandas.arrays.PeriodArray, values, dtype, None)


def _write_categories(array: Any, writer: Writer) -> Sequence[Any]:
    codes, categories = inside.backed_part(array), writer.node(array.categories)
    return (writer.node(codes), categories, bool(array.ordered))


def _read_categories(reader: Reader, codes: Any, categories: Any, ordered: Any) -> Any:
    import pandas

    numbers, index = reader.value(codes), reader.value(categories)
    expect(isinstance(index, pandas.Index) and numbers.dtype.kind == "i", "no categories")
    dtype = inside.new_categories(pandas.CategoricalDtype, index, ordered)
    return inside.new_backed(pandas.Categorical, numbers, dtype, None)


def _write_masked(array: Any, writer: Writer) -> Sequence[Any]:
    return [writer.node(part) for part in inside.masked_parts(array)]


def _read_masked(reader: Reader, values: Any, mask: Any) -> Any:
    from pandas import arrays

    numbers = reader.value(values)
    names = {"i": "IntegerArray", "u": "IntegerArray", "f": "FloatingArray", "b": "BooleanArray"}
    return getattr(arrays, names[numbers.dtype.kind])(numbers, reader.value(mask))


def _write_intervals(array: Any, writer: Writer) -> Sequence[Any]:
    import pandas

    left, right = inside.interval_sides(array)
    if pandas.IntervalDtype(left.dtype, array.closed) != array.dtype:
        raise NotTakenError(array)
    return (writer.node(left), writer.node(right), array.closed)


def _read_intervals(reader: Reader, left: Any, right: Any, closed: str) -> Any:
    import pandas

    sides = reader.value(left), reader.value(right)
    expect(sides[0].dtype == sides[1].dtype and len(sides[0]) == len(sides[1]), "no intervals")
    dtype = pandas.IntervalDtype(sides[0].dtype, closed)
    return inside.new_intervals(pandas.arrays.IntervalArray, *sides, dtype)


def _write_text_type(dtype: Any, array: Any) -> Any:
    """Describe the data type of texts: where they are kept, and what stands for a missing one."""
    import pandas

    missing = "NA" if dtype.na_value is pandas.NA else "nan"
    if type(array) is not _read_text_type([dtype.storage, missing]).construct_array_type():
        raise NotTakenError(array)
    return [dtype.storage, missing]


def _read_text_type(node: Any) -> Any:
    import pandas

    storage, missing = node
    return pandas.StringDtype(storage, na_value=pandas.NA if missing == "NA" else float("nan"))


def _write_texts(array: Any, writer: Writer) -> Sequence[Any]:
    dtype = _write_text_type(array.dtype, array)
    return (dtype, writer.node(inside.backed_part(array)))


def _read_texts(reader: Reader, dtype: Any, node: Any) -> Any:
    import pandas

    kind, cells = _read_text_type(dtype), reader.value(node)
    texts = {str, float, type(None), type(pandas.NA)}
    expect(cells.dtype == object and set(map(type, cells.ravel())) <= texts, "no texts")
    return inside.new_backed(kind.construct_array_type(), cells, kind, None)


def _write_on_arrow(array: Any, writer: Writer) -> Sequence[Any]:
    import pandas

    data = inside.arrow_part(array)
    if isinstance(array.dtype, pandas.StringDtype):
        return (_write_text_type(array.dtype, array), writer.node(data))
    if array.dtype.pyarrow_dtype != data.type:
        raise NotTakenError(array)
    return (None, writer.node(data))


def _read_on_arrow(reader: Reader, dtype: Any, node: Any) -> Any:
    import pandas

    data = reader.value(node)
    kind = pandas.ArrowDtype(data.type) if dtype is None else _read_text_type(dtype)
    return inside.new_arrow(kind.construct_array_type(), data, kind)


def _write_timestamp(value: Any, writer: Writer) -> Sequence[Any]:
    zone = None if value.tzinfo is None else _write_zone(value.tzinfo, writer)
    moment = value.asm8
    fields = (int(moment.view("i8")), value.unit, value.fold, zone)
    back = _timestamp(*fields[:2], value.tzinfo)
    if (back, back.unit, back.fold, back.tzinfo) != (value, value.unit, value.fold, value.tzinfo):
        # A time of day that there is not, or one that was made by another rule.
        raise NotTakenError(value)
    return fields


def _timestamp(number: int, unit: Any, zone: Any) -> Any:
    import numpy
    import pandas

    moment = pandas.Timestamp(numpy.datetime64(number, unit))
    return moment if zone is None else moment.tz_localize("UTC").tz_convert(zone)


def _read_timestamp(reader: Reader, number: int, unit: str, fold: int, zone: Any) -> Any:
    moment = _timestamp(number, unit, None if zone is None else _read_zone(reader, zone))
    expect(moment.fold == fold and moment.unit == unit, "no moment in time")
    return moment


def _write_timedelta(value: Any, _: Writer) -> Sequence[Any]:
    return (int(value.asm8.view("i8")), value.unit)


def _read_timedelta(_: Reader, number: int, unit: Any) -> Any:
    import numpy
    import pandas

    return pandas.Timedelta(numpy.timedelta64(number, unit))


def _write_period(value: Any, _: Writer) -> Sequence[Any]:
    return (value.ordinal, write_frequency(value.freq))


def _read_period(_: Reader, ordinal: int, frequency: str) -> Any:
    import pandas

    return pandas.Period(ordinal=ordinal, freq=read_frequency(frequency))


def _write_interval(value: Any, writer: Writer) -> Sequence[Any]:
    return (writer.node(value.left), writer.node(value.right), value.closed)


def _read_interval(reader: Reader, left: Any, right: Any, closed: str) -> Any:
    import pandas

    return pandas.Interval(reader.value(left), reader.value(right), closed)


def _read_single(_: Reader, name: str) -> Any:
    import pandas

    return {"NA": pandas.NA, "NaT": pandas.NaT}[name]


_MOMENTS: Final = Kind("moments", _write_moments, _read_moments, shared=True)
_PERIODS: Final = Kind("periods", _write_periods, _read_periods, shared=True)
_CATEGORIES: Final = Kind("categories", _write_categories, _read_categories, shared=True)
_MASKED: Final = Kind("masked", _write_masked, _read_masked, shared=True)
_INTERVALS: Final = Kind("intervals", _write_intervals, _read_intervals, shared=True)
_TEXTS: Final = Kind("texts", _write_texts, _read_texts, shared=True)
_ON_ARROW: Final = Kind("on arrow", _write_on_arrow, _read_on_arrow, shared=True)
_SINGLE: Final = Kind("single", lambda value, _: (repr(value).strip("<>"),), _read_single)
_TIMESTAMP: Final = Kind("Timestamp", _write_timestamp, _read_timestamp)
_TIMEDELTA: Final = Kind("Timedelta", _write_timedelta, _read_timedelta)
_PERIOD: Final = Kind("Period", _write_period, _read_period)
_INTERVAL: Final = Kind("Interval", _write_interval, _read_interval)

KINDS: Final = (
    *(_MOMENTS, _PERIODS, _CATEGORIES, _MASKED, _INTERVALS, _TEXTS, _ON_ARROW),
    *(_SINGLE, _TIMESTAMP, _TIMEDELTA, _PERIOD, _INTERVAL),
)

_ARRAYS: Final = {
    "DatetimeArray": _MOMENTS,
    "TimedeltaArray": _MOMENTS,
    "PeriodArray": _PERIODS,
    "Categorical": _CATEGORIES,
    "IntegerArray": _MASKED,
    "FloatingArray": _MASKED,
    "BooleanArray": _MASKED,
    "IntervalArray": _INTERVALS,
    "StringArray": _TEXTS,
    "ArrowStringArray": _ON_ARROW,
    "ArrowExtensionArray": _ON_ARROW,
    # Two that only pandas before 3 has, with nan for what is missing.
    "StringArrayNumpySemantics": _TEXTS,
    "ArrowStringArrayNumpySemantics": _ON_ARROW,
}
_SCALARS: Final = {
    "Timestamp": _TIMESTAMP,
    "Timedelta": _TIMEDELTA,
    "Period": _PERIOD,
    "Interval": _INTERVAL,
}


def find(kind: type) -> Kind | None:
    """The kind of an exact type of pandas's own arrays and scalars."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    if kind is type(pandas.NA) or kind is type(pandas.NaT):
        return _SINGLE
    name = kind.__name__
    if name in _SCALARS:
        return _SCALARS[name] if getattr(pandas, name) is kind else None
    return _ARRAYS.get(name)
