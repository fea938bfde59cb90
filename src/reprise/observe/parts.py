"""What an explanation consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArgumentPart:
    """What one argument adds to the key."""

    name: str
    type: str
    digest: str
    """64 hexadecimal digits; empty where the argument is left out or cannot be encoded."""
    size: int
    """Bytes that the argument occupies, roughly."""
    excluded: bool
    """Whether it is left out of the key."""
    how: str
    """How it counts: as a ``value``, by a ``hash function``, by its ``__reprise_key__``, by a
    ``registered encoder``, as a ``resource``, by the ``content of files``, as the very ``default``;
    or that it is ``left out`` or ``cannot be encoded``."""


@dataclass(frozen=True, slots=True)
class CodePart:
    """Something of the code that the result depends on."""

    name: str
    digest: str
    """64 hexadecimal digits."""
    where: str
    """File and line, where that is known."""
    note: str


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that the code names and that is no part of the fingerprint."""

    name: str
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """The entry that answers the call."""

    age: float
    """Seconds."""
    expires_in: float
    """Seconds until it is not served any more; infinity for never."""
    size: int
    """Bytes."""
    hits: int
    cost: float
    """Seconds that the function took."""
