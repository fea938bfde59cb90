"""Snapshots of values that came from a store outside of the process."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reprise.contracts import MISSING, Missing, Snapshot
from reprise.values.codecs import Received, unpack
from reprise.values.snapshots import take_snapshot
from reprise.values.spool import PageBuffers


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A value whose large buffers lie in a file of a store, mapped anew for each caller."""

    received: Received
    function: Callable[[], Callable[..., object] | None]
    """The function that returned the value, if it is still there: kept weakly, since it holds on to
    everything that a finished run of a script left behind."""

    @property
    def size(self) -> int:
        """Bytes of memory that keeping it costs: the file's are the system's, to drop any time."""
        return len(self.received.stream)

    @property
    def shared(self) -> Missing:
        """Nothing: every caller gets its own."""
        return MISSING

    def restore(self) -> Any:
        """Make the value on buffers of the caller's own."""
        return unpack(self.received, self.function() or _gone)


def stored_snapshot(received: Received, function: Callable[..., object]) -> Snapshot:
    """Keep a value that came from a store, so that hits cost what they cost with any other.

    Args:
        received: Its bytes, verified.
        function: The cached function that returned it.

    Raises:
        UndecodableError: no value can be made of the bytes here.
    """
    if isinstance(received.buffers, PageBuffers):
        return Stored(received, _weakly(function))
    return take_snapshot(unpack(received, function), function)


def _weakly(function: Callable[..., object]) -> Callable[[], Callable[..., object] | None]:
    try:
        return weakref.ref(function)
    except TypeError:
        return lambda: None  # what cannot be referred to weakly is no function of a script


def _gone() -> None:
    """Stands for a function that is gone: it names nothing."""
