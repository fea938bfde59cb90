"""Threads that run refreshes behind the back of those who were served."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from reprise import forks

logger = logging.getLogger("reprise")

_THREADS = 4
_IDLE = 10.0


class Refresher:
    """At most four daemon threads, started when there is work and gone when there is none.

    ``concurrent.futures.ThreadPoolExecutor`` would not do: the interpreter waits for its threads
    at exit, and a slow refresh must not keep a finished program from ending.
    """

    def __init__(self) -> None:
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Begin anew: the threads stayed in the parent process."""
        self._jobs: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._waiting = 0

    def submit(self, job: Callable[[], object]) -> None:
        """Run ``job`` soon, in another thread, with an empty context.

        Raises:
            RuntimeError: there is no thread, and none can be started.
        """
        with self._lock:
            if self._threads < min(_THREADS, self._waiting + 1):
                self._start_thread()
            self._jobs.put(job)
            self._waiting += 1

    def _start_thread(self) -> None:
        try:
            threading.Thread(target=self._work, name="reprise-refresh", daemon=True).start()
        except RuntimeError:
            if self._threads == 0:
                raise
        else:
            self._threads += 1

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE)
            except queue.Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._threads -= 1
                        return
                continue
            try:
                job()
            except BaseException:  # a SystemExit, say: it must not take the thread along
                logger.exception("a refresh in the background failed unexpectedly")
            finally:
                with self._lock:
                    self._waiting -= 1
