"""What holds locks or threads starts over in a forked child.

``fork`` copies a lock in whatever state it is, and of all threads only the one that forked lives
on: a lock that another thread held at that moment would stay closed in the child for ever.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forkable(Protocol):
    """An object that must know when it finds itself in a forked child."""

    def after_fork(self) -> None:
        """Replace locks and forget threads. Runs in the child, before any other code does."""
        ...


_watched: weakref.WeakSet[Forkable] = weakref.WeakSet()


def watch(forkable: Forkable) -> None:
    """Call ``forkable.after_fork()`` in every forked child, for as long as the object lives."""
    _watched.add(forkable)


def _after_fork() -> None:
    for forkable in list(_watched):
        forkable.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    # Once for all objects, for there is no way to take a registration back.
    os.register_at_fork(after_in_child=_after_fork)
