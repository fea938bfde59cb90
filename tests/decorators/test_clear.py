"""Clearing: one call, one function, all; also while somebody computes."""

from __future__ import annotations

import threading

import reprise
from reprise import MISSING, cache_data, cache_resource


def test_clear_takes_any_spelling_of_the_same_call(runs):
    @cache_data
    def add(x, y=2):
        runs(x, y)
        return x + y

    for spelling in (lambda: add.clear(1), lambda: add.clear(1, 2), lambda: add.clear(y=2, x=1)):
        add(1), add(5)
        spelling()
        assert add.peek(1) is MISSING
        assert add.peek(5) == 7


def test_clear_without_arguments_forgets_all_of_the_function_and_nothing_else():
    @cache_data
    def one(x):
        return x

    @cache_data
    def two(x):
        return x

    one(1), one([2]), two(1)
    one.clear()
    assert one.peek(1) is one.peek([2]) is MISSING
    assert two.peek(1) == 1


def test_the_decorators_clear_their_own_kind():
    @cache_data
    def data():
        return 1

    @cache_resource
    def resource():
        return 2

    data(), resource()
    reprise.cache_data.clear()
    assert data.peek() is MISSING
    assert resource.peek() == 2
    reprise.cache_resource.clear()
    assert resource.peek() is MISSING


def test_a_function_without_arguments_is_cleared_by_clear():
    @cache_data
    def load():
        return 1

    load()
    load.clear()
    assert load.peek() is MISSING


def test_clearing_what_is_not_there_is_fine():
    @cache_data
    def load(x):
        return x

    load.clear()
    load.clear(1)


def _compute_while(interfere):
    """Run a function in a thread and ``interfere`` meanwhile; gives it and what the thread got."""
    started, go_on = threading.Event(), threading.Event()
    answers = []

    @cache_data
    def load(x):
        started.set()
        assert go_on.wait(10)
        return x

    thread = threading.Thread(target=lambda: answers.append(load(1)))
    thread.start()
    assert started.wait(10)
    interfere(load)
    go_on.set()
    thread.join(10)
    return load, answers


def test_a_computation_in_flight_does_not_put_back_what_was_cleared_meanwhile():
    for clear in (
        lambda load: load.clear(),
        lambda load: load.clear(1),
        lambda load: reprise.cache_data.clear(),
    ):
        load, answers = _compute_while(clear)
        assert answers == [1]
        assert load.peek(1) is MISSING


def test_a_function_may_clear_itself_while_it_runs():
    @cache_data
    def load(x):
        load.clear()
        return x

    assert load(1) == 1
    assert load.peek(1) is MISSING
