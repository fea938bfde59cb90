"""Stores outside of the process, as the functions that use them share them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reprise import config, forks
from reprise.contracts import Removal
from reprise.envelopes import SharedStore
from reprise.errors import StoreError, StoreWarning
from reprise.observe.warn import warn
from reprise.signing import Signer

USUAL = "disk://"
"""The store of who asks for one and names none."""


@dataclass(slots=True, eq=False)
class Outside:
    """One store outside of the process."""

    store: SharedStore
    signer: Signer
    label: str
    """What it is called in messages."""
    _warned: set[str] = field(default_factory=set)

    @contextmanager
    def spared(self, function: str, matter: str) -> Iterator[None]:
        """Keep the store's trouble from the caller: it is told of once."""
        try:
            yield
        except (StoreError, OSError) as error:
            self.complain(
                matter,
                f"The store {self.label} has trouble {matter} for {function}: {error}\nResults are "
                f"computed, and kept in memory, until it works again.",
            )

    def complain(self, matter: str, message: str) -> None:
        """Warn, once for each matter."""
        if matter not in self._warned:
            self._warned.add(matter)
            warn(message, StoreWarning)

    def forget(self, function: str, group: str, call: bytes | None = None) -> None:
        """Remove what is kept of a function, or of one call of it."""
        with self.spared(function, "clearing"):
            if call is None:
                self.store.clear(group)
                return
            for key in self.store.keys(call):
                self.store.remove(key, Removal.CLEARED)


class Outsides:
    """The stores in use, each opened once.

    Args:
        open_store: Opens the store that a URL names.
        load_secret: Turns the setting into the secret that entries are signed with.
    """

    def __init__(
        self,
        open_store: Callable[[str, Signer], SharedStore],
        load_secret: Callable[[str | None], bytes],
    ) -> None:
        self._open_store = open_store
        self._load_secret = load_secret
        self._opened: dict[tuple[object, str | None], Outside] = {}
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def used(self, persist: Any) -> Outside | None:
        """The store of a function with that option, if it has any.

        Args:
            persist: As in ``Policy.persist``.
        """
        if persist is False:
            return None
        settings = config.settings()
        where = settings.store if persist in (None, True) else persist
        if where is None:
            if persist is None:
                return None
            where = USUAL
        return self.at(where, settings.secret)

    def at(self, where: Any, secret: str | None) -> Outside:
        """The store that ``where`` names, or is."""
        name = where if isinstance(where, str) else id(where)
        found = self._opened.get((name, secret))
        if found is not None:
            return found
        with self._lock:
            if (name, secret) not in self._opened:
                signer = Signer(self._load_secret(secret))
                store = self._open_store(where, signer) if isinstance(where, str) else where
                label = where if isinstance(where, str) else repr(where)
                # A store that is an object is held here, so that its id stays its own.
                self._opened[name, secret] = Outside(store, signer, label)
            return self._opened[name, secret]
