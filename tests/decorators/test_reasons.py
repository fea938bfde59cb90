"""Why a call misses: other arguments, expired, evicted, cleared; each through the decorators."""

from __future__ import annotations

import pytest

from reprise import cache_data, cache_resource
from reprise.observe import reasons

HEX = 64


@pytest.fixture
def still(runtime, clock):
    """Let time pass without the sweeper, so that what expired is where it was."""

    def still(seconds):
        runtime.sweeper.stop()
        clock.advance(seconds)

    return still


def test_never_computed():
    @cache_data
    def load(path):
        return path

    assert load.explain("a").reason == reasons.NeverComputed()
    assert load.explain("a").action == "compute"
    assert not load.explain("a").would_hit


def test_other_arguments_name_the_nearest_call_and_what_differs():
    @cache_data
    def load(path, limit, options):
        return path

    load("a.csv", 10, [1])
    load("b.csv", 20, [1])
    near = load.explain("a.csv", 10, [1]).key
    reason = load.explain("a.csv", 10, [2]).reason
    assert reason.nearest == near
    assert [change.name for change in reason.arguments] == ["options"]
    assert len(reason.arguments[0].before) == len(reason.arguments[0].after) == HEX
    told = load.explain("c.csv", 20, [1]).reason
    assert str(told) == "arguments changed: path 'b.csv' -> 'c.csv'"


def test_of_two_that_are_as_near_the_newer_is_named():
    @cache_data
    def load(path):
        return path

    load("a"), load("b")
    assert str(load.explain("c").reason) == "arguments changed: path 'b' -> 'c'"


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (1, True, "x 1 -> True"),
        (0.5, None, "x 0.5 -> None"),
        (b"a", "a", "x b'a' -> 'a'"),
        (-(10**20), "é", "x -100000000000000000000 -> 'é'"),
    ],
)
def test_plain_values_are_shown_as_they_are_written(one, other, shown):
    @cache_data
    def load(x):
        return x

    load(one)
    assert str(load.explain(other).reason) == f"arguments changed: {shown}"


def test_arguments_that_come_and_go_are_told():
    @cache_data
    def load(**options):
        return 1

    load(a=1, b=2)
    assert str(load.explain(a=1, c=3).reason) == "arguments changed: **c is new; **b is gone"


def test_an_empty_rest_of_the_arguments_is_neither_new_nor_gone():
    @cache_data
    def load(x, *more, **options):
        return x

    load(5)
    assert str(load.explain(5, r=1).reason) == "arguments changed: **r is new"
    assert [one.name for one in load.explain(5, 6).reason.arguments] == ["more"]


def test_the_empty_rest_is_left_out_whatever_was_kept():
    @cache_data
    def load(x, *more, **options):
        return x

    load(5, r=1)
    assert str(load.explain(5).reason) == "arguments changed: **r is gone"


def test_expired(clock, still):
    @cache_data(ttl=60)
    def load(path):
        return path

    load("a")
    at = clock.time() + 60
    still(100)
    assert load.explain("a").reason == reasons.Expired(at)


def test_expired_and_swept(clock, runtime, still):
    @cache_data(ttl=60)
    def load(path):
        return path

    load("a")
    at = clock.time() + 60
    still(100)
    runtime.store.sweep(clock.monotonic())
    assert load.cache_info().entries == 0
    assert load.explain("a").reason == reasons.Expired(at)


def test_a_stale_value_is_served(still):
    @cache_data(ttl=60, refresh_mode="background")
    def load(path):
        return path

    load("a")
    still(61)
    told = load.explain("a")
    assert told.action == "serve stale"
    assert told.would_hit
    assert told.entry.expires_in == 59
    still(60)
    assert load.explain("a").action == "compute"


def test_evicted_by_a_call_of_the_same_function(clock):
    @cache_data(max_entries=1)
    def load(path):
        return path

    load("a")
    clock.advance(5)
    load("b")
    assert load.explain("a").reason == reasons.Evicted(
        clock.time(), "max_entries of the function", "load", load.explain("b").key
    )


def test_evicted_for_the_bytes_of_the_function(clock):
    @cache_data(max_size=1500)
    def load(path):
        return path * 1000

    load("a")
    load("b")
    assert load.explain("a").reason.bound == "max_size of the function"


def test_evicted_for_the_bytes_of_the_process_by_another_function(runtime):
    @cache_data
    def load(path):
        return path * 1000

    @cache_resource
    def model(name):
        return name * 1000

    load("a")
    runtime.store.max_size = 1500
    model("m")
    reason = load.explain("a").reason
    assert reason.bound == "max_size of the process"
    assert reason.by_function == "model"
    assert reason.by_key == model.explain("m").key


def test_evicted_because_the_bound_was_lowered(runtime):
    @cache_data
    def load(path):
        return path * 1000

    load("a")
    runtime.store.max_size = 10
    reason = load.explain("a").reason
    assert (reason.by_function, reason.by_key) == ("", "")
    assert str(reason).endswith("for max_size of the process, which was lowered")


def test_cleared(clock):
    @cache_data
    def load(path):
        return path

    for clear in (lambda: load.clear("a"), load.clear, cache_data.clear):
        load("a")
        clock.advance(1)
        clear()
        assert load.explain("a").reason == reasons.Cleared(clock.time())


def test_cleared_while_it_was_computed(clock):
    @cache_data
    def load(path):
        load.clear()
        return path

    load("a")
    assert load.explain("a").reason == reasons.Cleared(clock.time(), meanwhile=True)


def test_a_session_that_ended(runtime, host, clock):
    @cache_data(scope="session")
    def load(path):
        return path

    host.session_id = "ada"
    load("a")
    runtime.session_ended("ada")
    assert load.explain("a").reason == reasons.Cleared(clock.time(), session_ended=True)


def test_the_results_of_other_sessions_are_not_near(host):
    @cache_data(scope="session")
    def load(path):
        return path

    host.session_id = "ada"
    load("a")
    host.session_id = "bob"
    assert load.explain("a").reason == reasons.NeverComputed()
    assert load.explain("b").reason == reasons.NeverComputed()
    host.session_id = "ada"
    assert load.explain("a").would_hit
    assert load.explain("b").reason.kind == "arguments changed"
