from __future__ import annotations

import logging
import threading

from reprise.engine.refresher import Refresher


def test_jobs_run_in_at_most_four_threads_and_a_failing_one_stops_nothing(caplog):
    refresher, names, done = Refresher(), set(), threading.Semaphore(0)

    def job(number):
        names.add(threading.current_thread().name + str(threading.get_ident()))
        try:
            if number % 3 == 0:
                raise ValueError(number)
        finally:
            done.release()

    with caplog.at_level(logging.CRITICAL, "reprise"):
        for number in range(50):
            refresher.submit(lambda number=number: job(number))
        for _ in range(50):
            assert done.acquire(timeout=10)
    assert 1 <= len(names) <= 4


def test_its_threads_do_not_keep_the_process_alive():
    refresher, daemon = Refresher(), []
    done = threading.Event()
    refresher.submit(lambda: (daemon.append(threading.current_thread().daemon), done.set()))
    assert done.wait(10)
    assert daemon == [True]


def test_a_job_that_exits_takes_no_thread_along(caplog):
    refresher, done = Refresher(), threading.Event()

    def leave():
        raise SystemExit

    with caplog.at_level(logging.CRITICAL, "reprise"):
        refresher.submit(leave)
        refresher.submit(done.set)
        assert done.wait(10)
