"""``cache_resource``: the one object, validated on hits and released when it leaves."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
import weakref

import pytest

import reprise
from reprise import cache_resource


class Connection:
    def __init__(self, name="db"):
        self.name = name
        self.alive = True


@pytest.fixture
def released():
    return []


def test_everyone_gets_the_very_object(runs):
    @cache_resource
    def connect(name):
        runs(name)
        return Connection(name)

    assert connect("a") is connect(name="a")
    assert connect("a") is not connect("b")
    assert runs == ["a", "b"]


def test_what_is_no_longer_valid_is_released_and_made_anew(released):
    @cache_resource(validate=lambda c: c.alive, on_release=released.append)
    def connect():
        return Connection()

    first = connect()
    assert connect() is first
    first.alive = False
    second = connect()
    assert second is not first
    assert connect() is second
    assert released == [first]


def test_an_exception_in_validate_passes():
    @cache_resource(validate=lambda c: c.nothing)
    def connect():
        return Connection()

    connect()
    with pytest.raises(AttributeError, match="nothing"):
        connect()


@pytest.mark.parametrize(
    "leave",
    [
        lambda connect, clock, runtime: connect.clear(),
        lambda connect, clock, runtime: connect.clear(1),
        lambda connect, clock, runtime: reprise.cache_resource.clear(),
        lambda connect, clock, runtime: connect(2),
        lambda connect, clock, runtime: connect.refresh(1),
        lambda connect, clock, runtime: runtime.clear_requested(),
        lambda connect, clock, runtime: runtime.close(),
        lambda connect, clock, runtime: (clock.advance(100), connect(1)),
    ],
    ids=["clear", "clear-one", "clear-all", "evicted", "replaced", "asked", "exit", "expired"],
)
def test_whatever_makes_it_leave_it_is_released_exactly_once(leave, released, clock, runtime):
    @cache_resource(on_release=released.append, max_entries=1, ttl=50)
    def connect(x):
        return Connection(x)

    first = connect(1)
    leave(connect, clock, runtime)
    assert released == [first]
    runtime.clear_requested()
    assert released.count(first) == 1


def test_a_refresh_that_returns_the_same_object_does_not_release_it(released):
    one = Connection()

    @cache_resource(on_release=released.append)
    def connect():
        return one

    connect(), connect.refresh()
    assert released == []
    connect.clear()
    assert released == [one]


def test_one_object_under_two_keys_is_released_when_the_last_leaves(released):
    one = Connection()

    @cache_resource(on_release=released.append)
    def connect(x):
        return one

    connect(1), connect(2)
    connect.clear(1)
    assert released == []
    connect.clear(2)
    assert released == [one]


def test_an_error_while_releasing_is_logged_and_stops_nothing(released, caplog):
    def release(connection):
        released.append(connection)
        raise OSError("gone already")

    @cache_resource(on_release=release)
    def connect(x):
        return Connection(x)

    connect(1), connect(2)
    with caplog.at_level(logging.ERROR, "reprise"):
        connect.clear()
    assert len(released) == 2
    assert "on_release" in caplog.text
    assert "gone already" in caplog.text


def test_what_was_too_large_to_keep_is_its_callers_to_release(released):
    @cache_resource(on_release=released.append, max_size=10)
    def load():
        return Large()

    with pytest.warns(reprise.NotKeptWarning):
        value = load()
    alive = weakref.ref(value)
    del value
    assert alive() is None, "the cache does not hold on to it"
    load.clear()
    assert released == []


class Large(Connection):
    __slots__ = ()
    nbytes = 10_000


def test_what_is_cleared_while_it_is_made_is_released_at_the_next_clear_not_under_its_caller(
    released,
):
    @cache_resource(on_release=released.append)
    def connect():
        connect.clear()
        return Connection()

    connection = connect()
    assert released == []
    connect.clear()
    assert released == [connection]


def test_functions_of_one_factory_release_each_their_own():
    log = []

    def make(tag):
        @cache_resource(on_release=lambda value: log.append((tag, value)), max_entries=1)
        def connect():
            return f"connection of {tag}"

        return connect

    a, b = make("a"), make("b")
    a(), b()
    assert a.peek() == "connection of a", "each has its own bound"
    a.clear()
    assert log == [("a", "connection of a")]
    assert b.peek() == "connection of b"


def test_a_forked_child_leaves_to_the_parent_what_is_the_parents():
    script = textwrap.dedent(r"""
        import os, sys
        from reprise import cache_resource

        @cache_resource(on_release=lambda name: os.write(1, f"{name} released\n".encode()))
        def connect(name):
            return name

        connect("parent")
        child = os.fork()
        if child == 0:
            connect("child")
            sys.exit()
        os.waitpid(child, 0)
        os.write(1, b"child is gone\n")
    """)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n") == ["child released", "child is gone", "parent released", ""]


def test_everything_is_released_when_the_interpreter_exits():
    script = textwrap.dedent("""
        from reprise import cache_resource

        @cache_resource(on_release=lambda name: print("released", name))
        def connect(name):
            return name

        connect("a"), connect("b"), connect("a")
    """)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    assert sorted(done.stdout.split("\n")) == ["", "released a", "released b"]
    assert done.stderr == ""
