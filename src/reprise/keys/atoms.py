"""Encoders for Python's atoms: values of exact builtin types that hold no others."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from reprise.keys.framing import frame, leaf, number, text

if TYPE_CHECKING:
    from reprise.keys.walk import Atom

_NAN: Final = leaf("float", b"nan")
_TRUE: Final = leaf("bool", b"1")
_FALSE: Final = leaf("bool", b"0")


def floating(value: float) -> bytes:
    """All NaNs are one; -0.0 is not 0.0."""
    return leaf("float", struct.pack("<d", value)) if value == value else _NAN  # noqa: PLR0124


def _singleton(tag: str) -> Atom:
    encoding = leaf(tag, b"")
    return lambda _: encoding


ATOMS: Final[dict[type, Atom]] = {
    type(None): _singleton("None"),
    type(...): _singleton("Ellipsis"),
    type(NotImplemented): _singleton("NotImplemented"),
    bool: lambda value: _TRUE if value else _FALSE,
    int: number,
    float: floating,
    complex: lambda value: frame("complex", [floating(value.real), floating(value.imag)]),
    str: text,
    bytes: lambda value: leaf("bytes", value),
}
"""Exact types whose values hold no others; they need no protection against cycles."""
