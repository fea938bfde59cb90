"""``reprise.trace()``: one line a call, and nothing when nobody asked for it."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import re
import sys
import threading
import weakref

import pytest

import reprise
from reprise import cache_data, cache_resource, trace
from reprise.observe.trace import board


@pytest.fixture
def lines():
    told = []
    with trace(told.append):
        yield told


def key(function, *args, **kwargs):
    return function.explain(*args, **kwargs).key[:12]


def test_a_miss_and_a_hit_are_told_exactly(clock, lines):
    @cache_data
    def load(path, limit=10, _secret="s3cret"):
        clock.advance(0.001234)
        return path

    load("a.csv"), load("a.csv")
    short = key(load, "a.csv")
    assert lines == [
        (
            f"miss   load(path='a.csv', limit=10)  key {short}  1234 us  "
            "never computed with these arguments"
        ),
        f"hit    load(path='a.csv', limit=10)  key {short}  0 us",
    ]


def test_the_reason_for_a_miss_is_told(lines):
    @cache_data
    def load(path):
        return path

    load("a"), load("b"), load.clear(), load("b")
    assert [line.split(" us")[1].strip() for line in lines] == [
        "never computed with these arguments",
        "arguments changed: path 'a' -> 'b'",
        str(load.explain("a").reason),
    ]


def test_hits_of_the_wrapper_itself_are_told_only_while_someone_listens():
    @cache_data
    def load(path):
        return path

    load("a")
    lines = []
    for _ in range(2):
        load("a")
        with trace(lines.append):
            load("a")
        load("a")
    assert [line[:3] for line in lines] == ["hit", "hit"]
    assert load.cache_info().hits == 6


def test_functions_that_are_decorated_meanwhile_join(lines):
    @cache_data
    def load(path):
        return path

    load("a"), load("a"), load("a")
    assert [line[:4] for line in lines] == ["miss", "hit ", "hit "]


def test_nested_calls_are_indented(lines):
    @cache_data
    def inner(x):
        return x

    @cache_data
    def outer(x):
        return inner(x) + inner(x)

    @cache_data
    def outermost(x):
        return outer(x)

    outermost(1), inner(1)
    assert [re.match(r" *\w+ +\w+", line).group() for line in lines] == [
        "    miss   inner",
        "    hit    inner",
        "  miss   outer",
        "miss   outermost",
        "hit    inner",
    ]


def test_large_arguments_are_shown_in_short_and_never_asked_for_their_repr(lines):
    class Loud:
        def __repr__(self):
            raise AssertionError

        def __reprise_key__(self):
            return 1

    @cache_data
    def load(text, numbers, loud, *more, **options):
        return 1

    load("x" * 1000, list(range(50)), Loud(), 1, 2, depth=3)
    shown = "'xxxxxxxxxxxxxx...xxxxxxxxxxxxxx'"
    assert (
        f"load(text={shown}, numbers=list[50], loud=Loud, more=tuple[2], options=dict[1])"
        in lines[0]
    )


def test_a_call_is_one_line_whatever_its_arguments_are_called(lines):
    @cache_data
    def load(x, **options):
        return 1

    evil = type("Evil\nhit    fake()\x1b[31m", (), {"__reprise_key__": lambda self: 1})
    load(1), load(evil()), load(1, **{"a\r\nb": 2})
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert "load(x=Evil\\nhit    fake()\\x1b[31m, " in lines[1]
    assert "a\\r\\nb is new" in lines[2]


def test_a_call_that_fails_says_what_it_raised(lines):
    @cache_data
    def fail(x):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no") as caught:
        fail(1)
    assert [entry.name for entry in caught.traceback][-1] == "fail"
    with pytest.raises(reprise.UnhashableParamError):
        fail(object())
    assert lines == [
        (
            f"miss   fail(x=1)  key {key(fail, 1)}  0 us  never computed with these arguments  "
            "raised ValueError"
        ),
        "fail   fail(x=object)  0 us  raised UnhashableParamError",
    ]


def test_stop_iteration_passes_through(lines):
    @cache_data
    def stop():
        raise StopIteration("me")

    with pytest.raises(StopIteration, match="me"):
        stop()
    assert lines[0].endswith("raised StopIteration")


def test_a_result_that_validate_rejects_is_a_miss_with_that_reason(lines, clock):
    @cache_resource(validate=lambda value: False)
    def connect():
        return object()

    connect(), connect()
    assert lines[1].startswith("miss   connect()")
    assert "  validate rejected it at " in lines[1]


def test_a_refresh_is_told_as_such(lines):
    @cache_data
    def load(path):
        return path

    load.refresh("a")
    assert lines[0].endswith("refresh() asked for it")


def test_looking_is_no_call(lines):
    @cache_data
    def load(path):
        return path

    load.peek("a"), load.explain("a"), load.clear(), load.cache_info()
    assert lines == []


def test_stale_values_are_told(lines, clock, runtime):
    @cache_data(ttl=10, refresh_mode="background")
    def load(path):
        return path

    load("a")
    runtime.sweeper.stop()
    clock.advance(15)
    load("a")
    assert lines[1].startswith("stale  load(path='a')")


def test_who_waits_for_another_call_is_told(lines, runtime):
    started, go_on = threading.Event(), threading.Event()

    @cache_data
    def load(path):
        started.set()
        assert go_on.wait(10)
        return path

    first = threading.Thread(target=load, args=("a",))
    second = threading.Thread(target=load, args=("a",))
    first.start()
    assert started.wait(10)
    second.start()
    while not any(flight.shared for flight in runtime.flights._flights.copy().values()):
        assert second.is_alive()
    go_on.set()
    first.join(10), second.join(10)
    assert sorted(line[:4] for line in lines) == ["miss", "wait"]
    assert any(line.endswith("shared the computation of another call") for line in lines)


def test_tasks_are_told_each_with_its_own_depth(lines):
    @cache_data
    def inner(x):
        return x

    @cache_data
    async def fetch(x):
        await asyncio.sleep(0)
        inner(x)
        await asyncio.sleep(0)
        return x

    async def main():
        await asyncio.gather(*(fetch(number) for number in range(5)))

    asyncio.run(main())
    assert sorted(re.match(r" *\w+ +\w+", line).group() for line in lines) == [
        *["  miss   inner"] * 5,
        *["miss   fetch"] * 5,
    ]


class Patchy(io.StringIO):
    """A stream whose writes are whole only if nobody else writes meanwhile."""

    def write(self, text):
        for letter in text:
            super().write(letter)
        return len(text)


def test_lines_of_many_threads_never_mix():
    @cache_data
    def load(x):
        return x

    stream = Patchy()

    def work():
        for number in range(50):
            load(number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    with trace(file=stream):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    written = stream.getvalue().splitlines()
    assert len(written) == 200
    whole = re.compile(r"(hit|miss|wait) +load\(x=\d+\)  key [0-9a-f]{12}  \d+ us.*")
    assert all(whole.fullmatch(line) for line in written)


def test_lines_go_to_standard_error_as_it_is_then(monkeypatch):
    @cache_data
    def load(x):
        return x

    with trace():
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        load(1)
    assert stream.getvalue().startswith("miss   load(x=1)")


def test_everyone_who_listens_is_told_once():
    @cache_data
    def load(x):
        return x

    one, other = [], []
    with trace(one.append):
        with trace(other.append):
            load(1)
        load(2)
    load(3)
    assert (len(one), len(other)) == (2, 1)
    tell = one.append
    with trace(tell), trace(tell):
        load(4)
    assert len(one) == 3


def test_nobody_listens_any_more_after_an_error():
    with pytest.raises(KeyError), trace(print):
        raise KeyError
    assert not board.listening


def test_a_function_that_is_told_lines_may_call_cached_functions():
    @cache_data
    def count(line):
        return len(line)

    @cache_data
    def load(x):
        return x

    told = []
    with trace(lambda line: told.append(count(line))):
        load(1), load(1)
    assert len(told) == 2


def test_a_sink_that_fails_is_not_in_the_way(caplog):
    @cache_data
    def load(x):
        return x

    stream = io.StringIO()
    stream.close()
    with trace(file=stream), caplog.at_level(logging.ERROR, "reprise"):
        assert load(1) == 1
    assert "could not be written" in caplog.text


@pytest.mark.with_gil("functions and code leave when threads are at rest")
def test_wrappers_are_not_kept_alive():
    @cache_data
    def load(x):
        return x

    gone = weakref.ref(load)
    with trace(print):
        del load
        gc.collect()
        assert gone() is None


def test_a_call_goes_on_when_to_look_ahead_fails(lines, monkeypatch):
    def fail(decorated, values):
        raise MemoryError

    @cache_data
    def load(x):
        return x

    monkeypatch.setattr("reprise.engine.explaining.prospect", fail)
    assert load(1) == 1
    assert lines == ["miss   load(x=1)  0 us"]
