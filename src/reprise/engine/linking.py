"""What a function's code comes to: its digest, and apart from it that of what it closes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from blake3 import blake3

from reprise.engine.policy import Policy
from reprise.engine.shape import Signature
from reprise.errors import UnhashableParamError, UserHashError
from reprise.keys import LeftOut, Part, digest, fingerprint, fingerprint_alone


@dataclass(frozen=True, slots=True)
class Linked:
    """One function at one time."""

    digest: bytes
    """Of all that its results depend on, besides the arguments."""
    closure: bytes
    """Of what tells it from others with the same code; empty when it closes over nothing."""
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    unchanged: Callable[[], bool]
    """Whether all of this still holds."""


def link(function: Callable[..., Any], signature: Signature, policy: Policy) -> Linked:
    """Take the digests of ``function`` as it stands now.

    Args:
        function: The function.
        signature: Its signature.
        policy: Its options; those about the fingerprint, and the hash functions, count here.
    """
    take = fingerprint_alone if policy.fingerprint == "own" else fingerprint
    taken = take(function, policy.depends_on)
    hashed = {name: fingerprint(one) for name, one in sorted(policy.hashed.items())}
    parts = [part for part in taken.parts if _counts(part, signature)]
    parts += [Part(f"hash function for {name}", one.digest) for name, one in hashed.items()]
    parts += _version(policy)
    checks = (taken.unchanged, *(one.unchanged for one in hashed.values()))
    more = len(parts) != len(taken.parts) or bool(hashed)
    return Linked(
        _digest(parts) if more else taken.digest,
        _digest(_closure(function, parts)),
        tuple(parts),
        taken.left_out,
        checks[0] if len(checks) == 1 else lambda: all(unchanged() for unchanged in checks),
    )


def _digest(parts: list[Part]) -> bytes:
    """Over names, each with its length, and digests, always 32 bytes; empty if there are none."""
    whole = blake3()
    for part in parts:
        name = part.name.encode()
        whole.update(b"%d:%s%s" % (len(name), name, part.digest))
    return whole.digest() if parts else b""


def _version(policy: Policy) -> Iterator[Part]:
    if policy.version is not None:
        yield Part("version", digest(policy.version))


def _closure(function: Callable[..., Any], parts: list[Part]) -> list[Part]:
    """What tells functions of one factory apart.

    One at the top of a module has a closure only if it is decorated: there is one of it.
    """
    if isinstance(function, FunctionType) and "<locals>" not in function.__qualname__:
        return []
    return [part for part in parts if part.name.partition(" ")[0] in ("closure", "callable")]


def _counts(part: Part, signature: Signature) -> bool:
    """Whether a part is not the default of an excluded parameter that has no encoding.

    Such a default is in no key, so it must be in the code; but a connection that is made anew on
    each rerun is left out like the argument that it stands for.
    """
    kind, _, name = part.name.partition(" ")
    if kind != "default" or not name.startswith("_"):
        return True
    try:
        digest(signature.by_name[name])
    except (UnhashableParamError, UserHashError):
        return False
    return True
