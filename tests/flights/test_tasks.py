from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from reprise.flights import leading_depth

PATIENCE = 30


def test_a_task_that_outlives_its_computation_is_inside_of_nothing(flights, call_async):
    depths = []

    async def main():
        go_on = asyncio.Event()

        async def linger():
            depths.append(leading_depth())
            await go_on.wait()
            depths.append(leading_depth())
            return await call_async("a", answer)

        async def answer():
            return "anew"

        async def start():
            return asyncio.create_task(linger())

        task = await call_async("a", start)
        await asyncio.sleep(0)
        go_on.set()
        return await task

    assert asyncio.run(main()) == "anew"
    assert depths == [0, 0]


def test_a_cancelled_waiter_disturbs_nobody(call_async, flights):
    complaints = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        go_on = asyncio.Event()

        async def slow():
            await go_on.wait()
            return "slow"

        tasks = [asyncio.create_task(call_async("a", slow)) for _ in range(4)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.gather(tasks[2], return_exceptions=True)
        assert len(flights) == 1
        go_on.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(main())
    assert isinstance(results.pop(2), asyncio.CancelledError)
    assert results == ["slow"] * 3
    assert complaints == []


def test_a_cancelled_leader_hands_over_to_a_waiter(call_async):
    runs = []

    async def main():
        async def compute():
            runs.append(asyncio.current_task())
            if len(runs) == 1:
                await asyncio.Event().wait()
            await asyncio.sleep(0)  # until the others that were woken have asked again
            return "second try"

        leader = asyncio.create_task(call_async("a", compute))
        waiters = [asyncio.create_task(call_async("a", compute)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        leader.cancel()
        return await asyncio.gather(leader, *waiters, return_exceptions=True)

    first, *others = asyncio.run(asyncio.wait_for(main(), PATIENCE))
    assert isinstance(first, asyncio.CancelledError)
    assert others == ["second try"] * 3
    assert len(runs) == 2


def test_a_failed_leader_fails_its_waiting_tasks_too(call_async):
    async def main():
        async def compute():
            await asyncio.sleep(0)
            raise ValueError("no data")

        return await asyncio.gather(
            *(call_async("a", compute) for _ in range(3)), return_exceptions=True
        )

    errors = asyncio.run(main())
    assert isinstance(errors[0], ValueError)
    assert errors[0] is errors[1] is errors[2]


def test_threads_and_tasks_on_several_loops_share_one_computation(flights, call_async, call):
    runs = []
    leader, _ = flights.join("a", "load_a")
    joined = threading.Barrier(7)

    def by_thread():
        flight, leads = flights.join("a", "load_a")
        joined.wait(PATIENCE)
        return leads, flight.wait().result

    def by_loop():
        async def main():
            first, second = (flights.join("a", "load_a") for _ in range(2))
            joined.wait(PATIENCE)
            outcomes = await asyncio.gather(first[0].wait_async(), second[0].wait_async())
            return first[1] or second[1], {outcome.result for outcome in outcomes}

        return asyncio.run(main())

    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(work) for work in (by_thread, by_loop) * 3]
        joined.wait(PATIENCE)
        with leader.leading():
            runs.append(1)
            leader.finish("shared")
        assert [each.result(PATIENCE) for each in waiting] == [
            (False, "shared"),
            (False, {"shared"}),
        ] * 3


def test_a_loop_that_closed_while_its_task_waited_is_no_trouble(flights, caplog):
    flight, _ = flights.join("a", "load")
    waiter = flights.join("a", "load")[0].wait_async()
    loop = asyncio.new_event_loop()
    task = loop.create_task(waiter)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    flight.finish("nobody there")
    assert flight.wait().result == "nobody there"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    # The task will never run again; ended by hand, or asyncio complains of it at some later time.
    task._log_destroy_pending = False
    waiter.close()


def test_a_leader_whose_loop_is_gone_hands_over_when_its_coroutine_is_closed(flights):
    flight, _ = flights.join("a", "load")

    async def lead():
        with flight.leading():
            await asyncio.Event().wait()

    leader = lead()
    loop = asyncio.new_event_loop()
    task = loop.create_task(leader)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    task._log_destroy_pending = False
    assert len(flights) == 1
    leader.close()
    assert not flight.wait().finished
    assert leading_depth() == 0
    assert flights.join("a", "load")[1]
