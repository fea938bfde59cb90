"""What functions displayed, on its way out of the process and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprise.hosting import Host, NotWrittenError, Recording, Written

if TYPE_CHECKING:
    from reprise.values.codecs import Packed, Received

_CODEC = "recording"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a computation, as bytes."""

    value: Packed
    shown: Packed | None
    """``None`` where nothing was displayed or read."""


def pack_shown(recording: Recording, host: Host) -> Packed:
    """Make bytes of what was displayed, without pickle.

    Raises:
        NotWrittenError: it holds what only this process has.
    """
    from reprise.values.codecs import Packed

    written = host.write_down(recording, _encode)
    return Packed(_CODEC, written.content, versions=written.versions)


def unpack_shown(received: Received, host: Host) -> Recording | None:
    """What was displayed; ``None`` where it was written by another release of what displays it."""
    from reprise.values.codecs import unpack_data

    if received.codec != _CODEC or received.buffers is not None:
        return None
    return host.read_back(Written(received.stream, received.versions), unpack_data)


def _encode(value: Any) -> bytes:
    from reprise.values.codecs import NotTakenError, pack_data

    try:
        return pack_data(value)
    except NotTakenError as error:
        kind = type(error.found)
        raise NotWrittenError(f"a {kind.__module__}.{kind.__qualname__}") from error
