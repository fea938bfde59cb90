"""Sizes that arrays, frames, tensors and images know themselves.

Matched by qualified names over the bases: none of the libraries is imported, and subclasses count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from reprise.values.pandas_internals import plain_bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """An object's own bytes, and the parts to measure besides."""

    own: int
    parts: tuple[tuple[object, float], ...] = ()
    """Each with the number of parts that it stands for."""


def measure_foreign(value: object, most: int) -> Measured | None:
    """Ask a value of a known library what it occupies.

    Args:
        value: Anything.
        most: How many cells of Python objects are to be looked at.

    Returns:
        ``None`` for everything that is not known here.
    """
    for base in type(value).__mro__:
        measure = _MEASURES.get(f"{base.__module__}.{base.__qualname__}")
        if measure is not None:
            return measure(value, most)
    return None


def _array(array: Any, most: int) -> Measured:
    kind = sys.modules["numpy"].ndarray
    owner = array
    while isinstance(owner.base, kind):
        owner = owner.base
    if owner is not array:
        # A view keeps all of its owner alive; as a part, the owner of several views counts once.
        return Measured(0, ((owner, 1.0),))
    if not array.dtype.hasobject or not array.size:
        return Measured(array.nbytes)
    step = -(-array.size // most)
    cells = array.flat[::step].tolist()
    return Measured(array.nbytes, _weighted(cells, array.size))


def _weighted(cells: list[object], total: int) -> tuple[tuple[object, float], ...]:
    # Few distinct objects among many cells: those in the sample are likely to be all of them.
    repeated = 2 * len({id(cell) for cell in cells}) < len(cells)
    share = 1.0 if repeated else total / max(1, len(cells))
    return tuple((cell, share) for cell in cells)


def _frame(frame: Any, most: int) -> Measured:
    plain = plain_bytes(frame)
    if plain is not None:  # pandas would make a series of each column
        return Measured(plain, ((frame.index, 1.0),))
    own = int(frame.memory_usage(index=False).sum())
    objects = [position for position, dtype in enumerate(frame.dtypes) if _holds_objects(dtype)]
    parts: list[tuple[object, float]] = [(frame.index, 1.0)]
    for position in objects[:most]:
        parts += _cells(frame.iloc[:, position], max(1, most // len(objects)))
    return Measured(own, tuple(parts))


def _series(series: Any, most: int) -> Measured:
    cells = _cells(series, most) if _holds_objects(series.dtype) else ()
    return Measured(int(series.memory_usage(index=False)), ((series.index, 1.0), *cells))


def _index(index: Any, most: int) -> Measured:
    # The tuples of a MultiIndex are made when asked for.
    flat = index.nlevels == 1 and _holds_objects(index.dtype)
    return Measured(int(index.memory_usage()), _cells(index, most) if flat else ())


def _holds_objects(dtype: Any) -> bool:
    return getattr(dtype, "kind", None) == "O" and getattr(dtype, "storage", "python") == "python"


def _cells(column: Any, most: int) -> tuple[tuple[object, float], ...]:
    step = max(1, -(-len(column) // most))
    items = column.iloc[::step] if hasattr(column, "iloc") else column[::step]
    return _weighted(items.to_numpy(dtype=object).tolist(), len(column))


def _polars(frame: Any, _: int) -> Measured:
    return Measured(int(frame.estimated_size()))


def _arrow(data: Any, _: int) -> Measured:
    # Whole buffers, also where only a slice of them is used: they stay alive.
    return Measured(int(data.get_total_buffer_size()))


def _buffer(buffer: Any, _: int) -> Measured:
    return Measured(int(buffer.size))


def _module(module: Any, _: int) -> Measured:
    return Measured(sum(_tensor_bytes(tensor) for tensor in _tensors(module)))


def _tensors(module: Any) -> Iterator[Any]:
    yield from module.parameters()
    yield from module.buffers()


def _tensor(tensor: Any, _: int) -> Measured:
    return Measured(_tensor_bytes(tensor))


def _tensor_bytes(tensor: Any) -> int:
    return int(tensor.element_size() * tensor.nelement())


def _image(image: Any, _: int) -> Measured:
    width, height = image.size
    # Pillow keeps a byte for each pixel of one band, and four for any more.
    return Measured(width * height * (1 if image.mode in {"1", "L", "P"} else 4))


_MEASURES: Final[dict[str, Callable[[Any, int], Measured]]] = {
    "numpy.ndarray": _array,
    "pandas.DataFrame": _frame,
    "pandas.core.frame.DataFrame": _frame,
    "pandas.Series": _series,
    "pandas.core.series.Series": _series,
    "pandas.Index": _index,
    "pandas.core.indexes.base.Index": _index,
    "polars.dataframe.frame.DataFrame": _polars,
    "polars.series.series.Series": _polars,
    "pyarrow.lib.Table": _arrow,
    "pyarrow.lib.RecordBatch": _arrow,
    "pyarrow.lib.ChunkedArray": _arrow,
    "pyarrow.lib.Array": _arrow,
    "pyarrow.lib.Buffer": _buffer,
    "torch.nn.modules.module.Module": _module,
    "torch.Tensor": _tensor,
    "torch._tensor.Tensor": _tensor,
    "PIL.Image.Image": _image,
}
