"""Explanations as plain data."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from reprise.observe.reasons import Reason


def as_plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists, and no infinity, which JSON does not have.

    >>> from reprise.observe.reasons import Expired
    >>> as_plain((Expired(5.0), math.inf, "text"))
    [{'kind': 'expired', 'at': 5.0}, None, 'text']
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {"kind": value.kind} if isinstance(value, Reason) else {}
        return named | {
            one.name: as_plain(getattr(value, one.name)) for one in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [as_plain(item) for item in value]
    return None if isinstance(value, float) and math.isinf(value) else value
