"""Hosts: the environments that a cached function can run in."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping

from reprise.hosting import Host, HostListener

__all__ = ["Hosts"]


class Hosts:
    """The hosts of a process, and which of them the calling thread runs under.

    A host that belongs to a library is made when that library is found loaded, never before:
    looking for it costs one lookup in ``sys.modules``.

    Args:
        fallback: The host for everywhere else.
        optional: For each library's top-level module, what makes its host.
    """

    def __init__(self, fallback: Host, optional: Mapping[str, Callable[[], Host]]) -> None:
        self._fallback = fallback
        self._pending = dict(optional)
        self._made: dict[str, Host] = {}
        self._listener: HostListener | None = None
        self._lock = threading.RLock()

    def current(self) -> Host:
        """The host of the calling thread."""
        if self._pending:
            self._make_those_loaded()
        for host in self._made.values():
            if host.active():
                return host
        return self._fallback

    def of(self, module: str) -> Host:
        """The host of that library, which is loaded.

        Raises:
            KeyError: there is no host for it.
        """
        self._make_those_loaded()
        return self._made[module]

    def connect(self, listener: HostListener) -> None:
        """Tell ``listener`` of what happens in any host, those included that are made later."""
        with self._lock:
            self._listener = listener
            for host in (self._fallback, *self._made.values()):
                host.connect(listener)

    def _make_those_loaded(self) -> None:
        # Whoever comes while a host is being made waits for it: under another host, what it
        # displays would not be recorded.
        with self._lock:
            for module in [module for module in self._pending if module in sys.modules]:
                host = self._pending[module]()
                if self._listener is not None:
                    host.connect(self._listener)
                self._made = {**self._made, module: host}
                del self._pending[module]
