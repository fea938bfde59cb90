"""An encoder for tenacity: how often and when is tried again, not how an attempt went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprise.keys.framing import frame
from reprise.keys.types.objects import attributes_of

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_UNDER_WAY: Final = "_local"
"""The attribute that tells of the attempts of each thread."""


def policy(value: Any, walk: Walk) -> bytes:
    """Class and attributes, without what the attempts of this moment have noted."""
    kept = {name: item for name, item in attributes_of(value) if name != _UNDER_WAY}
    with walk.wholly(value):
        return frame("retries", [walk(type(value)), walk(kept)])
