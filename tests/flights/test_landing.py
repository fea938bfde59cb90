from __future__ import annotations

import contextvars
import gc
import threading
import traceback
import weakref

import pytest

from reprise.flights import leading_depth

PATIENCE = 30


def test_the_first_leads_and_the_others_share_what_comes_of_it(flights, pool):
    flight, leads = flights.join("a", "load")
    assert leads
    others = [flights.join("a", "load") for _ in range(5)]
    assert others == [(flight, False)] * 5
    waiting = [pool.submit(flight.wait) for _ in range(5)]
    with flight.leading():
        flight.finish(42)
    assert [(each.result(PATIENCE).finished, each.result().result) for each in waiting] == [
        (True, 42)
    ] * 5
    assert len(flights) == 0


def test_each_key_has_its_own_flight(flights):
    assert flights.join("a", "load")[1]
    assert flights.join("b", "load")[1]
    assert len(flights) == 2


def test_who_comes_after_the_landing_leads_anew(flights):
    flights.join("a", "load")[0].finish(1)
    flight, leads = flights.join("a", "load")
    assert leads
    flight.finish(2)
    assert flight.wait().result == 2


@pytest.mark.parametrize("ending", ["finish", "fail", "abandon"])
def test_only_the_first_ending_counts(flights, ending):
    flight, _ = flights.join("a", "load")
    flight.finish("first")
    following, leads = flights.join("a", "load")
    getattr(flight, ending)(*{"finish": ["second"], "fail": [ValueError()], "abandon": []}[ending])
    assert flight.wait().result == "first"
    assert leads
    assert flights.join("a", "load") == (following, False)


def test_a_failure_reaches_every_waiter_as_it_was(flights, pool):
    flight, _ = flights.join("a", "load")
    waiters = [flights.join("a", "load")[0] for _ in range(3)]
    context = KeyError("what the leader was handling")

    def fail():
        try:
            raise context
        except KeyError:
            raise ValueError("no data")  # noqa: B904  its context is what is looked at

    def lead():
        with flight.leading():
            try:
                fail()
            except ValueError as error:
                flight.fail(error)
                raise

    def wait_while_handling_something(waiter):
        try:
            raise OSError("of this waiter alone")
        except OSError:
            waiter.wait()

    with pytest.raises(ValueError, match="no data") as leader:
        lead()
    for waiter in waiters:
        error = pool.submit(wait_while_handling_something, waiter).exception(PATIENCE)
        assert error is leader.value
        frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        assert frames[-1] == "fail"
        assert frames.count("wait_while_handling_something") == 1, "each starts from the leader's"
        assert error.__context__ is context


def test_a_failure_that_nobody_waits_for_is_not_kept_alive(flights):
    class Large:
        pass

    def compute():
        large = Large()
        alive.append(weakref.ref(large))
        flight, _ = flights.join("a", "load")
        with flight.leading():
            try:
                raise ValueError
            except ValueError as error:
                flight.fail(error)

    alive: list[weakref.ref[Large]] = []
    gc.disable()
    try:
        compute()
        assert alive[0]() is None, "by counting references alone"
    finally:
        gc.enable()


def test_a_stop_iteration_is_a_failure_like_any_other(flights):
    flight, _ = flights.join("a", "load")
    flights.join("a", "load")
    flight.fail(StopIteration("done"))
    with pytest.raises(StopIteration, match="done"):
        flight.wait()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit, SystemExit])
def test_an_interrupted_leader_hands_over_to_a_waiter(call, pool, flights, interruption):
    leading, go_on = threading.Event(), threading.Event()

    def interrupted():
        leading.set()
        go_on.wait(PATIENCE)
        raise interruption

    leader = pool.submit(call, "a", interrupted)
    assert leading.wait(PATIENCE)
    waiter = flights.join("a", "load")[0]
    go_on.set()
    assert isinstance(leader.exception(PATIENCE), interruption)
    assert not waiter.wait().finished
    assert call("a", lambda: "second try") == "second try"


def test_leaving_without_a_word_is_abandoning(flights):
    flight, _ = flights.join("a", "load")
    with flight.leading():
        pass
    assert not flight.wait().finished
    assert len(flights) == 0


def test_calls_inside_of_calls_are_counted(flights):
    outer, _ = flights.join("a", "outer")
    inner, _ = flights.join("b", "inner")
    assert leading_depth() == 0
    with outer.leading():
        assert leading_depth() == 1
        with inner.leading():
            assert leading_depth() == 2
        assert leading_depth() == 1
    assert leading_depth() == 0


def test_contexts_that_live_on_do_not_keep_the_result(flights):
    class Result:
        pass

    flight, _ = flights.join("a", "load")
    with flight.leading():
        context = contextvars.copy_context()
        result = Result()
        flight.finish(result)
    alive = weakref.ref(result)
    del flight, result
    assert alive() is None
    assert context.run(leading_depth) == 0


def test_a_detached_flight_serves_those_aboard_and_nobody_else(flights, pool):
    flight, _ = flights.join("a", "load")
    aboard = flights.join("a", "load")[0]
    flights.detach("a")
    assert flight.detached
    following, leads = flights.join("a", "load")
    assert leads
    assert not following.detached
    flight.finish("old")
    assert aboard.wait().result == "old"
    assert flights.join("a", "load") == (following, False), "the old one took only itself off"


def test_the_table_knows_what_is_under_way(flights):
    flight, _ = flights.join("a", "load")
    assert "a" in flights
    assert "b" not in flights
    flight.finish(1)
    assert "a" not in flights


def test_what_is_not_under_way_can_be_detached_too(flights):
    flights.detach("a")
    assert flights.join("a", "load")[1]


def test_flights_are_detached_by_what_their_key_says(flights):
    started = {key: flights.join(key, "load")[0] for key in (("f", 1), ("f", 2), ("g", 1))}
    flights.detach_where(lambda key: key[0] == "f")
    assert {key: flight.detached for key, flight in started.items()} == {
        ("f", 1): True,
        ("f", 2): True,
        ("g", 1): False,
    }


def test_a_finaliser_may_call_while_the_table_is_held(flights, call):
    results = []

    class Cycle:
        def __init__(self):
            self.self = self

        def __del__(self):
            flights.detach("b")
            results.append(call("a", lambda: call("c", lambda: "from a finaliser")))

    Cycle()
    with flights.lock:
        gc.collect()
    assert results == ["from a finaliser"]
    assert len(flights) == 0
