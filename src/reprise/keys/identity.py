"""Tokens for objects that have no encoding: one an object, the same for as long as it lives."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final

_HELD_AT_MOST: Final = 64


class _Tokens:
    """The tokens given out in this process, by the address of their objects."""

    __slots__ = ("_held", "_lock", "_seen")

    def __init__(self) -> None:
        self._seen: dict[int, tuple[weakref.ref[object], bytes]] = {}
        self._held: dict[int, tuple[object, bytes]] = {}
        self.renew_lock()

    def renew_lock(self) -> None:
        """In a forked child, no thread is left that could release the parent's lock."""
        self._lock = threading.RLock()  # re-entrant: a weak reference may call back in its midst

    def token(self, value: object) -> bytes:
        address = id(value)
        with self._lock:
            seen = self._seen.get(address)
            if seen is not None and seen[0]() is value:
                return seen[1]
            held = self._held.get(address)
            return held[1] if held is not None else self._give(address, value)

    def _give(self, address: int, value: object) -> bytes:
        token = os.urandom(16)
        try:
            reference = weakref.ref(value, lambda dead: self._forget(address, dead))
        except TypeError:
            self._held[address] = (value, token)
            if len(self._held) > _HELD_AT_MOST:
                del self._held[next(iter(self._held))]
        else:
            self._seen[address] = (reference, token)
        return token

    def _forget(self, address: int, dead: weakref.ref[object]) -> None:
        """Drop the token of a dead object, unless another has taken over its address."""
        with self._lock:
            seen = self._seen.get(address)
            if seen is not None and seen[0] is dead:
                del self._seen[address]


_tokens: Final = _Tokens()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tokens.renew_lock)


def identity_of(value: object) -> bytes:
    """Return a token (16 bytes) that no other object ever has, in this process or another.

    It is random and not an address: addresses are used again, and are alike in forked processes.
    An object that cannot be weakly referenced is held, so that its address stays its own; the
    oldest is let go when there are more than a few dozen, and would then get a new token
    (a needless miss, never a wrong hit).

    >>> one, other = threading.Lock(), threading.Lock()
    >>> identity_of(one) == identity_of(one), identity_of(one) == identity_of(other)
    (True, False)
    """
    return _tokens.token(value)
