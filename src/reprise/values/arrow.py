"""Arrow data on memory of our own, which everybody may then share.

Arrow data cannot be changed through Arrow, but who else can write to its memory cannot be told: an
array that was made of a numpy array lies on that array's memory, and says nothing of it. So it is
copied once, into bytes or into pages that are mapped read-only, where no view of it can be made
writable. See ``docs/decisions/0010-arrow-and-polars.md``.
"""

from __future__ import annotations

import mmap
import pickle
import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Final

from reprise.seals import seals
from reprise.values.pages import POOL, PagePool
from reprise.values.spool import Spool

_PROTOCOL: Final = 5

_PAGED_FROM: Final = 4096
"""Bytes from which on a buffer goes to pages when others do: one page."""

_SLACK: Final = 4096
"""Bytes of its buffers that an array may leave unused before it is cut out of them."""

_KINDS: Final = ("Table", "RecordBatch", "ChunkedArray", "Array")


def shareable(value: object) -> bool:
    """Tell whether :func:`owned` makes of ``value`` what can be handed to everybody.

    Args:
        value: Anything.

    Returns:
        True for tables, record batches and arrays of Arrow's own types. Types that are defined in
        Python may carry state, and their class may be of a script that is run anew.
    """
    arrow = sys.modules.get("pyarrow")
    if arrow is None or type(value).__module__ != "pyarrow.lib":
        return False
    if not isinstance(value, tuple(getattr(arrow, kind) for kind in _KINDS)):
        return False
    data: Any = value
    tabular = isinstance(value, arrow.Table | arrow.RecordBatch)
    kinds = data.schema.types if tabular else [data.type]
    return bool(getattr(data, "is_cpu", True)) and all(map(is_arrows_own, kinds))


def owned(value: Any, pool: PagePool = POOL) -> Any:
    """Copy Arrow data into memory that nobody can write to.

    Args:
        value: A table, a record batch, a chunked array or an array, of any type.
        pool: Makes the pages for large ones.

    Returns:
        An equal one, cut into the same chunks. A slice no longer holds what it was cut out of.

    Raises:
        Exception: whatever pickling raises, for types that are defined in Python.

    >>> import numpy, pyarrow
    >>> numbers = numpy.arange(3)
    >>> own = owned(pyarrow.array(numbers))
    >>> numbers[0] = 9
    >>> own.to_pylist()
    [0, 1, 2]
    """
    intake = _Intake(Spool(pool))
    stream = pickle.dumps(_trimmed(value), _PROTOCOL, buffer_callback=intake.take)
    buffers = intake.frozen()
    for mapping in {id(view.obj): view.obj for view in buffers}.values():
        if isinstance(mapping, mmap.mmap):
            _register(mapping)
    return pickle.loads(stream, buffers=buffers)  # noqa: S301 - made three lines above


class _Intake:
    """Takes in buffers while a value is pickled, each once, however many arrays lie on it."""

    __slots__ = ("_held", "_order", "_places", "_small", "_spool", "_spooled")

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._spooled = 0
        self._small: list[bytes] = []
        self._order: list[tuple[bool, int]] = []
        self._places: dict[tuple[int, int], tuple[bool, int]] = {}
        # An address must not be used again while pickling lasts.
        self._held: list[object] = []

    def take(self, buffer: pickle.PickleBuffer) -> bool:
        """Pickle's buffer callback: false means that the buffer does not go into the stream."""
        raw = buffer.raw()
        source: Any = raw.obj
        address = getattr(source, "address", None)
        if address is None:
            self._order.append(self._add(raw))
            return False
        place = self._places.get((address, raw.nbytes))
        if place is None:
            self._held.append(source)
            place = self._places[address, raw.nbytes] = self._add(raw)
        self._order.append(place)
        return False

    def _add(self, raw: memoryview) -> tuple[bool, int]:
        """Keep one buffer; whether it went to the spool, and its number there or here."""
        if raw.nbytes < _PAGED_FROM:
            self._small.append(bytes(raw))
            return False, len(self._small) - 1
        self._spool.add([raw], raw.nbytes, readonly=True)
        self._spooled += 1
        return True, self._spooled - 1

    def frozen(self) -> list[memoryview]:
        """All buffers in the order in which they came, read-only."""
        kept = self._spool.buffers()
        large: Sequence[memoryview] = [] if kept is None else kept.frozen()
        small = [memoryview(data) for data in self._small]
        return [large[at] if spooled else small[at] for spooled, at in self._order]


def _register(mapping: mmap.mmap) -> None:
    """Make known that this memory cannot change: it is mapped read-only, for nobody to write."""
    from pyarrow import py_buffer

    start = py_buffer(memoryview(mapping)).address
    seals.register(mapping, start, len(mapping), _still_mapped(mapping))


def _still_mapped(mapping: mmap.mmap) -> Callable[[int, int], bool]:
    reference = weakref.ref(mapping)

    def unchanged(_: int, __: int) -> bool:
        # Once all views are gone it can be closed, and something else come to its place.
        held = reference()
        return held is not None and not held.closed

    return unchanged


def is_arrows_own(kind: Any) -> bool:
    """Whether a data type, and all that it is made of, is defined by Arrow itself."""
    import pyarrow

    if isinstance(kind, pyarrow.ExtensionType):
        return False
    if isinstance(kind, pyarrow.BaseExtensionType):
        return is_arrows_own(kind.storage_type)
    if pyarrow.types.is_dictionary(kind):
        return is_arrows_own(kind.value_type)
    return all(is_arrows_own(kind.field(place).type) for place in range(kind.num_fields))


def _trimmed(value: Any) -> Any:
    """The same with arrays that lie on no more memory than they use."""
    import pyarrow

    if isinstance(value, pyarrow.Array):
        return _cut_out(value)
    if isinstance(value, pyarrow.ChunkedArray):
        return pyarrow.chunked_array(map(_cut_out, value.chunks), value.type)
    if not value.num_columns:
        # Made of no columns it would lose its number of rows.
        return value
    return type(value).from_arrays(list(map(_trimmed, value.columns)), schema=value.schema)


def _cut_out(array: Any) -> Any:
    import pyarrow

    held = array.get_total_buffer_size()
    if held <= _SLACK or held <= array.nbytes + array.nbytes // 4 + _SLACK:
        return array
    try:
        # Alone it might be handed back as it is.
        return pyarrow.concat_arrays([array.slice(0, 0), array])
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):
        # There are types that cannot be joined. They keep more memory than they use, no more.
        return array
