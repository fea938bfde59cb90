from __future__ import annotations

import asyncio
import re
import threading

import pytest

from reprise.errors import RecursiveCallError

PATIENCE = 30


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
