"""Which host a call runs under."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest

from reprise.hosts import Hosts


class Host:
    def __init__(self, active=True):
        self.is_active, self.listeners = active, []

    def active(self):
        return self.is_active

    def connect(self, listener):
        self.listeners.append(listener)


@pytest.fixture
def library(monkeypatch):
    monkeypatch.setitem(sys.modules, "some_library", ModuleType("some_library"))


def test_a_librarys_host_is_not_made_before_the_library_is_loaded(monkeypatch):
    made, fallback = [], Host()
    hosts = Hosts(fallback, {"some_library": lambda: made.append(Host()) or made[0]})
    assert hosts.current() is fallback
    assert not made
    monkeypatch.setitem(sys.modules, "some_library", ModuleType("some_library"))
    assert hosts.current() is hosts.current() is made[0]
    assert len(made) == 1


def test_the_fallback_serves_where_no_other_is_active(library):
    fallback, other = Host(), Host(active=False)
    assert Hosts(fallback, {"some_library": lambda: other}).current() is fallback


def test_a_listener_hears_of_every_host_also_of_those_made_later(library):
    fallback, other, listener = Host(), Host(), object()
    hosts = Hosts(fallback, {"some_library": lambda: other})
    hosts.connect(listener)
    assert fallback.listeners == [listener]
    hosts.current()
    assert other.listeners == [listener]


def test_whoever_comes_while_a_host_is_made_waits_for_it(library):
    making, go_on = threading.Event(), threading.Event()
    other = Host()

    def make():
        making.set()
        assert go_on.wait(10)
        return other

    hosts = Hosts(Host(), {"some_library": make})
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hosts.current)
        assert making.wait(10)
        second = pool.submit(hosts.current)
        go_on.set()
        assert first.result(10) is second.result(10) is other


def test_a_host_that_could_not_be_made_is_tried_again(library):
    attempts = []

    def make():
        attempts.append(1)
        if len(attempts) == 1:
            raise ImportError("half loaded")
        return Host()

    hosts = Hosts(Host(), {"some_library": make})
    with pytest.raises(ImportError):
        hosts.current()
    assert hosts.current() is hosts.current()
    assert len(attempts) == 2
