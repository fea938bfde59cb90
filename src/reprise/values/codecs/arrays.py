"""Arrays and scalars of numpy: their bytes, and what they mean."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any, Final

from reprise.values.arrays import ArrayBytes
from reprise.values.codecs.nodes import Kind, Reader, Writer, expect
from reprise.values.codecs.packed import NotTakenError
from reprise.values.sealed import is_sealed

_RECORD: Final = "record"
_SUBARRAY: Final = "subarray"


def write_dtype(dtype: Any) -> Any:
    """Describe a data type in plain data.

    Raises:
        NotTakenError: it has metadata or objects, or is of another library's.
    """
    import numpy

    if dtype.metadata is not None or dtype.hasobject:
        raise NotTakenError(dtype)
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return [_SUBARRAY, write_dtype(base), list(shape)]
    if dtype.names is None:
        if numpy.dtype(dtype.str) != dtype or numpy.dtype(dtype.str).type is not dtype.type:
            raise NotTakenError(dtype)
        return dtype.str
    fields = [dtype.fields[name] for name in dtype.names]
    # A title, the third in a field, may be any object; without one there are two.
    titles = [(*field, None)[2] for field in fields]
    if dtype.type is not numpy.void or {*map(type, titles)} - {str, type(None)}:
        raise NotTakenError(dtype)
    return [
        _RECORD,
        list(dtype.names),
        [write_dtype(field[0]) for field in fields],
        [field[1] for field in fields],
        titles,
        dtype.itemsize,
        dtype.isalignedstruct,
    ]


def read_dtype(node: Any) -> Any:
    """Make the data type that :func:`write_dtype` described."""
    import numpy

    if type(node) is str:
        dtype = numpy.dtype(node)
        expect(dtype.str == node, f"{node!r} is no data type of numpy's own")
    elif node[0] == _SUBARRAY:
        dtype = numpy.dtype((read_dtype(node[1]), tuple(node[2])))
    else:
        expect(node[0] == _RECORD, "no data type of numpy")
        keys = ("names", "formats", "offsets", "titles", "itemsize")
        formats = [read_dtype(part) for part in node[2]]
        description = dict(zip(keys, (node[1], formats, *node[3:6]), strict=True))
        dtype = numpy.dtype(description, align=bool(node[6]))  # type: ignore[call-overload]
    # The bytes of a stream must never be taken for addresses of objects.
    expect(not dtype.hasobject, "a data type with objects")
    return dtype


def _write_array(array: Any, writer: Writer) -> Sequence[Any]:
    shape = list(array.shape)
    # What is sealed is so for the cache's sake; nobody else has the bytes that are written here.
    readonly = not array.flags.writeable and not is_sealed(array)
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    if array.dtype == object and array.dtype.metadata is None:
        cells = array.ravel(order=order).tolist()
        return (None, shape, [order, readonly], writer.inner(cells, ""))
    dtype = write_dtype(array.dtype)
    chunks = ArrayBytes(array, order) if array.nbytes else ()
    return (dtype, shape, [order, readonly], writer.buffer(chunks, array.nbytes))


def _read_array(
    reader: Reader, dtype: Any, shape: list[int], flags: list[Any], content: Any
) -> Any:
    import numpy

    order, readonly = flags

    expect(order in ("C", "F"), "no order of an array")
    expect(all(type(length) is int for length in shape), "no shape of an array")
    if dtype is None:
        cells = reader.value(content)
        expect(type(cells) is list and len(cells) == math.prod(shape), "cells are missing")
        flat = numpy.empty(len(cells), object)
        # One by one: numpy would make an array of several dimensions of lists of one length.
        for number, cell in enumerate(cells):
            flat[number] = cell
        array = flat.reshape(shape, order=order)
    else:
        kind, memory = read_dtype(dtype), reader.buffer(content)
        size = math.prod(shape) * kind.itemsize
        expect(memoryview(memory).nbytes == size, "bytes of an array are missing")
        array = numpy.ndarray(shape, kind, memory, order=order)
    if readonly:
        array.flags.writeable = False
    return array


def _write_scalar(value: Any, _: Writer) -> Sequence[Any]:
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.void | numpy.object_):
        raise NotTakenError(value)
    if isinstance(value, numpy.str_):
        # numpy's own `str` of it loses zeros at the end.
        return ("U", str.__str__(value).encode("utf-8", "surrogatepass"))
    if isinstance(value, numpy.bytes_):
        return ("S", bytes(value))
    return (write_dtype(value.dtype), value.tobytes())


def _read_scalar(_: Reader, dtype: str, content: bytes) -> Any:
    import numpy

    if dtype == "U":
        return numpy.str_(content.decode("utf-8", "surrogatepass"))
    if dtype == "S":
        return numpy.bytes_(content)
    kind = read_dtype(dtype)
    expect(kind.itemsize == len(content) and kind.subdtype is None, "bytes of a scalar are missing")
    return numpy.frombuffer(content, kind)[0]


_ARRAY: Final = Kind("array", _write_array, _read_array, shared=True)
_SCALAR: Final = Kind("scalar", _write_scalar, _read_scalar)

KINDS: Final = (_ARRAY, _SCALAR)


def find(kind: type) -> Kind | None:
    """The kind of an exact type, if it is one of numpy's own."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if kind is numpy.ndarray:
        return _ARRAY
    own = kind.__module__ == "numpy" and getattr(numpy, kind.__name__, None) is kind
    return _SCALAR if own and issubclass(kind, numpy.generic) else None
