"""``refresh_mode="background"``: served at once, refreshed behind."""

from __future__ import annotations

import asyncio
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

import reprise
from reprise import MISSING, cache_data, cache_resource
from reprise.hosting import LeftEarlyError, NotBehindError, Unparted


@pytest.fixture
def jobs(runtime):
    """Refreshes are collected, and run when the test says so."""
    collected = []
    runtime.refresher.submit = collected.append
    return collected


def test_past_its_ttl_a_value_is_served_at_once_and_refreshed_once(clock, runs, jobs):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        runs(clock.monotonic())
        return len(runs)

    assert load() == 1
    clock.advance(9)
    assert load() == 1
    assert not jobs
    clock.advance(2)
    assert [load(), load()] == [1, 1]
    assert len(jobs) == 1
    jobs.pop()()
    assert load() == 2
    assert not jobs
    clock.advance(9)
    assert load() == 2


def test_after_one_more_ttl_it_is_served_no_longer(clock, runs, jobs):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        runs(1)
        return len(runs)

    load()
    clock.advance(20)
    assert load.peek() is MISSING
    assert load() == 2
    assert not jobs


def test_a_failing_refresh_keeps_the_old_value_warns_once_and_waits(clock, runs, jobs):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        runs(1)
        if len(runs) in (2, 3):
            raise OSError("server away")
        return len(runs)

    load()
    clock.advance(11)
    assert load() == 1
    with pytest.warns(reprise.RefreshFailedWarning, match="server away"):
        jobs.pop()()
    assert load() == 1
    assert not jobs, "it waits before the next try"
    clock.advance(1)
    assert load() == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jobs.pop()()
    clock.advance(1)
    assert load() == 1
    assert not jobs, "and longer after the next failure"
    clock.advance(1)
    assert load() == 1
    jobs.pop()()
    assert load() == 4


def test_a_clear_during_the_refresh_is_not_undone_by_it(clock, runs, jobs):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        runs(1)
        return len(runs)

    load()
    clock.advance(11)
    load()
    load.clear()
    jobs.pop()()
    assert load.peek() is MISSING


def test_it_really_runs_in_another_thread_and_replaces_what_was_there(clock):
    refreshed = threading.Event()
    released = []

    def release(value):
        released.append(value)
        refreshed.set()

    @cache_resource(ttl=10, refresh_mode="background", on_release=release)
    def connect():
        return threading.current_thread().name

    first = connect()
    clock.advance(11)
    assert connect() == first
    assert refreshed.wait(10)
    assert released == [first]
    assert connect().startswith("reprise-refresh")


def test_coroutine_functions_refresh_in_a_task(clock, runs):
    @cache_data(ttl=10, refresh_mode="background")
    async def load():
        runs(1)
        return len(runs)

    async def main():
        before = [await load()]
        clock.advance(11)
        before.append(await load())
        for _ in range(10):
            await asyncio.sleep(0)
        return [*before, await load()]

    assert asyncio.run(main()) == [1, 1, 2]


def test_a_failing_refresh_in_a_task_keeps_the_old_value(clock, runs):
    @cache_data(ttl=10, refresh_mode="background")
    async def load():
        runs(1)
        if len(runs) > 1:
            raise OSError("server away")
        return 1

    async def main():
        await load()
        clock.advance(11)
        await load()
        with pytest.warns(reprise.RefreshFailedWarning):
            for _ in range(10):
                await asyncio.sleep(0)
        return await load()

    assert asyncio.run(main()) == 1


def test_no_spinner_shows_for_what_runs_behind(clock, host, jobs):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        return 1

    load()
    clock.advance(11)
    load()
    jobs.pop()()
    assert len(host.spinners) == 1


def test_a_loop_that_ends_before_the_refresh_is_done_leaves_nobody_waiting(clock, runs):
    @cache_data(ttl=10, refresh_mode="background")
    async def load():
        runs(1)
        if len(runs) == 2:
            await asyncio.Event().wait()
        return len(runs)

    async def serve_and_leave():
        await load()

    asyncio.run(load())
    clock.advance(11)
    asyncio.run(serve_and_leave())
    clock.advance(30)
    assert asyncio.run(load()) == 3


def test_where_no_thread_can_be_started_the_stale_value_is_served(clock, monkeypatch, caplog):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        return clock.monotonic()

    first = load()
    clock.advance(11)

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert load() == first
    assert "no thread" in caplog.text
    clock.advance(10)
    assert load() > first


@dataclass(frozen=True)
class Shown:
    """What a fake host recorded; it is told by the page that it was made on."""

    realm: str
    size: int = 0
    replayable: bool = True
    obstacle: str = ""
    refreshable: bool = True
    inputs: tuple[()] = ()


class Page:
    """A hidden page that tells who comes and goes."""

    def __init__(self, call):
        self.call = replace(call, arguments={**call.arguments, "_box": "stand-in"})
        self.tell = lambda what: None

    @contextmanager
    def entered(self):
        self.tell("comes")
        yield
        self.tell("goes")


@pytest.fixture
def pages(host):
    """The hidden pages that were made by a host on which everything displays something."""
    made = []

    def hidden_page(recording, call):
        made.append(Page(call))
        return made[-1]

    host.recording = lambda shared=None: Shown(host.realm)
    host.replay = lambda recording, call: Unparted()
    host.hidden_page = hidden_page
    return made


def test_what_displayed_something_is_refreshed_on_a_hidden_page(clock, runs, jobs, pages):
    @cache_data(ttl=10, refresh_mode="background")
    def load(_box):
        runs(_box)
        return len(runs)

    assert load("box") == 1
    clock.advance(11)
    assert [load("box"), load("box")] == [1, 1]
    assert len(jobs) == len(pages) == 1, "no second page while a refresh is under way"
    pages[0].tell = runs
    jobs.pop()()
    assert load("box") == 3
    assert runs == ["box", "comes", "stand-in", "goes"]


def test_where_there_is_no_hidden_page_it_runs_in_front(clock, runs, host, jobs, pages):
    @cache_data(ttl=10, refresh_mode="background")
    def load(_box=None):
        runs(1)
        return len(runs)

    host.hidden_page = lambda recording, call: None
    load()
    clock.advance(11)
    assert [load(), load()] == [2, 2]
    assert not jobs


def test_what_can_only_be_done_in_front_is_done_by_the_next_call(clock, runs, jobs, pages):
    @cache_data(ttl=10, refresh_mode="background")
    def load(_box=None):
        runs(1)
        if _box == "stand-in":
            raise NotBehindError("no")
        return len(runs)

    load()
    clock.advance(11)
    assert load() == 1
    jobs.pop()()
    assert [load(), load()] == [3, 3]
    assert not jobs


def test_where_the_page_cannot_be_entered_the_next_call_runs_in_front(clock, runs, jobs, pages):
    @cache_data(ttl=10, refresh_mode="background")
    def load():
        runs("ran")
        return len(runs)

    def refuse(what):
        raise NotBehindError(what)

    assert load() == 1
    clock.advance(11)
    assert load() == 1
    pages[0].tell = refuse
    jobs.pop()()
    assert [load(), load()] == [2, 2]
    assert len(pages) == 1
    assert not jobs


def test_a_refresh_that_leaves_early_has_failed(clock, runs, jobs, pages):
    @cache_data(ttl=10, refresh_mode="background")
    def load(_box=None):
        runs(1)
        if _box == "stand-in":
            raise LeftEarlyError("stopped")
        return len(runs)

    load()
    clock.advance(11)
    load()
    with pytest.warns(reprise.RefreshFailedWarning, match="stopped"):
        jobs.pop()()
    assert load() == 1
    assert not jobs
    assert "The last refresh behind failed." in load.explain().notes


def test_an_interrupt_of_a_refresh_goes_on_its_way(clock, jobs, pages):
    @cache_data(ttl=10, refresh_mode="background")
    def load(_box=None):
        if _box == "stand-in":
            raise KeyboardInterrupt
        return 1

    load()
    clock.advance(11)
    load()
    with pytest.raises(KeyboardInterrupt):
        jobs.pop()()
    assert load() == 1
    assert len(jobs) == 1
