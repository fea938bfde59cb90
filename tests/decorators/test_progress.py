"""``reprise.progress()``: who hears what a function tells of its progress."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reprise
from reprise import InvalidOptionError, cache_data, cache_resource
from reprise.flights import FlightTable, tell

PATIENCE = 20
"""Real seconds after which something that should have happened is given up."""


@pytest.mark.parametrize("decorator", [cache_data, cache_resource])
def test_a_function_has_a_bar_that_shows_what_it_tells(host, clock, decorator):
    @decorator(show_progress=True)
    def load(n):
        assert bar().says is None
        reprise.progress(1, n)
        assert bar().says == (1, n, "")
        clock.advance(5)
        reprise.progress(2.5, text="Reading")
        assert bar().says == (2.5, None, "Reading")
        return n

    def bar():
        [only] = host.bars
        return only

    began = clock.monotonic()
    assert load(4) == 4
    assert bar().gone
    assert bar().progress().began == began
    assert host.spinners == []


@pytest.mark.parametrize(
    ("options", "text", "show_time"),
    [
        ({}, "Running `load(...)`.", False),
        ({"show_spinner": "Loading", "show_time": True}, "Loading", True),
        ({"show_spinner": ""}, "", False),
        ({"show_spinner": False}, None, False),
    ],
)
def test_the_bar_has_the_text_of_the_spinner(host, options, text, show_time):
    @cache_data(show_progress=True, **options)
    def load():
        return 1

    load()
    [bar] = host.bars
    assert (bar.text, bar.show_time) == (text, show_time)


def test_a_hit_shows_nothing_and_telling_changes_no_key(host, runs):
    def decorate():
        @cache_data(show_progress=True)
        def load(n):
            runs(n)
            for i in range(n):
                reprise.progress(i, n)
            return n

        return load

    load, again = decorate(), decorate()
    assert [load(3), load(3), again(3)] == [3, 3, 3]
    assert runs == [3]
    assert len(host.bars) == 1


def test_decorations_that_differ_in_it_alone_share_their_results(runs):
    def load():
        runs("run")
        return 1

    cache_data(load)()
    cache_data(show_progress=True)(load)()
    assert len(runs) == 1


def test_an_exception_takes_the_bar_away_and_passes(host):
    @cache_data(show_progress=True)
    def load():
        reprise.progress(1)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        load()
    assert host.bars[0].gone


def test_refresh_has_a_bar_too(host):
    @cache_data(show_progress=True)
    def load():
        reprise.progress(len(host.bars))
        return 1

    load(), load.refresh()
    assert [bar.says for bar in host.bars] == [(1, None, ""), (2, None, "")]


def test_outside_of_a_measured_function_to_tell_does_nothing(host):
    @cache_data
    def load():
        reprise.progress(1, 2)
        return 1

    assert reprise.progress(1, 2) is None
    load()
    assert host.bars == []
    assert len(host.spinners) == 1


def test_helpers_and_unmeasured_functions_tell_for_the_function_around_them(host):
    def helper():
        reprise.progress(1, 3)

    @cache_data
    def unmeasured():
        reprise.progress(2, 3)

    @cache_data(show_progress=True)
    def outer():
        helper()
        seen = [host.bars[0].says]
        unmeasured()
        return [*seen, host.bars[0].says]

    assert outer() == [(1, 3, ""), (2, 3, "")]


def test_of_measured_functions_the_outermost_is_shown_and_each_tells_of_itself(host):
    @cache_data(show_progress=True)
    def inner():
        reprise.progress(9, 9)

    @cache_data(show_progress=True)
    def outer():
        reprise.progress(1, 2)
        inner()
        return host.bars[0].says

    assert outer() == (1, 2, "")
    assert len(host.bars) == 1


def test_a_measured_function_inside_one_with_a_spinner_shows_nothing(host):
    @cache_data(show_progress=True)
    def inner():
        reprise.progress(1, 2)

    @cache_data
    def outer():
        inner()

    outer()
    assert (len(host.spinners), host.bars) == (1, [])


def test_tasks_and_threads_with_the_context_tell_and_bare_threads_do_not(host):
    async def helper(n):
        reprise.progress(n)

    def in_thread(target):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join(PATIENCE)
        return host.bars[0].says[0]

    @cache_data(show_progress=True)
    async def load():
        await asyncio.create_task(helper(1))
        seen = [host.bars[0].says[0]]
        await asyncio.to_thread(reprise.progress, 2)
        seen.append(host.bars[0].says[0])
        seen.append(in_thread(lambda: reprise.progress(99)))
        context = contextvars.copy_context()
        seen.append(in_thread(lambda: context.run(reprise.progress, 3)))
        return seen

    assert asyncio.run(load()) == [1, 2, 2, 3]


def test_tasks_at_once_tell_of_themselves_each(host):
    @cache_data(show_progress=True)
    async def load(n):
        for i in range(3):
            reprise.progress(i, n)
            await asyncio.sleep(0)

    async def main():
        await asyncio.gather(load(10), load(20))

    asyncio.run(main())
    assert sorted(bar.says for bar in host.bars) == [(2, 10, ""), (2, 20, "")]


def test_a_task_that_outlives_the_function_tells_nobody(host):
    async def main():
        late = asyncio.Event()

        async def straggler():
            await late.wait()
            reprise.progress(99)

        @cache_data(show_progress=True)
        async def load():
            reprise.progress(1)
            tasks.append(asyncio.create_task(straggler()))

        tasks = []
        await load()
        late.set()
        await tasks[0]

    asyncio.run(main())
    assert host.bars[0].says == (1, None, "")


def test_who_waits_sees_the_progress_of_who_computes(host):
    joined = threading.Event()

    @cache_data(show_progress=True)
    def load():
        reprise.progress(3, 4, "Reading")
        assert joined.wait(PATIENCE)
        return "read"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(load)
        until(lambda: host.bars and host.bars[0].says)
        second = pool.submit(load)
        until(lambda: len(host.bars) == 2)
        assert host.bars[1].says == (3, 4, "Reading")
        joined.set()
        assert first.result(PATIENCE) == second.result(PATIENCE) == "read"
    assert all(bar.gone for bar in host.bars)


def test_a_refresh_behind_shows_nothing(host, clock, runs):
    done = threading.Event()

    @cache_data(ttl=10, refresh_mode="background", show_progress=True)
    def load():
        reprise.progress(1)
        runs(threading.current_thread())
        if len(runs) == 2:
            done.set()
        return 1

    load()
    clock.advance(11)
    load()
    assert done.wait(PATIENCE)
    assert len(set(runs.noted)) == 2
    assert len(host.bars) == 1


def until(reached):
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.001)


# What may be told


amounts = st.integers(0, 10**20) | st.floats(0, allow_infinity=False)


@given(done=amounts, total=st.none() | amounts, text=st.text())
def test_what_is_told_arrives_and_never_exceeds_the_total(done, total, text):
    flight, _ = FlightTable().join("key", "load")
    flight.measure(7.0)
    with flight.leading():
        reprise.progress(done, total, text)
        progress = flight.progress()
    # What is larger than most counts is an approximation, and may be.
    assert progress.total == (total if total is None or total < 10**15 else float(total))
    assert progress.done == pytest.approx(done if total is None else min(done, total), rel=1e-15)
    assert (progress.text, progress.began) == (text, 7.0)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(np.int64(3), int), (np.float32(3), float), (Fraction(3), float), (np.uint8(3), int)],
)
def test_numbers_of_other_libraries_become_pythons_own(number, kind):
    flight, _ = FlightTable().join("key", "load")
    flight.measure(0.0)
    with flight.leading():
        reprise.progress(number, number)
    progress = flight.progress()
    assert progress.done == progress.total == 3
    assert type(progress.done) is type(progress.total) is kind


BAD = [-1, -0.5, float("nan"), float("inf"), "3", 10**400, True, [], 1j, Decimal(3)]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad!r:.10}")
@pytest.mark.parametrize("name", ["done", "total"])
def test_what_is_no_amount_is_named_even_where_nobody_listens(name, bad):
    with pytest.raises(InvalidOptionError) as caught:
        reprise.progress(**{"done": 1, name: bad})
    assert f"as {name}, not {bad!r}:" in str(caught.value)
    assert "    reprise.progress(done, len(items))" in str(caught.value)


def test_done_cannot_be_left_open_and_a_text_is_text():
    with pytest.raises(InvalidOptionError, match="from 0 up as done, not None"):
        reprise.progress(None)
    with pytest.raises(InvalidOptionError, match="needs a str as text, not 5"):
        reprise.progress(1, 2, 5)


@pytest.mark.parametrize("bad", [1, None, "yes", "Loading"])
@pytest.mark.parametrize("decorator", [cache_data, cache_resource])
def test_show_progress_is_true_or_false(decorator, bad):
    with pytest.raises(InvalidOptionError) as caught:
        decorator(show_progress=bad)
    assert str(caught.value) == f"show_progress must be True or False, not {bad!r}."


def test_to_tell_costs_little():
    flight, _ = FlightTable().join("key", "load")
    flight.measure(0.0)
    with flight.leading():
        best = min(timed(20_000) for _ in range(5)) / 20_000
    assert best < 5e-6  # some 0.2 us on an idle machine


def timed(rounds):
    started = time.perf_counter()
    for i in range(rounds):
        reprise.progress(i, rounds, "Reading")
    return time.perf_counter() - started


def test_a_flight_that_is_not_measured_tells_nothing():
    flight, _ = FlightTable().join("key", "load")
    with flight.leading():
        tell(1, 2, "")
    assert flight.progress() is None
