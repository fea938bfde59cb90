"""Encoders for numpy: data type, shape and the whole content; memory layout does not count.

In an array each NaN counts with its bits, while those that are scalars are all one. Looking for
NaNs took 10 to 40 per cent of the time of hashing (0.1 to 20 million doubles, two cores), which
is more than they are worth: the same computation leaves the same bits on one kind of processor.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, number, stream, text
from reprise.keys.names import type_name
from reprise.seals import digested

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_PIECE: Final = 4 << 20
"""Bytes of a non-contiguous array that are put in order at a time."""

_SEALED_FROM: Final = 1 << 16
"""Bytes from which on asking whether memory is unchanged costs less than hashing it."""


def ndarray(value: Any, walk: Walk) -> bytes:
    """Data type, shape and content in C order."""
    import numpy as np

    kind = text(type_name(type(value)))
    return frame("ndarray", [kind, _array("plain", value.view(np.ndarray), walk)])


def whole_numbers(value: Any, walk: Walk) -> bytes:
    """Whole numbers of any width as ``walk`` encodes them when they have eight bytes each.

    They are made wider only if what comes of it is not known yet.
    """
    if walk.encoders.find(type(value)) is not ndarray:  # the user's own, who may want to see them
        return walk(value.astype("int64"))
    start, size, form = _place(value)
    kind = text(type_name(type(value)))
    form = ("as int64", value.dtype.str, value.shape, form)

    def make(codes: Any) -> bytes:
        return _array("plain", codes.astype("int64"), walk)

    wide = digested(
        start, size, form, lambda: make(value), lambda memory: make(_on(memory, value, start))
    )
    return frame("ndarray", [kind, wide])


def scalar(value: Any, walk: Walk) -> bytes:
    """A numpy scalar: its type counts, so ``numpy.float64(1)`` is not ``1.0``."""
    import numpy as np

    if isinstance(value, np.character):
        # An array would drop zeros at the end.
        own: Any = value
        plain = str.__str__(own)[:] if isinstance(own, str) else own[:]
        return frame("scalar", [text(type_name(type(value))), walk(plain)])
    return _array("scalar", np.asarray(value), walk)


def masked_array(value: Any, walk: Walk) -> bytes:
    """As an array, with the mask; what lies under the mask does not count.

    The fill value does, and whether the mask is hard, so that assignments leave it alone.
    """
    import numpy as np

    plain, mask = np.ma.getdata(value), np.ma.getmaskarray(value)
    if plain.dtype.names is not None:
        columns = [masked_array(value[name], walk) for name in plain.dtype.names]
        return frame("masked", [data_type(plain.dtype, walk), *columns])
    if mask.any():
        plain = plain.copy()
        plain[mask] = np.zeros((), plain.dtype)
    fill = scalar(np.asarray(value.fill_value), walk)
    content = [_array("data", plain, walk), _array("mask", mask, walk), fill]
    return frame("masked", [*content, walk(bool(value.hardmask))])


def data_type(value: Any, walk: Walk) -> bytes:
    """A dtype: scalar type, byte order, unit, fields (offsets, titles), inner shape, metadata.

    Metadata plays no part in comparisons of data types; h5py and others keep theirs there.
    """
    if value.metadata is not None:
        return frame("metadata", [data_type(_bare(value), walk), walk(dict(value.metadata))])
    if value.names is None and value.subdtype is None and value.kind != "T":
        return _simple_type(value)
    parts = [text(type_name(value.type)), text(value.str), number(value.itemsize)]
    if value.names is not None:
        for name in value.names:
            inner, offset, *title = value.fields[name]
            parts += [text(name), data_type(inner, walk), number(offset), walk(title)]
    elif value.subdtype is not None:
        inner, shape = value.subdtype
        parts += [data_type(inner, walk), walk(shape)]
    else:
        parts += [walk(getattr(value, "na_object", ())), walk(value.coerce)]
    return frame("dtype", parts)


@lru_cache(maxsize=256)
def _simple_type(value: Any) -> bytes:
    parts = [text(type_name(value.type)), text(value.str), number(value.itemsize)]
    return frame("dtype", parts)


def _bare(value: Any) -> Any:
    """A data type without its metadata."""
    import numpy as np

    make: Any = np.dtype
    if value.names is None:
        return make(value.str if value.subdtype is None else value.subdtype)
    fields = [value.fields[name] for name in value.names]
    formats, offsets = [field[0] for field in fields], [field[1] for field in fields]
    titles = [field[2] if len(field) > 2 else None for field in fields]
    layout = {"names": value.names, "formats": formats, "offsets": offsets, "titles": titles}
    return make({**layout, "itemsize": value.itemsize})


def calendar(value: Any, walk: Walk) -> bytes:
    """Which days are business days: days of the week, and holidays."""
    return frame("calendar", [walk(value.weekmask), walk(value.holidays)])


def generator(value: Any, walk: Walk) -> bytes:
    """The state of a random generator: what it would draw next."""
    source = value if hasattr(value, "state") else None
    state = source.state if source is not None else _inner_state(value)
    return frame("generator", [text(type_name(type(value))), walk(state)])


def _inner_state(value: Any) -> object:
    if hasattr(value, "bit_generator"):
        source = value.bit_generator
        # How many were spawned decides what the next one spawned will draw.
        return source.state, getattr(source.seed_seq, "n_children_spawned", None)
    return value.get_state(legacy=False)


def _array(tag: str, value: Any, walk: Walk) -> bytes:
    shape = frame("shape", [number(size) for size in value.shape])
    return frame(tag, [data_type(value.dtype, walk), shape, _content(value, walk)])


def _content(value: Any, walk: Walk) -> bytes:
    dtype = value.dtype
    if dtype.names is not None:  # field by field, for there may be padding between them
        return frame("fields", [_content(value[name], walk) for name in dtype.names])
    if dtype.hasobject or dtype.kind == "T":  # the memory holds addresses
        return walk(value.reshape(-1).tolist())
    if value.nbytes < _SEALED_FROM:
        return stream("content", _pieces(value))
    start, size, form = _place(value)
    return digested(
        start,
        size,
        form,
        lambda: stream("content", _pieces(value)),
        lambda memory: stream("content", _pieces(_on(memory, value, start))),
    )


def _on(memory: memoryview, value: Any, start: int) -> Any:
    """An array as ``value`` is on other memory, which holds what lies from ``start`` on."""
    import numpy as np

    offset = _address(value) - start
    return np.ndarray(value.shape, value.dtype, memory, offset, value.strides)


def _address(value: Any) -> int:
    return int(value.__array_interface__["data"][0])


def _place(value: Any) -> tuple[int, int, Hashable]:
    """Where an array lies, how many bytes that spans, and how its content is read from there."""
    start = _address(value)
    if value.flags.c_contiguous and not _extended_precision(value.dtype):
        return start, value.nbytes, "bytes"
    steps = [(size - 1) * step for size, step in zip(value.shape, value.strides, strict=True)]
    before = sum(step for step in steps if step < 0)
    behind = sum(step for step in steps if step > 0) + value.itemsize
    return start + before, behind - before, (value.dtype.str, value.shape, value.strides)


def _pieces(value: Any) -> Iterator[Any]:
    """Yield the content in C order as bytes, without a copy where it lies so in memory."""
    import numpy as np

    if value.size == 0 or value.dtype.itemsize == 0:
        return
    extended = _extended_precision(value.dtype)
    if value.ndim == 0 or (value.flags.c_contiguous and not extended):
        yield _bytes_of(np.ascontiguousarray(value).reshape(-1), extended)
        return
    rows = max(1, _PIECE // max(1, value.nbytes // len(value)))
    for start in range(0, len(value), rows):
        part = value[start : start + rows]
        if part.nbytes > 2 * _PIECE and part.ndim > 1:
            yield from _pieces(part[0])
        else:
            yield _bytes_of(np.ascontiguousarray(part).reshape(-1), extended)


def _bytes_of(flat: Any, extended: bool) -> Any:
    import numpy as np

    if not extended:
        return flat.view(np.uint8).data
    return np.ascontiguousarray(flat.view(np.uint8).reshape(-1, 16)[:, :10]).data


def _extended_precision(dtype: Any) -> bool:
    """Whether numbers have ten bytes with six of padding behind, as x86 long doubles do."""
    if dtype.kind not in "fc" or dtype.type.__name__ not in ("longdouble", "clongdouble"):
        return False
    import numpy as np

    if np.finfo(dtype).nmant != 63:
        return False
    if dtype.itemsize not in (16, 32):
        raise UnencodableError("long doubles of this platform have no encoding")
    return True


def named(value: Any, _: Walk) -> bytes:
    """A function of numpy's, by name."""
    return leaf("numpy", f"{value.__module__}.{value.__qualname__}".encode())
