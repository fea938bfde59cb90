"""How long and how much: ttl, max_entries, max_size."""

from __future__ import annotations

import gc
import threading
import warnings
import weakref
from datetime import timedelta

import pytest

import reprise
from reprise import cache_data, cache_resource


@pytest.mark.parametrize("ttl", [60, 60.0, "1m", "60 s", timedelta(minutes=1)])
def test_past_its_ttl_a_result_is_computed_anew(ttl, clock, runs):
    @cache_data(ttl=ttl)
    def load(x):
        runs(x)
        return x

    load(1)
    clock.advance(59.9)
    load(1)
    assert len(runs) == 1
    clock.advance(0.1)
    load(1)
    assert len(runs) == 2


def test_the_ttl_counts_from_the_end_of_the_computation(clock, runs):
    @cache_data(ttl=10)
    def slow():
        runs(1)
        clock.advance(30)
        return 1

    slow(), slow()
    assert len(runs) == 1


class Big:
    pass


@pytest.mark.with_gil("what a thread frees may wait for another")
def test_what_expired_frees_its_memory_without_another_call(clock):
    @cache_resource(ttl=10)
    def make():
        return Big()

    gone = threading.Event()
    weakref.finalize(make(), gone.set)
    gc.collect()
    assert not gone.is_set()
    clock.advance(11)
    assert gone.wait(10)
    assert make.cache_info().entries == 0


def test_max_entries_bounds_each_function(runs):
    @cache_data(max_entries=2)
    def load(x):
        runs(x)
        return x

    @cache_data
    def other(x):
        return x

    other(0)
    for x in (1, 2, 3):
        load(x)
    assert load.cache_info().entries == 2
    assert load.peek(1) is reprise.MISSING
    assert other.peek(0) == 0


def test_what_was_visited_outlives_what_was_not():
    @cache_data(max_entries=2)
    def load(x):
        return x

    load(1), load(2), load(1), load(3)
    assert load.peek(1) == 1
    assert load.peek(2) is reprise.MISSING


def test_max_size_bounds_the_bytes_of_each_function():
    @cache_data(max_size="10 KB")
    def load(x):
        return bytes(3_000)

    for x in range(10):
        load(x)
    info = load.cache_info()
    assert 1 <= info.entries <= 3
    assert info.bytes <= 10_000


def test_a_value_larger_than_its_bound_is_returned_and_not_kept_with_one_warning(runs):
    @cache_data(max_size="1 KB")
    def load(x):
        runs(x)
        return bytes(5_000)

    with pytest.warns(reprise.NotKeptWarning, match="load") as caught:
        assert len(load(1)) == 5_000
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(1), load(2)
    assert runs == [1, 1, 2]


def test_the_process_wide_bound_bounds_all_functions_together(runtime):
    runtime.store.max_size = 10_000

    @cache_data
    def one(x):
        return bytes(3_000)

    @cache_data
    def two(x):
        return bytes(3_000)

    for x in range(4):
        one(x), two(x)
    assert one.cache_info().bytes + two.cache_info().bytes <= 10_000
    assert one.cache_info().entries + two.cache_info().entries >= 2


def test_another_ttl_is_another_set_of_results(clock, runs):
    def script(ttl):
        @cache_data(ttl=ttl)
        def load():
            runs(ttl)
            return ttl

        return load()

    assert (script(5), script(50), script(5)) == (5, 50, 5)


def test_a_lower_bound_of_the_process_takes_effect_at_once():
    from reprise import config
    from reprise.composition import make_runtime
    from reprise.engine import runtime as runtimes

    runtimes.use(make_runtime())

    @cache_data
    def load(x):
        return bytes(3_000)

    try:
        for x in range(4):
            load(x)
        reprise.configure(max_size="7 KB")
        assert 1 <= load.cache_info().entries <= 2
    finally:
        config.reset()
        load.clear()
