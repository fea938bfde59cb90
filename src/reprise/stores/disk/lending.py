"""Who uses a connection now, and a pause in which nobody does, for the time of a fork.

SQLite keeps in memory which locks its connections hold, and a forked child inherits that: it would
take locks of its parent for its own, and neither ask the system for them nor ever be rid of them.
So a fork waits until no connection is in use, and all are closed before it.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Final

_PATIENCE_SECONDS: Final = 2.0
"""How long a fork waits. A program that forks is worth more than a store."""


class Lending:
    """Counts who uses connections.

    Args:
        close: Closes all that are not in use.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self.start_over()
        _all.add(self)

    def start_over(self) -> None:
        """Nobody uses any: what a forked child begins with."""
        self._condition = threading.Condition()
        self._users: dict[int, int] = {}
        self._forking = False

    def begin(self) -> None:
        """A thread is about to use a connection; it waits while another one forks."""
        me = threading.get_ident()
        with self._condition:
            # Not one that uses another already: the fork waits for that.
            while self._forking and me not in self._users:
                self._condition.wait(_PATIENCE_SECONDS)
            self._users[me] = self._users.get(me, 0) + 1

    def end(self) -> None:
        """It does not use it any more."""
        me = threading.get_ident()
        with self._condition:
            left = self._users.pop(me, 1) - 1
            if left:
                self._users[me] = left
            elif self._forking:
                self._condition.notify_all()

    def pause(self) -> None:
        """Have no connection open, unless the calling thread uses one itself."""
        me = threading.get_ident()
        with self._condition:
            self._forking = True
            self._condition.wait_for(lambda: self._users.keys() <= {me}, _PATIENCE_SECONDS)
        self._close()

    def go_on(self) -> None:
        """The fork is done."""
        with self._condition:
            self._forking = False
            self._condition.notify_all()


_all: weakref.WeakSet[Lending] = weakref.WeakSet()


def _before_fork() -> None:
    for lending in list(_all):
        lending.pause()


def _after_in_parent() -> None:
    for lending in list(_all):
        lending.go_on()


def _after_in_child() -> None:
    for lending in list(_all):
        lending.start_over()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
