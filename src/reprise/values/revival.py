"""Snapshots of values that came back as bytes, so that memory hits are as fast as ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reprise.contracts import MISSING, Missing, Snapshot
from reprise.values.codecs import Received, pickled
from reprise.values.codecs.packing import unpack_safely
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
    if isinstance(received.buffers, PageBuffers):
        return Mapped(received)
    return take_snapshot(unpack_safely(received), function)
