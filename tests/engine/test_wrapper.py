from __future__ import annotations

import dis
import inspect

import pytest

from reprise.contracts import MISSING, Entry
from reprise.engine.shape import signature_of
from reprise.engine.wrapper import Services, Variant, look_for, make_wrapper
from reprise.values import share

CODE = object()


class Bench:
    """A wrapper over a plain dict, and what it asked of its services."""

    def __init__(self, function, **variant):
        self.table, self.asked, self.now, self.guarded = {}, [], 0.0, True
        options = {"is_async": False, "timed": False, "scoped": False, "guarded": False} | variant
        services = Services(
            get=self.table.get,
            session=lambda: "session",
            now=lambda: self.now,
            engine=lambda values: self.asked.append(values) or "engine",
        )
        self.call = make_wrapper("load", signature_of(function), Variant(**options), services)
        look_for(self.call, CODE, lambda: self.guarded)

    def put(self, key, value, fast_until=float("inf")):
        self.table[(CODE, *key)] = Entry(share(value), "g", created=0, fast_until=fast_until)


def load(x, y=2, _skipped=None, *, z=3): ...


def test_a_hit_is_answered_without_the_engine_and_counted():
    bench = Bench(load)
    bench.put((int, 1, int, 2, int, 3), "stored")
    assert bench.call(1) == bench.call(x=1, z=3, _skipped=9) == "stored"
    assert not bench.asked
    assert next(iter(bench.table.values())).hits == 2


def test_a_miss_asks_the_engine_with_all_bound_values():
    bench = Bench(load)
    assert bench.call(1, z=5) == "engine"
    assert bench.asked == [(1, 2, None, 5)]


@pytest.mark.parametrize("argument", [[], {}, True, 1.0, "1"])
def test_what_is_not_exactly_the_stored_value_asks_the_engine(argument):
    bench = Bench(load)
    bench.put((int, 1, int, 2, int, 3), "stored")
    assert bench.call(argument) == "engine"


def test_an_argument_whose_hash_raises_asks_the_engine():
    class Odd:
        def __hash__(self):
            raise RuntimeError("no")

    assert Bench(load).call(Odd()) == "engine"


def test_the_equality_of_a_foreign_type_is_never_asked():
    class Liar:
        def __hash__(self):
            return hash(1)

        def __eq__(self, other):
            raise AssertionError("asked")

    bench = Bench(load)
    bench.put((int, 1, int, 2, int, 3), "stored")
    assert bench.call(Liar()) == "engine"


def test_time_scope_and_guard_stand_in_the_way_of_a_hit():
    bench = Bench(load, timed=True, scoped=True, guarded=True)
    bench.put(("session", int, 1, int, 2, int, 3), "stored", fast_until=10)
    assert bench.call(1) == "stored"
    bench.guarded = False
    assert bench.call(1) == "engine"
    bench.guarded, bench.now = True, 10
    assert bench.call(1) == "engine"


def test_more_positional_or_keyword_arguments_ask_the_engine():
    def variadic(x, *args, **kwargs): ...

    bench = Bench(variadic)
    bench.put((int, 1), "stored")
    assert bench.call(1) == "stored"
    assert bench.call(1, 2) == bench.call(1, k=2) == "engine"


def test_a_value_that_cannot_be_restored_asks_the_engine():
    class Broken:
        size, shared = 1, MISSING

        def restore(self):
            raise ValueError("damaged")

    bench = Bench(load)
    bench.table[(CODE, int, 1, int, 2, int, 3)] = Entry(
        Broken(), "g", created=0, fast_until=float("inf")
    )
    assert bench.call(1) == "engine"
    assert next(iter(bench.table.values())).hits == 0


def test_functions_of_one_shape_share_nothing_that_they_know():
    one, two = Bench(load), Bench(load)
    one.put((int, 1, int, 2, int, 3), "stored")
    assert (one.call(1), two.call(1)) == ("stored", "engine")


def test_coroutine_functions_get_a_coroutine_function():
    async def later(x): ...

    assert inspect.iscoroutinefunction(Bench(later, is_async=True).call)


def test_a_hit_makes_two_calls_besides_the_types():
    """The lookup and, with a ttl, the clock: a third would be felt."""
    calls = [i for i in dis.get_instructions(Bench(load, timed=True).call) if i.opname == "CALL"]
    assert len(calls) == len(["type"] * 3 + ["get", "now", "restore", "engine"])
