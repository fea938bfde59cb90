from __future__ import annotations

import asyncio
import contextvars
import gc
import re
import threading
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.errors import RecursiveCallError
from reprise.flights import FlightTable, leading_depth

PATIENCE = 30


@pytest.fixture
def flights():
    return FlightTable()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
def call(flights):
    """A cached function without a cache: one computation for all who ask at one time."""

    def call(key, function):
        while True:
            flight, leads = flights.join(key, f"load_{key}")
            if not leads:
                outcome = flight.wait()
                if outcome.finished:
                    return outcome.result
                continue
            with flight.leading():
                try:
                    result = function()
                except BaseException as error:
                    flight.fail(error)
                    raise
                flight.finish(result)
                return result

    return call


@pytest.fixture
def call_async(flights):
    async def call_async(key, function):
        while True:
            flight, leads = flights.join(key, f"load_{key}")
            if not leads:
                outcome = await flight.wait_async()
                if outcome.finished:
                    return outcome.result
                continue
            with flight.leading():
                try:
                    result = await function()
                except BaseException as error:
                    flight.fail(error)
                    raise
                flight.finish(result)
                return result

    return call_async


def test_the_first_leads_and_the_others_share_what_comes_of_it(flights, pool):
    flight, leads = flights.join("a", "load")
    assert leads
    others = [flights.join("a", "load") for _ in range(5)]
    assert others == [(flight, False)] * 5
    waiting = [pool.submit(flight.wait) for _ in range(5)]
    with flight.leading():
        flight.finish(42)
    assert [(each.result(PATIENCE).finished, each.result().result) for each in waiting] == [
        (True, 42)
    ] * 5
    assert len(flights) == 0


def test_each_key_has_its_own_flight(flights):
    assert flights.join("a", "load")[1]
    assert flights.join("b", "load")[1]
    assert len(flights) == 2


def test_who_comes_after_the_landing_leads_anew(flights):
    flights.join("a", "load")[0].finish(1)
    flight, leads = flights.join("a", "load")
    assert leads
    flight.finish(2)
    assert flight.wait().result == 2


@pytest.mark.parametrize("ending", ["finish", "fail", "abandon"])
def test_only_the_first_ending_counts(flights, ending):
    flight, _ = flights.join("a", "load")
    flight.finish("first")
    following, leads = flights.join("a", "load")
    getattr(flight, ending)(*{"finish": ["second"], "fail": [ValueError()], "abandon": []}[ending])
    assert flight.wait().result == "first"
    assert leads
    assert flights.join("a", "load") == (following, False)


def test_a_failure_reaches_every_waiter_as_it_was(flights, pool):
    flight, _ = flights.join("a", "load")
    waiters = [flights.join("a", "load")[0] for _ in range(3)]
    context = KeyError("what the leader was handling")

    def fail():
        try:
            raise context
        except KeyError:
            raise ValueError("no data")  # noqa: B904  its context is what is looked at

    def lead():
        with flight.leading():
            try:
                fail()
            except ValueError as error:
                flight.fail(error)
                raise

    def wait_while_handling_something(waiter):
        try:
            raise OSError("of this waiter alone")
        except OSError:
            waiter.wait()

    with pytest.raises(ValueError, match="no data") as leader:
        lead()
    for waiter in waiters:
        error = pool.submit(wait_while_handling_something, waiter).exception(PATIENCE)
        assert error is leader.value
        frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        assert frames[-1] == "fail"
        assert frames.count("wait_while_handling_something") == 1, "each starts from the leader's"
        assert error.__context__ is context


def test_a_failure_that_nobody_waits_for_is_not_kept_alive(flights):
    class Large:
        pass

    def compute():
        large = Large()
        alive.append(weakref.ref(large))
        flight, _ = flights.join("a", "load")
        with flight.leading():
            try:
                raise ValueError
            except ValueError as error:
                flight.fail(error)

    alive: list[weakref.ref[Large]] = []
    gc.disable()
    try:
        compute()
        assert alive[0]() is None, "by counting references alone"
    finally:
        gc.enable()


def test_a_stop_iteration_is_a_failure_like_any_other(flights):
    flight, _ = flights.join("a", "load")
    flights.join("a", "load")
    flight.fail(StopIteration("done"))
    with pytest.raises(StopIteration, match="done"):
        flight.wait()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit, SystemExit])
def test_an_interrupted_leader_hands_over_to_a_waiter(call, pool, flights, interruption):
    leading, go_on = threading.Event(), threading.Event()

    def interrupted():
        leading.set()
        go_on.wait(PATIENCE)
        raise interruption

    leader = pool.submit(call, "a", interrupted)
    assert leading.wait(PATIENCE)
    waiter = flights.join("a", "load")[0]
    go_on.set()
    assert isinstance(leader.exception(PATIENCE), interruption)
    assert not waiter.wait().finished
    assert call("a", lambda: "second try") == "second try"


def test_leaving_without_a_word_is_abandoning(flights):
    flight, _ = flights.join("a", "load")
    with flight.leading():
        pass
    assert not flight.wait().finished
    assert len(flights) == 0


def test_calls_inside_of_calls_are_counted(flights):
    outer, _ = flights.join("a", "outer")
    inner, _ = flights.join("b", "inner")
    assert leading_depth() == 0
    with outer.leading():
        assert leading_depth() == 1
        with inner.leading():
            assert leading_depth() == 2
        assert leading_depth() == 1
    assert leading_depth() == 0


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


def test_contexts_that_live_on_do_not_keep_the_result(flights):
    class Result:
        pass

    flight, _ = flights.join("a", "load")
    with flight.leading():
        context = contextvars.copy_context()
        result = Result()
        flight.finish(result)
    alive = weakref.ref(result)
    del flight, result
    assert alive() is None
    assert context.run(leading_depth) == 0


def test_a_call_from_inside_itself_is_refused(call):
    with pytest.raises(RecursiveCallError, match=r"load_a was called from inside itself"):
        call("a", lambda: call("a", lambda: "never"))
    assert call("a", lambda: "as if nothing had been") == "as if nothing had been"


def test_a_call_from_deep_inside_itself_is_refused(call):
    with pytest.raises(RecursiveCallError, match="load_a was called"):
        call("a", lambda: call("b", lambda: call("a", lambda: "never")))


def test_recursion_with_other_arguments_is_fine(call):
    def factorial(number):
        return 1 if number == 0 else number * call(number - 1, lambda: factorial(number - 1))

    assert call(10, lambda: factorial(10)) == 3_628_800


@pytest.mark.parametrize("way", ["await", "gather", "task", "thread"])
def test_a_task_that_waits_for_itself_is_refused(call, call_async, way):
    async def never():
        return "never"

    async def recursive():
        again = call_async("a", never)
        if way == "await":
            return await again
        if way == "gather":
            return await asyncio.gather(again)
        if way == "task":
            return await asyncio.create_task(again)
        again.close()
        return await asyncio.to_thread(call, "a", lambda: "never")

    with pytest.raises(RecursiveCallError, match="load_a was called"):
        asyncio.run(asyncio.wait_for(call_async("a", recursive), PATIENCE))


def test_threads_that_would_wait_for_each_other_are_refused(call, pool):
    both = threading.Barrier(3)

    def needs(other):
        both.wait(PATIENCE)
        return call(other, lambda: f"{other} was free")

    calls = [
        pool.submit(call, key, lambda other=other: needs(other))
        for key, other in (("a", "b"), ("b", "c"), ("c", "a"))
    ]
    errors = [each.exception(PATIENCE) for each in calls]
    assert {type(error) for error in errors} == {RecursiveCallError}
    assert len(set(map(id, errors))) == 1, "one was refused; the others hear of its failure"
    named = re.findall(r"load_[abc]", str(errors[0]))
    assert named[0] == named[-1]
    assert sorted(named[1:]) == ["load_a", "load_b", "load_c"]


def test_tasks_that_would_wait_for_each_other_are_refused(call_async):
    async def main():
        both = asyncio.Barrier(2)

        async def needs(other):
            await both.wait()
            return await call_async(other, never)

        return await asyncio.gather(
            call_async("a", lambda: needs("b")),
            call_async("b", lambda: needs("a")),
            return_exceptions=True,
        )

    async def never():
        return "never"

    results = asyncio.run(asyncio.wait_for(main(), PATIENCE))
    assert [type(result) for result in results] == [RecursiveCallError] * 2


def test_a_circle_through_an_inner_computation_is_seen(call, pool):
    """A leads X and waits for B in it, and B waits for A."""
    both = threading.Barrier(2)

    def in_x():
        both.wait(PATIENCE)
        return call("b", lambda: "never")

    def in_b():
        both.wait(PATIENCE)
        return call("a", lambda: "never")

    calls = [pool.submit(call, "a", lambda: call("x", in_x)), pool.submit(call, "b", in_b)]
    assert [type(each.exception(PATIENCE)) for each in calls] == [RecursiveCallError] * 2


def test_two_that_wait_for_a_third_are_no_circle(call, pool, flights):
    third, _ = flights.join("c", "load_c")
    both = threading.Barrier(3)

    def needs_c():
        both.wait(PATIENCE)
        return call("c", lambda: "anew")

    calls = [pool.submit(call, key, needs_c) for key in "ab"]
    both.wait(PATIENCE)
    third.finish("shared")
    results = {each.result(PATIENCE) for each in calls}
    assert results <= {"shared", "anew"}
    assert third.computation.waits_for == []


def test_a_wait_that_is_over_leaves_no_trace(flights):
    mine, _ = flights.join("mine", "load_mine")
    other, _ = flights.join("other", "load_other")
    with mine.leading():
        other.finish(1)
        assert other.wait().result == 1
        assert mine.computation.waits_for == []


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


def test_a_detached_flight_serves_those_aboard_and_nobody_else(flights, pool):
    flight, _ = flights.join("a", "load")
    aboard = flights.join("a", "load")[0]
    flights.detach("a")
    assert flight.detached
    following, leads = flights.join("a", "load")
    assert leads
    assert not following.detached
    flight.finish("old")
    assert aboard.wait().result == "old"
    assert flights.join("a", "load") == (following, False), "the old one took only itself off"


def test_what_is_not_under_way_can_be_detached_too(flights):
    flights.detach("a")
    assert flights.join("a", "load")[1]


def test_flights_are_detached_by_what_their_key_says(flights):
    started = {key: flights.join(key, "load")[0] for key in (("f", 1), ("f", 2), ("g", 1))}
    flights.detach_where(lambda key: key[0] == "f")
    assert {key: flight.detached for key, flight in started.items()} == {
        ("f", 1): True,
        ("f", 2): True,
        ("g", 1): False,
    }


def test_a_finaliser_may_call_while_the_table_is_held(flights, call):
    results = []

    class Cycle:
        def __init__(self):
            self.self = self

        def __del__(self):
            flights.detach("b")
            results.append(call("a", lambda: "from a finaliser"))

    thresholds = gc.get_threshold()
    gc.set_threshold(3)
    try:
        for number in range(200):
            Cycle()
            assert call(number % 3, lambda: call("inner", list)) == []
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    assert results == ["from a finaliser"] * 200
    assert len(flights) == 0
