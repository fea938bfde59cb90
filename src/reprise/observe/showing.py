"""Values in a few characters, without running any code of theirs that may be slow or fail."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 32
_PLAIN: Final = (type(None), bool, int, float, complex, str, bytes)
_SHAPED: Final = {
    "numpy": frozenset({"MaskedArray", "matrix", "memmap", "ndarray", "recarray"}),
    "pandas": frozenset(
        {"Categorical", "DataFrame", "DatetimeIndex", "Index", "MultiIndex", "RangeIndex", "Series"}
    ),
    "polars": frozenset({"DataFrame", "Series"}),
    "pyarrow": frozenset({"ChunkedArray", "RecordBatch", "Table"}),
}
"""Classes of libraries that know their shape; others, such as a grouping, would work it out."""
_SIZED: Final = (list, tuple, dict, set, frozenset, bytearray)


def shown(value: object) -> str:
    """A value in short: plain ones as they are written, others by their type and shape.

    >>> shown("a.csv"), shown([1, 2]), shown(range), shown("x" * 100)
    ("'a.csv'", 'list[2]', 'type', "'xxxxxxxxxxxxxx...xxxxxxxxxxxxxx'")
    """
    cls = type(value)
    if cls in _PLAIN:
        return _plain(value)
    if cls in _SIZED:
        return f"{cls.__name__}[{len(value)}]"  # type: ignore[arg-type]
    shape = shape_of(value)
    return f"{cls.__name__}{list(shape)}" if shape else cls.__name__


def shape_of(value: object) -> tuple[int, ...]:
    """The shape or the length of a value; empty where it has neither.

    >>> shape_of([1, 2]), shape_of(memoryview(b"abc")), shape_of(5)
    ((2,), (3,), ())
    """
    cls = type(value)
    if cls in _SIZED or cls is memoryview:
        return (len(value),)  # type: ignore[arg-type]
    if not has_shape(cls):
        return ()  # to ask an unknown object may run a query, or change it
    try:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and all(type(one) is int for one in shape):
            return shape
        return (len(value),)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - a frame may be broken; then it has none
        return ()


def has_shape(cls: type) -> bool:
    """Whether the values of a class are arrays, frames or columns of a known library.

    >>> has_shape(list)
    False
    """
    package = str(cls.__module__).partition(".")[0]
    return cls.__name__ in _SHAPED.get(package, ())


def _plain(value: object) -> str:
    if isinstance(value, str | bytes) and len(value) > _LONGEST:
        half = _LONGEST // 2 - 2
        begin, end = repr(value[:half]), repr(value[-half:])
        inner = end[2:] if isinstance(value, bytes) else end[1:]
        return f"{begin[:-1]}...{inner}"
    if isinstance(value, int) and value.bit_length() > 100:
        return f"int of {value.bit_length()} bits"
    return repr(value)
