"""Encoders for pandas. How columns lie in blocks does not count, and neither does ``attrs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, number, text
from reprise.keys.names import type_name
from reprise.keys.types import geometry
from reprise.keys.types.arrays import whole_numbers

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def data_frame(value: Any, walk: Walk) -> bytes:
    """Labels of both axes, and each column with its type and whole content."""
    columns = [_values(column, walk) for _, column in value.items()]
    flags = walk(value.flags.allows_duplicate_labels)
    axes = [walk(value.columns), walk(value.index)]
    return frame("DataFrame", [*_identity(value, walk), *axes, flags, frame("columns", columns)])


def series(value: Any, walk: Walk) -> bytes:
    """Name, labels, type and whole content."""
    flags = walk(value.flags.allows_duplicate_labels)
    parts = [walk(value.name), walk(value.index), flags, _values(value, walk)]
    return frame("Series", [*_identity(value, walk), *parts])


def index(value: Any, walk: Walk) -> bytes:
    """Kind, name, frequency and labels."""
    frequency = walk(getattr(value, "freqstr", None))
    return frame("Index", [_kind(value), walk(value.name), frequency, _values(value, walk)])


def range_index(value: Any, walk: Walk) -> bytes:
    """Name, start, stop and step."""
    parts = (value.start, value.stop, value.step)
    return frame("RangeIndex", [walk(value.name), *map(number, parts)])


def multi_index(value: Any, walk: Walk) -> bytes:
    """Names, levels and codes; levels that no label uses count, for ``levels`` shows them."""
    parts = [
        walk(list(value.names)),
        *map(walk, value.levels),
        *(whole_numbers(codes, walk) for codes in value.codes),
    ]
    return frame("MultiIndex", parts)


def extension_array(value: Any, walk: Walk) -> bytes:
    """Type and content of an array that is not numpy's."""
    dtype = value.dtype
    kind = type(dtype).__name__
    content = _CONTENTS.get(kind)
    if kind.endswith("DType"):  # numpy's own, in an array of pandas'
        return frame("array", [_kind(value), walk(value.to_numpy())])
    if content is None:
        raise UnencodableError(f"arrays of type {dtype} have no encoding")
    return frame("array", [extension_type(dtype, walk), *content(value, walk)])


def extension_type(value: Any, walk: Walk) -> bytes:
    """A data type of a column that is not numpy's."""
    parts = [text(type_name(type(value))), text(str(value))]
    if type(value).__name__ == "CategoricalDtype":
        parts += [walk(value.categories), walk(value.ordered)]
    elif type(value).__name__ == "DatetimeTZDtype":
        parts += [walk(value.tz)]
    elif type(value).__name__ == "StringDtype":
        parts += [text(value.storage), walk(value.na_value)]
    return frame("dtype", parts)


def _categorical(value: Any, walk: Walk) -> list[bytes]:
    return [whole_numbers(value.codes, walk)]


def _moments(value: Any, walk: Walk) -> list[bytes]:
    return [walk(value.asi8)]


def _sparse(value: Any, walk: Walk) -> list[bytes]:
    places = value.sp_index.to_int_index().indices
    return [number(len(value)), walk(value.fill_value), walk(places), walk(value.sp_values)]


def _interval(value: Any, walk: Walk) -> list[bytes]:
    return [walk(value.left), walk(value.right), text(value.closed)]


def _masked(value: Any, walk: Walk) -> list[bytes]:
    """Numbers with missing ones; what lies under the mask is undefined and does not count."""
    numbers = value.to_numpy(dtype=value.dtype.numpy_dtype, na_value=value.dtype.type(0))
    return [walk(value.isna()), walk(numbers)]


def _arrow(value: Any, walk: Walk) -> list[bytes]:
    import pyarrow

    return [walk(pyarrow.chunked_array(value.__arrow_array__()))]


def _strings(value: Any, walk: Walk) -> list[bytes]:
    if value.dtype.storage == "python":
        import numpy as np

        return [walk(np.asarray(value, dtype=object))]
    return _arrow(value, walk)


def _numpy(value: Any, walk: Walk) -> list[bytes]:
    return [walk(value.to_numpy())]


_CONTENTS = {
    "CategoricalDtype": _categorical,
    "DatetimeTZDtype": _moments,
    "PeriodDtype": _moments,
    "SparseDtype": _sparse,
    "IntervalDtype": _interval,
    "BooleanDtype": _masked,
    **{f"{sign}Int{bits}Dtype": _masked for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "Float32Dtype": _masked,
    "Float64Dtype": _masked,
    "ArrowDtype": _arrow,
    "StringDtype": _strings,
    "NumpyEADtype": _numpy,
    "GeometryDtype": geometry.column,
}


def moment(value: Any, walk: Walk) -> bytes:
    """A ``Timestamp`` or ``Timedelta`` to its full resolution, with unit, zone and fold."""
    zone = (getattr(value, "tzinfo", None), getattr(value, "fold", 0))
    return frame("moment", [_kind(value), walk(value.asm8), walk(zone)])


def period(value: Any, _: Walk) -> bytes:
    """Ordinal and frequency."""
    return frame("Period", [number(value.ordinal), text(value.freqstr)])


def interval(value: Any, walk: Walk) -> bytes:
    """Both ends, and which of them belong to it."""
    return frame("Interval", [walk(value.left), walk(value.right), text(value.closed)])


def missing(value: Any, _: Walk) -> bytes:
    """``pandas.NaT`` and ``pandas.NA``, each told from the other and from NaN."""
    return frame("missing", [text(type(value).__name__)])


def _values(value: Any, walk: Walk) -> bytes:
    import numpy as np

    return walk(value.to_numpy() if isinstance(value.dtype, np.dtype) else value.array)


def _kind(value: Any) -> bytes:
    return text(type_name(type(value)))


def _identity(value: Any, walk: Walk) -> list[bytes]:
    """Class, and the attributes that a subclass says it has."""
    names = value._metadata  # noqa: SLF001 - documented for authors of subclasses
    own = {name: getattr(value, name, None) for name in names if name != "_name"}
    return [_kind(value), walk(own)]
