"""Encoders for polars: names, types and the whole content; chunks do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprise.keys.framing import frame, number, stream, text
from reprise.keys.names import type_name

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_PIECE: Final = 8 << 20
"""Bytes of texts that are joined at a time."""


def data_frame(value: Any, walk: Walk) -> bytes:
    """Height, and each column in its order."""
    columns = [series(column, walk) for column in value.get_columns()]
    return frame("polars.DataFrame", [number(value.height), *columns])


def series(value: Any, walk: Walk) -> bytes:
    """Name, type and content."""
    parts = [text(value.name), data_type(value.dtype, walk), _content(value, walk)]
    return frame("polars.Series", parts)


def data_type(value: Any, walk: Walk) -> bytes:
    """The type with all that it was given: unit, zone, categories, inner types."""
    kind = value if isinstance(value, type) else type(value)
    parts = [text(type_name(kind)), text(str(value))]
    if hasattr(value, "categories") and hasattr(value.categories, "to_list"):
        parts.append(walk(value.categories.to_list()))
    for field in getattr(value, "fields", None) or ():
        parts += [text(field.name), data_type(field.dtype, walk)]
    if hasattr(value, "inner"):
        parts.append(data_type(value.inner, walk))
    return frame("polars.DataType", parts)


def _content(value: Any, walk: Walk) -> bytes:
    """Encode which values are present, then those, all by kind."""
    length = number(len(value))
    present = walk(None)
    if value.null_count():
        present = _numbers(value.is_not_null(), walk)
        value = value.drop_nulls()
    return frame("values", [length, present, *_present_content(value, walk)])


def _present_content(value: Any, walk: Walk) -> list[bytes]:
    import polars

    kind = value.dtype
    if kind in (polars.List, polars.Array):
        lengths = value.list.len() if kind == polars.List else None
        counted = walk(None) if lengths is None else _numbers(lengths, walk)
        return [counted, _content(value.explode(), walk)]
    if kind == polars.Struct:
        return [series(column, walk) for column in value.struct.unnest().get_columns()]
    if kind in (polars.Categorical, polars.Enum):
        return _present_content(value.cast(polars.String), walk)
    if kind == polars.Boolean or _has_numpy_type(kind):
        return [_numbers(value, walk)]
    if kind.is_temporal():
        return [_numbers(value.to_physical(), walk)]
    if kind == polars.String:
        lengths = value.str.len_bytes()
        return [_numbers(lengths, walk), _joined(value, lengths.sum())]
    return [walk(value.to_list())]


def _joined(value: Any, size: int) -> bytes:
    """Encode texts one behind the other, ``size`` bytes in all, as one text."""
    import polars

    if size < _PIECE:
        return text(value.str.join("").item() if len(value) else "")
    rows = max(1, len(value) * _PIECE // size)
    parts = (value.slice(start, rows) for start in range(0, len(value), rows))
    # As bytes: Python would read the text to find how wide its characters are.
    return stream("str", (part.str.join("").cast(polars.Binary).item() for part in parts))


def _has_numpy_type(kind: Any) -> bool:
    wide = type_name(kind if isinstance(kind, type) else type(kind)).endswith("Int128")
    return (kind.is_integer() and not wide) or bool(kind.is_float())


def _numbers(value: Any, walk: Walk) -> bytes:
    """Encode numbers, none of which is missing; polars can do without numpy, only slower."""
    try:
        # Asked here, for polars may panic where it is missing.
        import numpy  # noqa: F401 - it is polars that uses it
    except ModuleNotFoundError:
        return walk(value.to_list())
    return walk(value.to_numpy())
