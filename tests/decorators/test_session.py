"""``scope="session"`` and ``scope="user"``: to each its own."""

from __future__ import annotations

import threading

import pytest

import reprise
from reprise import MISSING, cache_data, cache_resource


def test_each_session_has_its_own(host, runs):
    @cache_data(scope="session")
    def load(x):
        runs(host.session_id)
        return f"{host.session_id}-{x}"

    for session in ("ann", "bob", "ann"):
        host.session_id = session
        assert load(1) == f"{session}-1"
    assert runs == ["ann", "bob"]


def test_outside_any_session_it_is_a_clear_error():
    @cache_data(scope="session")
    def load():
        return 1

    for call in (load, load.peek, load.refresh):
        with pytest.raises(reprise.NoSessionError, match='scope="global"'):
            call()


def test_when_a_session_ends_its_objects_are_released_and_no_others(host, runtime):
    released = []

    @cache_resource(scope="session", on_release=released.append)
    def connect():
        return f"connection of {host.session_id}"

    for session in ("ann", "bob"):
        host.session_id = session
        connect()
    runtime.session_ended("ann")
    assert released == ["connection of ann"]
    assert connect.peek() == "connection of bob"


def test_clear_is_about_the_calling_session_and_outside_of_any_about_all(host):
    @cache_data(scope="session")
    def load():
        return host.session_id

    for session in ("ann", "bob"):
        host.session_id = session
        load()
    load.clear()
    assert load.peek() is MISSING
    host.session_id = "ann"
    assert load.peek() == "ann"
    host.session_id = None
    load.clear()
    assert load.cache_info().entries == 0


def test_what_is_computed_while_its_session_ends_is_not_kept(host, runtime):
    started, go_on = threading.Event(), threading.Event()

    @cache_data(scope="session")
    def load():
        started.set()
        assert go_on.wait(10)
        return 1

    host.session_id = "ann"
    thread = threading.Thread(target=load)
    thread.start()
    assert started.wait(10)
    runtime.session_ended("ann")
    go_on.set()
    thread.join(10)
    assert load.cache_info().entries == 0


def test_one_session_ending_does_not_touch_functions_for_everyone(host, runtime):
    @cache_data
    def load(x):
        return x

    load("ann")
    runtime.session_ended("ann")
    assert load.peek("ann") == "ann"


def test_a_background_refresh_keeps_to_its_session(host, clock, runtime, runs):
    jobs = []
    runtime.refresher.submit = jobs.append

    @cache_data(scope="session", ttl=10, refresh_mode="background")
    def load():
        runs(1)
        return len(runs)

    host.session_id = "ann"
    assert load() == 1
    clock.advance(11)
    assert load() == 1
    host.session_id = None  # the thread of the refresh has none
    jobs.pop()()
    host.session_id = "ann"
    assert load() == 2
    runtime.session_ended("ann")
    assert load.cache_info().entries == 0


def test_each_user_has_its_own_in_all_sessions(host, runs):
    @cache_data(scope="user")
    def load(x):
        runs(host.user_id)
        return f"{host.user_id}-{x}"

    for number, user in enumerate(("ann", "bob", "ann")):
        host.user_id, host.session_id = user, str(number)
        assert load(1) == f"{user}-1"
    assert runs == ["ann", "bob"]


def test_where_nobody_is_logged_in_it_is_a_clear_error(host):
    @cache_data(scope="user")
    def load():
        return 1

    host.session_id = "one"
    for call in (load, load.peek, load.refresh):
        with pytest.raises(reprise.NoUserError, match=r"(?s)st\.login.*scope=\"session\""):
            call()
    assert load.explain().action == "raise"


def test_what_is_a_users_stays_when_a_session_ends_and_is_cleared_for_that_user(host, runtime):
    released = []

    @cache_resource(scope="user", on_release=released.append)
    def connect():
        return f"connection of {host.user_id}"

    for user in ("ann", "bob"):
        host.user_id = host.session_id = user
        connect()
    runtime.session_ended("ann")
    assert released == []
    connect.clear()
    assert released == ["connection of bob"]
    host.user_id = None
    connect.clear()
    assert released == ["connection of bob", "connection of ann"]
