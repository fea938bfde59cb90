"""What a function's code comes to: its digest, and apart from it that of what it closes over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from blake3 import blake3

from reprise.engine.shape import Signature
from reprise.errors import UnhashableParamError, UserHashError
from reprise.keys import digest, fingerprint


@dataclass(frozen=True, slots=True)
class Linked:
    """Digests of one function at one time."""

    digest: bytes
    """Of all that its results depend on, besides the arguments."""
    closure: bytes
    """Of what tells it from others with the same code; empty when it closes over nothing."""


def link(
    function: Callable[..., Any],
    signature: Signature,
    hashed: Mapping[str, Callable[[Any], Any]],
) -> Linked:
    """Take the digests of ``function`` as it stands now.

    Args:
        function: The function.
        signature: Its signature.
        hashed: Its hash functions by the names of the types that they speak for.
    """
    whole, closure, closes = blake3(), blake3(), False
    for part in fingerprint(function).parts:
        kind, _, name = part.name.partition(" ")
        if kind == "default" and not _counts(name, signature):
            continue
        whole.update(_framed(part.name, part.digest))
        if kind in {"closure", "callable"}:
            closure.update(_framed(part.name, part.digest))
            closes = True
    for name, hash_func in sorted(hashed.items()):
        whole.update(_framed(name, fingerprint(hash_func).digest))
    return Linked(whole.digest(), closure.digest() if closes else b"")


def _framed(name: str, part: bytes) -> bytes:
    """A part with its name: the name with its length, then always 32 bytes."""
    encoded = name.encode()
    return b"%d:%s%s" % (len(encoded), encoded, part)


def _counts(name: str, signature: Signature) -> bool:
    """Whether the default of a parameter is a part of the code.

    That of an excluded parameter is in no key, so it must be here. Where it has no encoding, as a
    connection made anew on each rerun, it is left out like the argument that it stands for.
    """
    if not name.startswith("_"):
        return True
    try:
        digest(signature.by_name[name])
    except (UnhashableParamError, UserHashError):
        return False
    return True
