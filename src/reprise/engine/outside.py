"""Stores outside of the process, as the functions that use them share them."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from reprise import config, forks
from reprise.contracts import Clock, Entry, Removal
from reprise.engine.refresher import Refresher
from reprise.envelopes import SharedStore
from reprise.errors import StoreError, StoreWarning
from reprise.observe.warn import warn
from reprise.signing import Signer

_logger = logging.getLogger("reprise")

TENDED_EVERY: Final = 60.0
"""Seconds between two sweeps that a process has done."""

SLOW_TROUBLE: Final = 1.0
"""Seconds after which trouble is slow: each call would wait for it anew."""

REST: Final = 30.0
"""Seconds for which functions leave a store alone that had slow trouble."""

USUAL: Final = "disk://"
"""The store of who asks for one and names none."""


@dataclass(slots=True, eq=False)
class Outside:
    """One store outside of the process."""

    store: SharedStore
    signer: Signer
    clock: Clock
    label: str
    """What it is called in messages."""
    _rests_until: float = -math.inf
    _warned: set[str] = field(default_factory=set)
    _first: float = math.inf
    """When somebody was first served from it, by the monotonic clock."""
    _tended: float = -math.inf
    """When it was last had swept."""

    @property
    def rests(self) -> bool:
        """Whether it is left alone for a while, for it made somebody wait and then failed."""
        return self.clock.monotonic() < self._rests_until

    def had_trouble(self, seconds: float) -> None:
        """Leave it alone for a while if it took long to fail."""
        if seconds >= SLOW_TROUBLE:
            self._rests_until = self.clock.monotonic() + REST

    def count_hits(self, entry: Entry) -> None:
        """Tell the store of the calls that an entry answered since it was told last."""
        backing = entry.backing
        now = entry.hits  # once: other threads are being answered meanwhile
        if backing is None or now == backing.counted:
            return
        hits, backing.counted = now - backing.counted, now
        self.store.count_hits(backing.key, backing.version, hits)

    def flush(self) -> None:
        """Have the store write what it was only told so far; at the end of the process."""
        if self.rests:  # hits are not worth another wait
            return
        try:
            self.store.flush()
        except Exception:
            _logger.debug("hits could not be written to %s", self.label, exc_info=True)

    def tend_later(self, refresher: Refresher) -> None:
        """As :meth:`tend`, but not in the first minute.

        For who was served: the first hits of a process would share the interpreter with the sweep,
        and take several times as long. Who was not computes now, and does not notice.
        """
        now = self.clock.monotonic()
        self._first = min(self._first, now)
        if now - self._first >= TENDED_EVERY:
            self.tend(refresher)

    def tend(self, refresher: Refresher) -> None:
        """Have what expired, and what killed writers left, removed behind; now and then."""
        now = self.clock.monotonic()
        if now - self._tended < TENDED_EVERY:
            return
        self._tended = now
        try:
            refresher.submit(self._sweep)
        except RuntimeError:
            _logger.debug("no thread could be started to sweep %s", self.label)

    def _sweep(self) -> None:
        with self.spared("all", "sweeping"):
            if self.store.sweep(self.clock.time()) <= self.clock.time():
                self._tended = -math.inf  # there is more to do

    def spared(self, function: str, matter: str) -> AbstractContextManager[None, bool]:
        """Keep the store's trouble from the caller: it is told of once."""
        return _Spared(self, function, matter, self.clock.monotonic())

    def complain(self, matter: str, message: str) -> None:
        """Warn, once for each matter."""
        if matter not in self._warned:
            self._warned.add(matter)
            warn(message, StoreWarning)

    def forget(self, function: str, group: str) -> None:
        """Remove what is kept of a function."""
        with self.spared(function, "clearing"):
            self.store.clear(group)

    def forget_older(self, function: str, group: str, created_before: float) -> bool:
        """Remove what is kept of a function since before then; whether that could be done."""
        with self.spared(function, "clearing"):
            self.store.clear(group, created_before=created_before)
            return True
        return False

    def forget_call(self, function: str, group: str, call: bytes) -> None:
        """Remove what is kept of one call."""
        with self.spared(function, "clearing"):
            self.store.count_clear(group)
            for key in self.store.keys(call):
                self.store.remove(key, Removal.CLEARED)

    def forget_owner(self, function: str, group: str, owner: str) -> None:
        """Remove what is kept of a function for one user."""
        from reprise.values.headers import owner_of

        with self.spared(function, "clearing"):
            self.store.count_clear(group)
            for key, envelope in self.store.entries(group):
                if owner_of(key, envelope.header, self.signer) == owner:
                    self.store.remove(key, Removal.CLEARED)


@dataclass(frozen=True, slots=True)
class _Spared(AbstractContextManager[None, bool]):
    outside: Outside
    function: str
    matter: str
    began: float

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        # Whatever it is, but for what the user asked for by Ctrl-C and the like, and for warnings
        # that the user made errors.
        if not isinstance(error, Exception) or isinstance(error, Warning):
            return False
        self.outside.had_trouble(self.outside.clock.monotonic() - self.began)
        said = str(error) if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
        self.outside.complain(
            self.matter,
            f"The store {self.outside.label} has trouble {self.matter} for {self.function}: "
            f"{said}\nResults are computed, and kept in memory, until it works again.",
        )
        return True


class Outsides:
    """The stores in use, each opened once.

    Args:
        open_store: Opens the store that a URL names.
        load_secret: Turns the setting into the secret that entries are signed with.
        clock: Tells for how long a store is left alone.
    """

    def __init__(
        self,
        open_store: Callable[[str, Signer, Callable[[str], None]], SharedStore],
        load_secret: Callable[[str | None], bytes],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._open_store = open_store
        self._load_secret = load_secret
        self._opened: dict[tuple[object, str | None], Outside] = {}
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def flush(self) -> None:
        """Have each of them write what it was only told so far."""
        for outside in list(self._opened.values()):
            outside.flush()

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
                signer = Signer.later(lambda: self._load_secret(secret))
                self._opened[name, secret] = self._open(where, signer)
            return self._opened[name, secret]

    def _open(self, where: Any, signer: Signer) -> Outside:
        if not isinstance(where, str):
            # Held here, so that its id stays its own.
            return Outside(where, signer, self._clock, repr(where))
        store = self._open_store(where, signer, lambda text: opened.complain(text, text))
        opened = Outside(store, signer, self._clock, where)
        return opened
