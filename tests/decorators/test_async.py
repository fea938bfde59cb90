"""Coroutine functions: true ones, with everything that plain functions have."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import weakref

import pytest

import reprise
from reprise import MISSING, cache_data, cache_resource


def test_the_wrapper_is_a_true_coroutine_function():
    @cache_data
    async def load(x: int) -> int:
        return x

    assert inspect.iscoroutinefunction(load)
    assert asyncio.iscoroutinefunction(load)
    coroutine = load(1)
    assert inspect.iscoroutine(coroutine)
    assert asyncio.run(coroutine) == 1


def test_it_runs_once_and_each_caller_gets_its_own(runs):
    @cache_data(ttl="1h")
    async def load(x, y=1):
        runs(x)
        return [x, y]

    async def main():
        (await load(1)).append("mine")
        return await load(x=1, y=1)

    assert asyncio.run(main()) == [1, 1]
    assert runs == [1]


def test_its_exception_passes_unchanged(runs):
    error = LookupError("x")

    @cache_data
    async def load():
        runs(1)
        raise error

    for _ in range(2):
        with pytest.raises(LookupError) as caught:
            asyncio.run(load())
        assert caught.value is error
    assert runs == [1, 1]


def test_verbs():
    counter = iter(range(9))

    @cache_resource
    async def connect():
        return next(counter)

    assert connect.peek() is MISSING
    assert asyncio.run(connect()) == 0
    assert connect.peek() == 0

    async def again():
        return await connect.refresh()

    assert asyncio.run(again()) == 1
    assert connect.peek() == 1
    connect.clear()
    assert connect.peek() is MISSING
    assert connect.cache_info().misses == 2


def test_bad_arguments_fail_when_awaited_as_a_coroutine_function_does():
    @cache_data
    async def load(x):
        return x

    with pytest.raises(TypeError, match="missing 1 required"):
        load()


def test_the_leaders_loop_may_end_before_it_is_done(runs):
    async def main():
        hold = asyncio.Event()

        @cache_data
        async def load():
            runs(1)
            if len(runs) == 1:
                await hold.wait()
            return len(runs)

        task = asyncio.create_task(load())
        await asyncio.sleep(0)
        assert not task.done()
        return load

    load = asyncio.run(main())
    assert asyncio.run(load()) == 2


def test_an_unhashable_argument_is_named():
    @cache_data
    async def load(handle):
        return 1

    with pytest.raises(reprise.UnhashableParamError, match="handle"):
        asyncio.run(load(object()))


def test_an_exception_keeps_nothing_alive_once_it_is_dropped():
    class Argument:
        pass

    @cache_data(hash_funcs={Argument: lambda _: 1})
    async def fail(argument):
        raise LookupError

    async def main():
        argument = Argument()
        alive = weakref.ref(argument)
        gc.disable()
        try:
            with contextlib.suppress(LookupError):
                await fail(argument)
            del argument
            return alive() is None
        finally:
            gc.enable()

    assert asyncio.run(main())
