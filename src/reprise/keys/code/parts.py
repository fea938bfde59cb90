"""What a fingerprint consists of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import CodeType
from typing import Final

from reprise.keys.framing import frame, seal, text

BYTECODE: Final = "by its bytecode and constants: there is no source that is certain to be its own"
"""How code counts that was typed into an interpreter, made by ``exec``, frozen, or rewritten."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a result depends on."""

    name: str
    """Such as ``code``, ``default limit``, ``function helpers.clean`` or ``package numpy``."""
    digest: bytes
    """32 bytes."""
    where: str = field(default="", compare=False)
    """File and line, such as ``app.py:12``, where that is known."""
    note: str = field(default="", compare=False)
    """How it counts, where that is not plain: a package's version, bytecode for lack of source."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a function names and that is no part of its fingerprint."""

    name: str
    reason: str
    where: str = field(default="", compare=False)
    """File and line, where that is known."""


def where(code: CodeType) -> str:
    """File and line of a piece of code.

    >>> where(compile("1", "app.py", "eval"))
    'app.py:1'
    """
    return f"{code.co_filename}:{code.co_firstlineno}"


def combined(parts: Iterable[Part]) -> bytes:
    """The digest (32 bytes) of parts and their names."""
    listed = [item for part in parts for item in (text(part.name), part.digest)]
    return seal(frame("fingerprint", listed))
