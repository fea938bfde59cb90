"""Snapshots: the table of the ways in which values are kept, cheapest hit first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from reprise.contracts import MISSING, Missing, Snapshot
from reprise.values import arrow, polars
from reprise.values.adoption import adopt
from reprise.values.copying import copier_for
from reprise.values.failures import unevaluated, unserializable
from reprise.values.pages import POOL
from reprise.values.pickling import Stream, dump
from reprise.values.plain import is_immutable
from reprise.values.sizes import size_of
from reprise.values.spool import HeapBuffers, PageBuffers, Spool
from reprise.values.unevaluated import query_kind


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Shared:
    """The very object, for everybody."""

    shared: object
    size: int

    def restore(self) -> Any:
        """Give the object itself."""
        return self.shared


@dataclass(frozen=True, slots=True)
class Copied:
    """A private original of a built-in container, copied for each caller."""

    original: object
    restore: Callable[[], Any]
    """The container's own copy method, where it can be, with no Python function in between."""
    size: int

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets a copy."""
        return MISSING


@dataclass(frozen=True, slots=True)
class Pickled:
    """Pickled bytes, unpickled for each caller."""

    stream: Stream
    restore: Callable[[], Any]
    """Unpickling, with no Python function in between."""

    @classmethod
    def of(cls, stream: Stream) -> Pickled:
        """Keep ``stream``."""
        return cls(stream, partial(stream.loads, stream.data))

    @property
    def size(self) -> int:
        """Bytes that keeping it costs."""
        return len(self.stream.data)

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets a copy."""
        return MISSING


@dataclass(frozen=True, slots=True)
class Buffered:
    """Pickled bytes, with the buffers kept apart: on the heap, or in pages when they are large."""

    stream: Stream
    buffers: HeapBuffers | PageBuffers

    @property
    def size(self) -> int:
        """Bytes that keeping it costs."""
        return len(self.stream.data) + self.buffers.size

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets its own."""
        return MISSING

    def restore(self) -> Any:
        """Unpickle onto buffers of the caller's own."""
        return self.stream.loads(self.stream.data, buffers=self.buffers.take())


@dataclass(frozen=True, slots=True)
class Cloned:
    """A private original of what copies its memory before writing there, cloned for each caller."""

    restore: Callable[[], Any]
    """The original's own ``clone``, with no Python function of ours in between."""
    size: int

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets a clone."""
        return MISSING


Row: TypeAlias = "Callable[[object, Callable[..., object]], Snapshot | None]"
"""One way to keep values: the snapshot, or ``None`` for a value that it is not made for."""


def _immutable(value: object, _: Callable[..., object]) -> Snapshot | None:
    return Shared(value, size_of(value)) if is_immutable(value) else None


def _container(value: object, _: Callable[..., object]) -> Snapshot | None:
    copier = copier_for(value)
    if copier is None:
        return None
    return Copied(copier.original, copier.copy, size_of(copier.original))


def _adopted(value: object, _: Callable[..., object]) -> Snapshot | None:
    return adopt(value)


def _arrow(value: object, _: Callable[..., object]) -> Snapshot | None:
    if not arrow.shareable(value):
        return None
    own = arrow.owned(value, POOL)
    return Shared(own, size_of(own))


def _polars(value: object, _: Callable[..., object]) -> Snapshot | None:
    own = polars.owned(value)
    if own is None:
        return None
    polars.register(own)
    return Cloned(own.clone, size_of(own))


def _query(value: object, function: Callable[..., object]) -> Snapshot | None:
    kind = query_kind(value)
    if kind is not None:
        raise unevaluated(kind, function)
    return None


def pickle_snapshot(value: object, function: Callable[..., object]) -> Pickled | Buffered:
    """Keep a value as pickle, whatever it is.

    Raises:
        UnserializableReturnValueError: the value, or a part of it, cannot be pickled.
        UnevaluatedDataFrameError: a part of the value is a query that has not run yet.
    """
    try:
        stream, spool = dump(value, function, partial(Spool, POOL))
    except MemoryError:
        raise
    except Exception as error:
        raise unserializable(value, function, error) from error
    buffers = spool.buffers()
    return Pickled.of(stream) if buffers is None else Buffered(stream, buffers)


_TABLE: Final[tuple[Row, ...]] = (_immutable, _container, _adopted, _arrow, _polars, _query)
"""Asked in this order; what none of them takes is pickled."""


def take_snapshot(value: object, function: Callable[..., object]) -> Snapshot:
    """Keep what a function cached by ``cache_data`` returned.

    Args:
        value: What it returned. Later changes to it are not seen by the snapshot.
        function: The function itself, for messages and for the names of its classes.

    Returns:
        A snapshot whose ``restore`` gives each caller a value of its own.

    Raises:
        UnserializableReturnValueError: the value, or a part of it, cannot be pickled.
        UnevaluatedDataFrameError: the value is a query that has not run yet.

    >>> snapshot = take_snapshot({"a": 1}, dict)
    >>> mine = snapshot.restore()
    >>> mine["a"] = 2
    >>> snapshot.restore()
    {'a': 1}
    """
    for row in _TABLE:
        snapshot = row(value, function)
        if snapshot is not None:
            return snapshot
    return pickle_snapshot(value, function)


def share(value: object) -> Snapshot:
    """Keep what a function cached by ``cache_resource`` returned: the object itself.

    Args:
        value: What it returned.

    Returns:
        A snapshot that hands out that very object, with an estimate of its size.

    >>> connection = object()
    >>> share(connection).shared is connection
    True
    """
    return Shared(value, size_of(value))
