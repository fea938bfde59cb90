"""Fingerprints: digests of the code that a function's result depends on.

A fingerprint is made of named parts, so that a later miss can say which of them changed. So far
they are those of the function itself. Whatever else comes to take part joins as further parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from reprise.errors import UserHashError
from reprise.keys.failures import UserFunctionError
from reprise.keys.framing import frame, seal, text
from reprise.keys.messages import user_function_failed
from reprise.keys.types.callables import function_parts
from reprise.keys.types.tables import NO_HASH_FUNCS
from reprise.keys.walk import Walk


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a result depends on."""

    name: str
    """Such as ``code``, ``default limit`` or ``closure connection``."""
    digest: bytes
    """32 bytes."""
    where: str = ""
    """File and line, such as ``app.py:12``, where that is known."""
    note: str = ""
    """How it counts, where that is not plain: a package's version, bytecode for lack of source."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a function names and that is no part of its fingerprint."""

    name: str
    reason: str
    where: str = ""
    """File and line of what names it."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a function's result depends on, besides its arguments."""

    digest: bytes
    """32 bytes over all parts."""
    parts: tuple[Part, ...]


def fingerprint(function: Callable[..., Any]) -> Fingerprint:
    """Take the fingerprint of a function, as it stands now.

    It covers name, code, defaults and closure. Comments, formatting, docstrings, annotations and
    line numbers do not count. A default or closure value that has no encoding, such as a
    connection, counts as the very object that it is.

    Args:
        function: The user's function. Of another callable its content is taken, and its
            identity where it has no encoding.

    Returns:
        The digest and its parts. The code is digested once for each code object, so that asking
        anew on every rerun costs only what the defaults and the closure cost.

    Raises:
        UserHashError: the ``__reprise_key__`` of a default or closure value failed.

    >>> def area(width, height=2):
    ...     return width * height
    >>> [part.name for part in fingerprint(area).parts]
    ['name', 'code', 'default height']
    """
    try:
        encodings = _encodings(function)
    except UserFunctionError as error:
        name = getattr(function, "__qualname__", repr(function))
        told = user_function_failed(name, "a default or the closure", error)
        raise UserHashError(told) from error.__cause__
    parts = tuple(Part(name, seal(encoding)) for name, encoding in encodings)
    whole = frame(
        "fingerprint", [item for part in parts for item in (text(part.name), part.digest)]
    )
    return Fingerprint(seal(whole), parts)


def _encodings(function: Callable[..., Any]) -> list[tuple[str, bytes]]:
    walk = Walk(NO_HASH_FUNCS)
    with walk.leniently():
        if isinstance(function, FunctionType):
            return list(function_parts(function, walk))
        return [("callable", walk(function))]
