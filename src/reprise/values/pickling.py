"""Pickling with large buffers out of band."""

from __future__ import annotations

import copyreg
import io
import pickle
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pickle import PickleBuffer
from typing import Any, Final, Protocol, TypeVar

from reprise.values.adopted_arrays import WRITABLE_IN_PICKLES
from reprise.values.arrays import ArrayBytes, restore_array
from reprise.values.naming import NamingPickler, named_loads
from reprise.values.sealed import is_sealed

PROTOCOL: Final = 5

OUT_OF_BAND_FROM: Final = 4096
"""Bytes from which on a buffer leaves the stream: one page. Smaller ones are not worth a slice."""


class BufferSink(Protocol):
    """Takes in buffers while a value is pickled."""

    def add(self, chunks: Iterable[memoryview], size: int, *, readonly: bool) -> None:
        """Keep one buffer."""
        ...


Sink = TypeVar("Sink", bound=BufferSink)


class NullSink:
    """Lets every buffer go: for finding out whether a value can be pickled at all."""

    def add(self, chunks: Iterable[memoryview], size: int, *, readonly: bool) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A pickled value without its large buffers."""

    data: bytes
    loads: Callable[..., Any]
    """``pickle.loads``, or what finds the classes of a script that is run anew as well."""


def dump(
    value: object, function: Callable[..., object], new_sink: Callable[[], Sink]
) -> tuple[Stream, Sink]:
    """Pickle ``value``.

    Args:
        value: What the function returned.
        function: The function; its globals show which classes are meant by their names.
        new_sink: Makes the sink for large buffers; called again if a second way is tried.

    Returns:
        The stream, and the sink that took in the buffers.

    Raises:
        Exception: whatever pickle or the value's own methods raise.
    """
    sink = new_sink()
    out = io.BytesIO()
    diversion = _Diversion(sink)
    try:
        # Plain first: a pickler that asks Python about every object takes several times longer.
        _dump(pickle.Pickler(out, PROTOCOL, buffer_callback=diversion.divert), value, diversion)
    except pickle.PicklingError:
        sink = new_sink()
        out = io.BytesIO()
        diversion = _Diversion(sink)
        pickler = NamingPickler(out, PROTOCOL, buffer_callback=diversion.divert)
        pickler.look_in(function)
        _dump(pickler, value, diversion)
        return Stream(out.getvalue(), named_loads(function)), sink
    data = out.getvalue()
    # The text may stand there for another reason; then loading is a little slower, not wrong.
    return Stream(data, named_loads(function) if b"__main__" in data else pickle.loads), sink


def _dump(pickler: pickle.Pickler, value: object, diversion: _Diversion) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        # One look-up by exact type, in C, for objects that are no built-ins.
        table = {**copyreg.dispatch_table, numpy.ndarray: diversion.reduce_array}
        # Here sealed memory is seen to without a copy of it.
        plain = {
            kind: reduce
            for kind, reduce in table.items()
            if all(reduce is not one for one in WRITABLE_IN_PICKLES)
        }
        pickler.dispatch_table = plain
    pickler.dump(value)


class _Diversion:
    """Sends buffers to the sink instead of the stream, those of all arrays included.

    Left to themselves some arrays (a column of dates, every second row) copy all of their bytes
    into the stream, and pickle copies them out of it again at every hit.
    """

    __slots__ = ("_array", "_sink", "_token")

    def __init__(self, sink: BufferSink) -> None:
        self._sink = sink
        self._array: ArrayBytes | None = None
        self._token: PickleBuffer | None = None

    def divert(self, buffer: PickleBuffer) -> bool:
        """Pickle's buffer callback: true means that the buffer goes into the stream."""
        array = self._array
        if buffer is self._token and array is not None:
            self._sink.add(array, array.size, readonly=array.readonly)
            return False
        try:
            raw = buffer.raw()
        except BufferError:
            # Not contiguous: pickle itself refuses it, and says why.
            return True
        if raw.nbytes < OUT_OF_BAND_FROM:
            return True
        self._sink.add([raw], raw.nbytes, readonly=raw.readonly)
        return False

    def reduce_array(self, array: Any) -> Any:
        """How to pickle an array: as numpy does, unless that would copy much into the stream."""
        data = ArrayBytes.of(array) if array.nbytes >= OUT_OF_BAND_FROM else None
        if data is None:
            # In the stream, too, what was read-only would stay so.
            return (array.copy() if is_sealed(array) else array).__reduce_ex__(PROTOCOL)
        # The token stands for the array's bytes. Pickle asks for it next, before any other array.
        self._array = data
        self._token = PickleBuffer(b"" if data.readonly else bytearray())
        return restore_array, (self._token, array.dtype, array.shape, data.order)
