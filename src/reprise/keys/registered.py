"""Encoders that users register for types, for the whole process."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Final, Protocol

from reprise import forks
from reprise.keys.names import answers_to


class Caching(Protocol):
    """What remembers encoders by type."""

    def forget(self) -> None:
        """Look every type up anew from now on."""
        ...


class Registry:
    """The registered functions by the names of their types.

    By names only: a rerun of a script makes its classes anew, and the old ones must be free to go.
    """

    __slots__ = ("__weakref__", "_caches", "_functions", "lock", "version")

    def __init__(self) -> None:
        self._functions: dict[str, Callable[[Any], Any]] = {}
        self._caches: weakref.WeakSet[Caching] = weakref.WeakSet()
        self.version = 0
        """Counts the changes."""
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """No thread is left that could release the parent's lock."""
        self.lock = threading.RLock()

    def tell(self, cache: Caching) -> None:
        """Let ``cache`` know of every change."""
        with self.lock:
            self._caches.add(cache)

    def put(self, name: str, function: Callable[[Any], Any]) -> Callable[[], None]:
        """Register ``function`` for the type of that name, in the place of any other.

        Returns:
            What takes it back: the function that was there before serves again. It does nothing
            once another has been registered for the name.
        """
        with self.lock:
            before = self._functions.get(name)
            self._set(name, function)

        def undo() -> None:
            with self.lock:
                if self._functions.get(name) is function:
                    self._set(name, before)

        return undo

    def find(self, cls: type) -> Callable[[Any], Any] | None:
        """The function for that very class, not for its bases."""
        functions = self._functions
        return next((functions[name] for name in functions if answers_to(cls, name)), None)

    def _set(self, name: str, function: Callable[[Any], Any] | None) -> None:
        # A new dict each time, for those who read without the lock.
        others = {one: known for one, known in self._functions.items() if one != name}
        self._functions = others if function is None else {**others, name: function}
        self.version += 1
        for cache in list(self._caches):
            cache.forget()


registry: Final = Registry()
"""The one of this process."""
