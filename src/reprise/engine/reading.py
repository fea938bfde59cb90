"""What the keys of one function say of their calls and of its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprise.engine.lookup import call_key

if TYPE_CHECKING:
    from reprise.engine.function import DecoratedFunction
    from reprise.engine.group import Code
    from reprise.engine.history import Version
    from reprise.keys.calls import CallParts


def parts_of(decorated: DecoratedFunction, key: Any) -> CallParts:
    """What each argument added to a key, but for an empty ``*args``: few keys tell of it."""
    from reprise.keys.calls import call_parts
    from reprise.keys.types.encoders import NO_HASH_FUNCS
    from reprise.keys.walk import Walk

    # The parameters whose values stand in keys themselves, as the generated wrapper knows them.
    labels = tuple(name for name in decorated.shape.named if not name.startswith("_"))
    parts = call_parts(call_key(key)[2 if decorated.policy.scoped else 1 :], labels)
    nothing = (decorated.shape.var_positional, Walk(NO_HASH_FUNCS)(()))
    return tuple(part for part in parts if part != nothing)


def session_of(decorated: DecoratedFunction, key: Any) -> str:
    """The session that a key is for; empty if it is for all."""
    return call_key(key)[1] if decorated.policy.scoped else ""


def differing(before: Version | Code, after: Version | Code) -> list[str]:
    """The names of the parts in which two versions of a function's code differ."""
    old, new = ({part.name: part.digest for part in one.parts} for one in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    return [name for name in names if old.get(name) != new.get(name)]
