"""One change at a time, also where a thread interrupts its own change.

A lock keeps other threads out. It does not keep out the very thread that holds it: at almost any
step the interpreter may run a finaliser (``__del__``, a ``weakref`` callback) or a signal handler,
and those may use the cache that is being changed. With a plain lock that would be a deadlock, with
a re-entrant one a change inside a half-made change. Here the inner change waits for its turn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Serial:
    """Carries out changes one after another.

    A change that raises, as any may when the user presses Ctrl-C, can leave what it was changing
    half-made; ``repair`` puts it right before the next change.

    Args:
        repair: Called with the lock held, before the change that follows on a half-made one.
    """

    def __init__(self, repair: Callable[[], None]) -> None:
        self._repair = repair
        self._half_made = False
        self._lock = threading.RLock()
        self._local = threading.local()

    def run(self, change: Callable[[], None]) -> bool:
        """Carry out ``change``, and what is asked for while it runs.

        Args:
            change: Runs with the lock held.

        Returns:
            False when the calling thread is inside a change already: ``change`` then runs after
            that one, before the thread lets others in.
        """
        waiting: deque[Callable[[], None]] | None = getattr(self._local, "waiting", None)
        if waiting is not None:
            waiting.append(change)
            return False
        waiting = deque([change])
        failure: BaseException | None = None
        # Asked again once the thread is outside, for one more may have come in at the last step.
        while waiting:
            try:
                self._take_turn(waiting)
            except BaseException as error:  # noqa: BLE001  what others asked for must still be done
                failure = error
        if failure is not None:
            raise failure
        return True

    def read(self, question: Callable[[], T]) -> T:
        """What ``question`` answers between two changes.

        Inside a change of the same thread it is answered at once, from what is there then.

        Args:
            question: Runs with the lock held.
        """
        if getattr(self._local, "waiting", None) is not None:
            return question()
        answers: list[T] = []
        self.run(lambda: answers.append(question()))
        return answers[0]

    def after_fork(self) -> None:
        """Start over with a new lock; a change that a lost thread had begun will be repaired."""
        self._lock = threading.RLock()
        self._local = threading.local()

    def _take_turn(self, waiting: deque[Callable[[], None]]) -> None:
        self._local.waiting = waiting
        try:
            with self._lock:
                while waiting:
                    self._carry_out(waiting.popleft())
        finally:
            self._local.waiting = None

    def _carry_out(self, change: Callable[[], None]) -> None:
        if self._half_made:
            self._repair()
        # Not a finally: what must be noticed is that the end was not reached, for whatever reason,
        # and also in a child that was forked while another thread was here.
        self._half_made = True
        change()
        self._half_made = False
