"""Snapshots of values that came back as bytes, so that memory hits are as fast as ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reprise.contracts import MISSING, Missing, Snapshot
from reprise.values.adoption import adopt, sealed_bytes
from reprise.values.codecs import Received, decode, pickled
from reprise.values.codecs.packing import unpack_safely
from reprise.values.codecs.table import FRAME
from reprise.values.sealed import lock, seal
from reprise.values.snapshots import Buffered, Pickled, take_snapshot
from reprise.values.spool import PageBuffers


@dataclass(frozen=True, slots=True)
class Mapped:
    """Bytes in a file, of which each caller gets a value on a private mapping of its own."""

    received: Received

    @property
    def size(self) -> int:
        """Bytes of memory that keeping it costs: those of the file are the system's to drop."""
        return len(self.received.stream)

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets its own."""
        return MISSING

    def restore(self) -> Any:
        """Make a value on memory of the caller's own."""
        return unpack_safely(self.received)


def revive(received: Received, function: Callable[..., object]) -> Snapshot:
    r"""Make a snapshot of what came back.

    Args:
        received: What :func:`reprise.values.envelope.open_envelope` took out of an envelope.
        function: The cached function.

    Returns:
        What ``take_snapshot`` makes of the value, if it is small; else one that maps the file anew
        for each caller, so that nothing is read before a caller reads it.

    Raises:
        UndecodableError: no value can be made of the bytes here.

    >>> revive(Received("plain", b"\xa4text"), str).restore()
    'text'
    """
    if received.codec == pickled.CODEC:
        # Unpickled at the first restore, like any other snapshot that is pickled.
        stream = pickled.stream_of(received, function)
        return (
            Pickled.of(stream) if received.buffers is None else Buffered(stream, received.buffers)
        )
    paged = isinstance(received.buffers, PageBuffers)
    adopted = _adopted(received, paged=paged) if received.codec == FRAME else None
    if adopted is not None:
        return adopted
    return Mapped(received) if paged else take_snapshot(unpack_safely(received), function)


def _adopted(received: Received, *, paged: bool) -> Snapshot | None:
    """Adopt what pandas keeps on memory that nobody can write to, if that takes no copy of it.

    ``None`` where some of it would be copied: data of Arrow, and arrays that cannot be shared.
    """
    try:
        views = received.frozen()
    except OSError:  # neither mapped nor read, for now
        return None
    value = decode(received, [_sealed(view, paged=paged) for view in views])
    adopted = adopt(value)
    if adopted is None or not paged:
        return adopted
    if sealed_bytes(value) < sum(view.nbytes for view in views):
        return None
    # The file's memory is the system's, to drop any time.
    return replace(adopted, size=len(received.stream))


def _sealed(view: memoryview, *, paged: bool) -> Any:
    import numpy

    flat = numpy.frombuffer(view, numpy.uint8)
    sealed = seal(flat, flat)
    if not paged:  # a file has a name: who may write to it could change it under us
        lock(sealed)
    return sealed
