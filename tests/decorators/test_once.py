"""One computation for each key, for threads and tasks alike."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import reprise
from reprise import cache_data, cache_resource


def test_threads_that_arrive_together_share_one_computation_and_each_get_their_own(runs):
    together = threading.Barrier(16)

    @cache_data
    def load(x):
        runs(x)
        return [x]

    def call(_):
        together.wait(10)
        value = load(1)
        value.append("mine")
        return value

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(call, range(16)))
    assert runs == [1]
    assert results == [[1, "mine"]] * 16
    assert load.cache_info().hits == 15


def test_the_leaders_exception_reaches_every_waiter_and_is_not_kept(runtime, runs):
    started, go_on = threading.Event(), threading.Event()
    error = LookupError("no such table")

    @cache_data
    def load():
        runs(1)
        started.set()
        assert go_on.wait(10)
        raise error

    def call():
        with pytest.raises(LookupError) as caught:
            load()
        return caught.value

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(call)
        assert started.wait(10)
        others = [pool.submit(call) for _ in range(3)]
        _until(lambda: _waiters(runtime) == 3)
        go_on.set()
        assert [future.result(10) for future in (first, *others)] == [error] * 4
    assert runs == [1]
    with pytest.raises(LookupError):
        load()
    assert runs == [1, 1]


def _waiters(runtime):
    """How many callbacks and threads wait for the flights under way."""
    return sum(
        len(flight._future._condition._waiters) + len(flight._future._done_callbacks)
        for flight in list(runtime.flights._flights.values())
    )


def _until(condition):
    """Let other threads run until ``condition`` holds; fails after ten seconds."""
    pause = threading.Event()
    for _ in range(10_000):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("it never came to that")


def test_an_interrupted_leader_hands_over_to_a_waiter(runtime, runs):
    started, go_on = threading.Event(), threading.Event()

    @cache_data
    def load():
        runs(1)
        if len(runs) == 1:
            started.set()
            assert go_on.wait(10)
            raise KeyboardInterrupt
        return "second"

    def lead():
        with pytest.raises(KeyboardInterrupt):
            load()

    with ThreadPoolExecutor(3) as pool:
        leader = pool.submit(lead)
        assert started.wait(10)
        others = [pool.submit(load) for _ in range(2)]
        _until(lambda: _waiters(runtime) == 2)
        go_on.set()
        leader.result(10)
        assert [future.result(10) for future in others] == ["second", "second"]
    assert len(runs) == 2


def test_reentry_on_the_same_key_is_an_error_and_on_another_key_is_not():
    @cache_data
    def factorial(n):
        return 1 if n == 0 else n * factorial(n - 1)

    @cache_data
    def forever(n):
        return forever(n)

    assert factorial(5) == 120
    with pytest.raises(reprise.RecursiveCallError, match="forever"):
        forever(1)
    with pytest.raises(reprise.RecursiveCallError):
        forever(1)


def test_reentry_by_way_of_another_function_is_an_error():
    @cache_data
    def ping(n):
        return pong(n)

    @cache_data
    def pong(n):
        return ping(n)

    with pytest.raises(reprise.RecursiveCallError, match="ping"):
        ping(1)


def test_tasks_share_one_computation(runs):
    @cache_data
    async def load(x):
        runs(x)
        await asyncio.sleep(0)
        return [x]

    async def main():
        results = await asyncio.gather(*(load(1) for _ in range(20)))
        results[0].append("mine")
        return results

    results = asyncio.run(main())
    assert runs == [1]
    assert results[1:] == [[1]] * 19
    assert asyncio.run(load(1)) == [1]


def test_tasks_of_several_event_loops_share_one_computation(runs):
    together = threading.Barrier(4)

    @cache_resource
    async def connect():
        runs(1)
        await asyncio.to_thread(together.wait, 10)
        return object()

    async def main(leads):
        task = asyncio.create_task(connect())
        if not leads:
            await asyncio.to_thread(together.wait, 10)
        return await task

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(lambda: asyncio.run(main(True)))
        _until(lambda: len(runs) == 1)
        others = [pool.submit(lambda: asyncio.run(main(False))) for _ in range(3)]
        results = {id(future.result(10)) for future in (first, *others)}
    assert len(results) == 1
    assert runs == [1]


def test_a_cancelled_leader_hands_over_to_a_waiter(runs):
    async def main():
        started, go_on = asyncio.Event(), asyncio.Event()

        @cache_data
        async def load():
            runs(1)
            started.set()
            await go_on.wait()
            return "done"

        leader = asyncio.create_task(load())
        await started.wait()
        waiter = asyncio.create_task(load())
        await asyncio.sleep(0)
        leader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        go_on.set()
        return await waiter

    assert asyncio.run(main()) == "done"
    assert len(runs) == 2


def test_a_cancelled_waiter_disturbs_nobody(runs):
    async def main():
        go_on = asyncio.Event()

        @cache_data
        async def load():
            runs(1)
            await go_on.wait()
            return "done"

        leader = asyncio.create_task(load())
        await asyncio.sleep(0)
        waiter = asyncio.create_task(load())
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        go_on.set()
        return await leader

    assert asyncio.run(main()) == "done"
    assert runs == [1]


def test_a_task_that_awaits_its_own_key_is_an_error():
    @cache_data
    async def load(x):
        return await asyncio.gather(load(x))

    with pytest.raises(reprise.RecursiveCallError):
        asyncio.run(load(1))


def test_waiters_of_a_value_that_is_not_kept_get_it_all_the_same(runtime, runs):
    started, go_on = threading.Event(), threading.Event()

    @cache_data(max_entries=0)
    def load():
        runs(1)
        started.set()
        assert go_on.wait(10)
        return [1]

    with ThreadPoolExecutor(2) as pool, pytest.warns(reprise.NotKeptWarning):
        first = pool.submit(load)
        assert started.wait(10)
        second = pool.submit(load)
        _until(lambda: _waiters(runtime) == 1)
        go_on.set()
        assert first.result(10) == second.result(10) == [1]
        assert first.result() is not second.result()
    assert runs == [1]


def test_after_a_fork_the_child_has_what_was_stored_and_works_on():
    @cache_data
    def load(x):
        return x * 2

    load(1)
    child = os.fork()
    if child == 0:
        os._exit(0 if (load.peek(1), load(2)) == (2, 4) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_spinner_that_fails_leaves_nobody_waiting(host, runs):
    class Stop(BaseException):
        pass

    @cache_data
    def load():
        runs(1)
        return 1

    def broken(text, show_time):
        raise Stop

    working, host.spinner = host.spinner, broken
    with pytest.raises(Stop):
        load()
    host.spinner = working
    assert load() == 1
    assert runs == [1]
