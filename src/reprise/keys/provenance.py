"""Where resources came from: which call of a ``cache_resource`` function returned an object.

A connection has no content, but "what ``connect("a.db")`` returned" tells it from any other, in
every process. With that an object that cannot be encoded can be an argument all the same.
"""

from __future__ import annotations

import weakref
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Final

from reprise import forks
from reprise.keys.framing import frame, leaf

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


@dataclass(slots=True, eq=False)
class _Origin:
    """The call that returned an object, and what shows that the object is still there."""

    digest: bytes
    witnesses: list[weakref.ref[object]] = field(default_factory=list)


class Origins:
    """The origins of objects, by address.

    An address says something only while the object lives. A weak reference to the object shows
    that, or, where there can be none (connections of sqlite3), one to what holds the object:
    holding it here as well would keep open what was cleared.
    """

    __slots__ = ("__weakref__", "_known", "_lock")

    def __init__(self) -> None:
        self._known: dict[int, _Origin] = {}
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """No thread is left that could release the parent's lock."""
        self._lock = RLock()  # re-entrant: a weak reference may call back in its midst

    def remember(self, value: object, digest: bytes, holder: object) -> None:
        """Note that the call of that digest returned ``value``.

        Of several calls that returned one object the first counts for as long as the object is
        known, so that its key does not change in its lifetime.

        Args:
            value: The object.
            digest: What stands for the call, the same in every process.
            holder: What keeps the object alive for as long as the cache has it.
        """
        address = id(value)
        with self._lock:
            origin = self._known.setdefault(address, _Origin(digest))

            def forget(dead: weakref.ref[object]) -> None:
                self._forget(address, origin, dead)

            if any(witness() is value for witness in origin.witnesses):
                return
            try:
                witness: weakref.ref[object] = weakref.ref(value, forget)
            except TypeError:
                witness = weakref.ref(holder, forget)
            origin.witnesses.append(witness)

    def of(self, value: object) -> bytes | None:
        """The digest of the call that returned ``value``, or ``None`` if none is known."""
        origin = self._known.get(id(value))
        # One that is alive is enough, and it is that of this very object: the holder holds the
        # object, so that no other can have its address.
        if origin is None or all(witness() is None for witness in list(origin.witnesses)):
            return None
        return origin.digest

    def _forget(self, address: int, origin: _Origin, dead: weakref.ref[object]) -> None:
        with self._lock:
            origin.witnesses.remove(dead)
            if not origin.witnesses and self._known.get(address) is origin:
                del self._known[address]


_origins: Final = Origins()


def remember(value: object, call: tuple[Hashable, ...], holder: object) -> None:
    """Remember the call that returned a resource.

    Args:
        value: The resource.
        call: What tells the call from any other in every process: the digest of the function's
            code, then what follows that in the key.
        holder: What keeps the resource alive for as long as the cache has it.
    """
    from reprise.keys.arguments import digest

    _origins.remember(value, digest(call), holder)


def resource(value: object, walk: Walk) -> bytes | None:
    """The encoding of an object that is a resource, ``None`` of any other."""
    digest = _origins.of(value)
    if digest is None:
        return None
    return frame("resource", [walk.class_of(value), leaf("call", digest)])
