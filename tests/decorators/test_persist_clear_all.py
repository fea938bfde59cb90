"""Clearing everything: functions that are decorated later, and what is being computed, too."""

from __future__ import annotations

import threading

import pytest

from reprise import MISSING, cache_data
from reprise.engine.runtime import use
from reprise.errors import StoreError, StoreWarning
from reprise.stores.disk import DiskStore


@pytest.fixture
def page(place, runs):
    """Decorates the function of one page of an app, in the process that was begun last."""

    def page(number):
        def load(x):
            runs(number)
            return [number, x]

        load.__qualname__ = f"load_{number}"
        return cache_data(persist=place)(load)

    return page


def test_clearing_everything_means_pages_that_are_opened_later_too(fresh, page, runs, clock):
    fresh()
    page(1)(0), page(2)(0), page(3)(0)
    fresh()
    assert page(1)(0) == [1, 0]
    clock.advance(1)
    assert runs == [1, 2, 3]
    cache_data.clear()
    assert page(2)(0) == [2, 0]
    assert runs == [1, 2, 3, 2]
    clock.advance(1)
    fresh()  # another app, which nobody has asked to clear anything
    assert page(2)(0) == [2, 0]
    assert page(3)(0) == [3, 0]
    assert runs == [1, 2, 3, 2]


def test_what_was_stored_after_everything_was_cleared_is_found_later(fresh, page, runs, clock):
    fresh()
    page(1)(0)
    mine = fresh()
    cache_data.clear()
    clock.advance(1)
    fresh()
    assert page(2)(0) == [2, 0]
    use(mine)
    assert page(2)(0) == [2, 0]
    assert runs == [1, 2]


class Interrupted:
    """Counts its runs; in the middle of the first one something else happens."""

    def __init__(self):
        self.runs, self.lock = 0, threading.Lock()  # has no encoding: it counts as this object

    def __call__(self):
        self.runs += 1
        number = self.runs
        if number == 1:
            self.meanwhile()
        return number


@pytest.mark.parametrize("asked", [False, True], ids=["kept before", "kept after"])
def test_clearing_everything_means_what_another_process_is_computing_then(
    fresh, place, clock, asked
):
    mine, other, body = fresh(), fresh(), Interrupted()

    def page():
        @cache_data(persist=place)
        def load():
            return [body()]

        return load

    def meanwhile():
        clock.advance(1)
        use(mine)
        cache_data.clear()
        clock.advance(1)
        assert not asked or page().peek() is MISSING
        use(other)

    body.meanwhile = meanwhile
    assert page()() == [1]
    use(mine)
    assert page()() == [2]
    clock.advance(1)
    use(other)
    assert page()() == [2]
    assert body.runs == 2


def test_nobody_finds_a_function_before_it_knows_that_it_was_cleared(fresh, place):
    """Two sessions may open a page at the same moment."""
    runtime, owed = fresh(), []

    class Groups(dict):
        def setdefault(self, name, group):
            owed.append((group.cleared, group.owes))
            return super().setdefault(name, group)

    runtime._groups = Groups()
    cache_data.clear()
    assert cache_data(persist=place)(lambda x: x)(1) == 1
    assert owed == [(runtime.clock.time(), True)]


def test_what_cannot_be_cleared_now_is_not_served(fresh, page, runs, clock, monkeypatch):
    fresh()
    page(1)(0)
    fresh()
    clock.advance(1)
    cache_data.clear()

    def fail(*_, **__):
        raise StoreError("lost")

    load = page(1)
    with monkeypatch.context() as patch:
        patch.setattr(DiskStore, "clear", fail)
        with pytest.warns(StoreWarning, match="lost"):
            assert load.peek(0) is MISSING
    assert load.peek(0) is MISSING
    assert load(0) == [1, 0]
    assert runs == [1, 1]
