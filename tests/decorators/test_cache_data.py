"""``cache_data`` as its users call it, in plain Python."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import inspect
import threading
import traceback
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reprise
from reprise import MISSING, cache_data


def test_it_runs_once_for_equal_arguments_however_they_are_spelled(runs):
    @cache_data
    def add(x, y=2, *, z=3):
        runs(x, y, z)
        return x + y + z

    assert [add(1), add(x=1), add(1, 2), add(1, y=2, z=3), add(z=3, x=1)] == [6] * 5
    assert runs == [(1, 2, 3)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        (1, "1"),
        ("1", b"1"),
        (None, ""),
        ((1, 2), [1, 2]),
        ({"a": 1}, {"a": 1.0}),
        ("a", ("a",)),
    ],
)
def test_values_that_python_calls_equal_and_types_that_look_alike_stay_apart(first, second, runs):
    @cache_data
    def kind(x):
        runs(x)
        return repr(x)

    assert kind(first) == repr(first)
    assert kind(second) == repr(second)
    assert kind(first) == repr(first)
    assert len(runs) == 2


def test_arguments_never_run_into_each_other(runs):
    @cache_data
    def join(*parts, **named):
        runs(parts)
        return (parts, named)

    calls = [
        (("a", "bc"), {}),
        (("ab", "c"), {}),
        (("abc",), {}),
        ((), {}),
        ((), {"a": "bc"}),
        ((("a", "bc"),), {}),
    ]
    for args, kwargs in calls * 2:
        assert join(*args, **kwargs) == (args, kwargs)
    assert len(runs) == len(calls)


def test_nan_equals_itself(runs):
    @cache_data
    def show(x):
        runs(x)
        return repr(x)

    assert show(float("nan")) == show(float("nan")) == "nan"
    assert len(runs) == 1


def test_each_caller_gets_its_own_the_first_included():
    class Source:
        def __init__(self):
            self.rows = {"rows": [1, 2]}
            self.lock = threading.Lock()  # without it, what it holds would be a part of the code

    source = Source()

    @cache_data
    def load():
        return source.rows

    first = load()
    first["rows"].append(3)
    source.rows["rows"].append(4)
    second = load()
    second["rows"].append(5)
    assert load() == {"rows": [1, 2]}


def test_parameters_with_an_underscore_are_left_out_of_the_key(runs):
    @cache_data
    def fetch(_connection, number, **_options):
        runs(number)
        return number

    assert fetch(object(), 1) == fetch(object(), 1, retries=5) == 1
    assert runs == [1]


def test_a_wrong_call_fails_as_it_would_uncached():
    @cache_data
    def load(x, *, y=1):
        return x

    with pytest.raises(TypeError, match=r"load\(\) missing 1 required positional argument: 'x'"):
        load()
    with pytest.raises(TypeError, match=r"load\(\) got an unexpected keyword argument 'z'"):
        load(1, z=2)


def test_it_looks_like_the_function_it_wraps():
    def load(
        path: str, /, rows: int = 10, *rest: int, header: bool = True, **more: str
    ) -> list[str]:
        """Read rows."""
        return [path]

    cached = cache_data(load)
    assert cached.__name__ == "load"
    assert cached.__doc__ == "Read rows."
    assert cached.__module__ == __name__
    assert inspect.signature(cached) == inspect.signature(load)
    assert (
        inspect.signature(cached, follow_wrapped=False)
        .replace(return_annotation=inspect.Signature.empty)
        .parameters.keys()
        == inspect.signature(load).parameters.keys()
    )
    assert cached.__wrapped__ is load
    assert inspect.isfunction(cached)


def test_the_functions_own_exception_passes_and_is_not_kept(runs):
    class Odd(BaseException):
        pass

    @cache_data
    def fail(error):
        runs(error)
        raise error

    for error in (KeyError("k"), StopIteration(3), Odd(), GeneratorExit(), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught:
            fail.__wrapped__(error)
        runs.clear()
        cached = cache_data(lambda _e=error: fail.__wrapped__(_e))
        for _ in range(2):
            with pytest.raises(type(error)) as caught:
                cached()
            assert caught.value is error
            assert traceback.extract_tb(caught.tb)[-1].name == "fail"
            assert caught.value.__context__ is None
        assert len(runs) == 2


def test_closures_join_the_key_with_what_they_hold_now(runs):
    def make(factor):
        @cache_data
        def scale(x):
            runs(factor)
            return x * factor

        return scale

    double, triple = make(2), make(3)
    assert (double(1), triple(1), make(2)(1)) == (2, 3, 2)
    assert len(runs) == 2


def test_a_closure_that_changes_is_noticed():
    factor = 2
    table = {"a": 1}

    @cache_data
    def scale(x):
        return x * factor + table["a"]

    assert scale(1) == 3
    factor = 10
    assert scale(1) == 11
    table["a"] = 5
    assert scale(1) == 15


def test_an_edited_function_is_computed_anew():
    def define(body):
        namespace = {"__name__": "app"}
        exec(f"def load(x):\n    return {body}", namespace)
        return cache_data(namespace["load"])

    assert define("x + 1")(1) == 2
    assert define("x + 2")(1) == 3
    assert define("x + 1").peek(1) == 2


def test_a_function_made_anew_by_a_rerun_finds_its_results(runs):
    def script():
        @cache_data(ttl="1h", max_entries=5)
        def load(x):
            runs(x)
            return [x]

        return load

    assert script()(1) == script()(1) == [1]
    assert runs == [1]
    script().clear()
    assert script()(1) == [1]
    assert runs == [1, 1]


def test_generators_are_refused_with_the_way_out():
    def numbers():
        yield 1

    async def later():
        yield 1

    for function in (numbers, later):
        with pytest.raises(reprise.UnsupportedFunctionError, match="Return a list instead"):
            cache_data(function)


def test_a_plain_function_that_returns_a_coroutine_is_refused():
    async def work():
        return 1

    @cache_data
    def load():
        return work()

    with pytest.raises(reprise.UnsupportedFunctionError, match="async def load"):
        load()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (int, "got the class int"),
        (3, "decorates functions"),
        (property(len), "Put @property above"),
    ],
)
def test_what_is_no_function_is_refused(wrong, text):
    with pytest.raises(reprise.UnsupportedFunctionError, match=text):
        cache_data(wrong)


def test_what_cannot_be_copied_points_at_cache_resource():
    @cache_data
    def connect():
        return (line for line in [])

    with pytest.raises(reprise.UnserializableReturnValueError, match="cache_resource") as caught:
        connect()
    assert "connect" in str(caught.value)
    assert "generator" in str(caught.value)


def test_what_can_be_pickled_but_not_unpickled_fails_at_once_and_not_on_a_later_hit():
    @cache_data
    def load():
        return _Unrestorable()

    with pytest.raises(reprise.UnserializableReturnValueError, match="not unpickled"):
        load()


class _Unrestorable:
    def __reduce__(self):
        return (int, ("no number",))


def test_unhashable_arguments_name_the_ways_out():
    class Handle:
        def __init__(self):
            self.lock = threading.Lock()

    @cache_data
    def read(handle):
        return 1

    with pytest.raises(reprise.UnhashableParamError) as caught:
        read(Handle())
    message = str(caught.value)
    for part in ("handle", "Handle", "read", "_handle", "hash_funcs", "__reprise_key__"):
        assert part in message


def test_hash_funcs_by_type_and_by_name_match_subclasses_too(runs):
    class Base:
        def __init__(self, name):
            self.name = name

    class Child(Base):
        pass

    name = f"{Base.__module__}.{Base.__qualname__}"
    for hash_funcs in ({Base: lambda b: b.name}, {name: lambda b: b.name}):
        runs.clear()

        @cache_data(hash_funcs=hash_funcs)
        def greet(who):
            runs(who.name)
            return who.name

        greet(Base("a")), greet(Base("a")), greet(Child("b")), greet(Child("b"))
        assert runs == ["a", "b"]
        greet.clear()


def test_hash_funcs_apply_to_plain_types_as_well(runs):
    @cache_data(hash_funcs={str: str.lower})
    def greet(name):
        runs(name)
        return name

    assert greet("Ann") == greet("ANN") == "Ann"
    assert runs == ["Ann"]


def test_other_hash_funcs_make_other_keys():
    def decorate(function):
        @cache_data(hash_funcs={str: function})
        def greet(name):
            return name

        return greet

    assert decorate(lambda s: s.lower())("Ann") == "Ann"
    assert decorate(lambda s: s.swapcase().lower() + "!")("ann") == "ann"


def test_a_failing_hash_func_says_where():
    def broken(value):
        raise ZeroDivisionError("no")

    @cache_data(hash_funcs={str: broken})
    def greet(name):
        return name

    with pytest.raises(reprise.UserHashError, match="broken") as caught:
        greet("x")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_partial_and_a_callable_object_can_be_cached(runs):
    def add(x, y):
        runs(x, y)
        return x + y

    add_two = cache_data(functools.partial(add, 2))
    assert [add_two(3), add_two(y=3), add_two(3)] == [5, 5, 5]
    assert runs == [(2, 3)]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"ttl": "soon"}, "soon"),
        ({"ttl": -1}, "-1"),
        ({"max_entries": -1}, "max_entries"),
        ({"max_entries": 1.5}, "max_entries"),
        ({"max_size": "many"}, "many"),
        ({"scope": "everyone"}, "scope"),
        ({"refresh_mode": "never"}, "refresh_mode"),
        ({"refresh_mode": "background"}, "no ttl"),
        ({"hash_funcs": [1]}, "hash_funcs"),
        ({"hash_funcs": {1: len}}, "hash_funcs"),
        ({"hash_funcs": {int: 1}}, "hash_funcs"),
        ({"show_spinner": 3}, "show_spinner"),
    ],
)
def test_bad_options_are_refused_when_decorating(options, text):
    with pytest.raises(ValueError, match=text):
        cache_data(**options)(len)


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match="tll"):
        cache_data(tll=1)


def test_peek_never_computes_and_counts_nothing(runs):
    @cache_data
    def load(x):
        runs(x)
        return [x]

    assert load.peek(1) is MISSING
    load(1)
    load.peek(1).append(2)
    assert load.peek(x=1) == [1]
    assert runs == [1]
    assert load.cache_info().hits == 0


def test_refresh_computes_now_and_keeps_the_old_value_when_it_fails(runs):
    answers = iter([1, 2])

    @cache_data
    def load():
        return next(answers)

    assert load() == 1
    assert load.refresh() == 2
    assert load() == 2
    with pytest.raises(StopIteration):
        load.refresh()
    assert load() == 2


def test_cache_info_counts_and_adds_up_what_was_saved(clock):
    @cache_data
    def load(x):
        clock.advance(2)
        return [x] * 100

    load(1), load(1), load(1), load(2)
    info = load.cache_info()
    assert (info.hits, info.misses, info.entries, info.seconds_saved) == (2, 2, 2, 4.0)
    assert info.bytes > 100
    load.clear()
    after = load.cache_info()
    assert (after.hits, after.misses, after.entries, after.bytes) == (2, 2, 0, 0)


def test_the_spinner_names_the_outermost_function_only_and_only_on_misses(host):
    @cache_data
    def inner(x):
        assert host.spinning == 1
        return x

    @cache_data(show_spinner="Working ...", show_time=True)
    def outer(x):
        return inner(x)

    outer(1), outer(1), inner(2)
    assert host.spinners == [("Working ...", True), ("Running `inner(...)`.", False)]
    quiet = cache_data(show_spinner=False)(lambda: 2)
    before = len(host.spinners)
    quiet()
    assert len(host.spinners) == before


def test_a_default_that_is_changed_in_place_is_seen():
    shared = []

    @cache_data
    def count(items=shared):
        return len(items)

    assert count() == 0
    shared.append(1)
    assert count() == 1


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(st.lists(st.tuples(values, st.booleans()), max_size=12))
def test_any_calls_give_what_the_uncached_function_gives(calls):
    def describe(x, flag=False):
        return (repr(x), flag, x)

    cached = cache_data(describe)
    for value, flag in calls:
        expected = describe(value, flag)
        got = cached(value, flag=flag)
        assert repr(got) == repr(expected)
        if isinstance(got[2], list):
            got[2].append("mutated")
    cached.clear()


def test_a_traceback_goes_straight_from_the_wrapper_to_the_function():
    @cache_data
    def fail():
        raise LookupError

    with pytest.raises(LookupError) as caught:
        fail()
    names = [frame.name for frame in traceback.extract_tb(caught.tb)]
    assert names[1] == "fail", "the wrapper has the function's name"
    assert names[-1] == "fail"
    assert names.count("drive") == 1


def test_an_exception_keeps_nothing_alive_once_it_is_dropped(runs):
    class Argument:
        pass

    @cache_data(hash_funcs={Argument: lambda _: 1})
    def fail(argument):
        raise LookupError

    argument = Argument()
    alive = weakref.ref(argument)
    gc.disable()
    try:
        with contextlib.suppress(LookupError):
            fail(argument)
        del argument
        assert alive() is None
    finally:
        gc.enable()


@pytest.mark.with_gil("functions and code leave when threads are at rest")
def test_decorating_anew_on_each_rerun_leaves_nothing_behind():
    source = compile("@cache_data(ttl=60)\ndef load(x):\n    return [x]\n", "app.py", "exec")

    def rerun():
        namespace = {"cache_data": cache_data, "__name__": "__main__"}
        exec(source, namespace)
        namespace["load"](1)

    def alive():
        gc.collect()
        return len(gc.get_objects())

    for _ in range(20):
        rerun()
    before = alive()
    for _ in range(200):
        rerun()
    assert alive() - before < 100


def test_the_default_of_an_excluded_parameter_is_code():
    def make(n):
        @cache_data
        def scale(x, _n=n):
            return x * _n

        return scale

    assert (make(2)(3), make(3)(3), make(2)(3)) == (6, 9, 6)


def test_a_default_that_has_no_encoding_counts_as_the_object_that_it_is(runs):
    nothing = object()

    @cache_data
    def load(x, y=nothing):
        runs(x)
        return y is nothing

    assert load(1) is load(1) is True
    assert runs == [1]
    with pytest.raises(reprise.UnhashableParamError, match="'y'"):
        load(1, object())


def test_what_a_cached_function_in_the_closure_closes_over_counts_too():
    n = 1

    @cache_data
    def inner():
        return n

    @cache_data
    def outer():
        return inner()

    twice = cache_data(cache_data(lambda: n))
    assert (outer(), twice()) == (1, 1)
    n = 2
    assert (inner(), outer(), twice()) == (2, 2, 2)


def test_what_partials_and_bound_methods_hold_counts_as_it_is_now():
    @dataclasses.dataclass
    class Scale:
        factor: int

        def apply(self, x):
            return x * self.factor

    def total(numbers, more):
        return sum(numbers) + more

    scale, numbers = Scale(2), [1]
    apply, add = cache_data(scale.apply), cache_data(functools.partial(total, numbers))
    assert (apply(3), add(1)) == (6, 2)
    scale.factor = 5
    numbers.append(10)
    assert (apply(3), add(1)) == (15, 12)


def test_a_helper_with_a_default_that_changes_is_noticed():
    def helper(found=[]):  # noqa: B006
        return list(found)

    @cache_data
    def load():
        return helper()

    assert load() == []
    helper.__defaults__[0].append(1)
    assert load() == [1]


def test_the_context_of_an_exception_is_what_it_would_be_uncached():
    def fail():
        try:
            raise KeyError("inner")
        except KeyError:
            raise ValueError("outer")  # noqa: B904

    def chain(function):
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            try:
                function()
            except ValueError as error:
                links = []
                while error is not None:
                    links.append(type(error))
                    error = error.__context__
                return links

    assert chain(cache_data(fail)) == chain(fail)


def test_functions_share_entries_but_neither_bounds_nor_clear_with_others_of_their_factory():
    def make(n):
        @cache_data(max_entries=1)
        def scale(x):
            return x * n

        return scale

    double, triple = make(2), make(3)
    double(1), triple(1)
    assert (double.peek(1), triple.peek(1)) == (2, 3)
    triple.clear()
    assert (double.peek(1), triple.peek(1)) == (2, MISSING)


def test_a_wrapped_function_keeps_the_names_of_its_parameters(runs):
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    @cache_data
    @logged
    def fetch(_connection, x, *more, y=2, **options):
        runs(x)
        return (x, more, y, options)

    assert fetch(object(), 1) == fetch(object(), x=1) == (1, (), 2, {})
    assert fetch(object(), 1, 5, k=3) == (1, (5,), 2, {"k": 3})
    assert fetch(object(), 1, 6, k=3) == (1, (6,), 2, {"k": 3})
    assert runs == [1, 1, 1]
    fetch.clear(object(), x=1)
    assert fetch.peek(object(), 1) is MISSING
    assert fetch.peek(object(), 1, 5, k=3) == (1, (5,), 2, {"k": 3})


def test_a_wrapper_that_adds_an_argument_works_as_it_does_uncached(runs):
    def with_connection(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function("connection", *args, **kwargs)

        return wrapper

    @cache_data
    @with_connection
    def fetch(connection, x):
        runs(x)
        return (connection, x)

    assert fetch(1) == fetch(1) == ("connection", 1)
    assert fetch(2) == ("connection", 2)
    assert runs == [1, 2]


def test_a_closure_that_changes_while_the_function_runs_leaves_no_wrong_value():
    class Switch:  # without an encoding: it counts as the object that it is
        change_to = 5

    factor, switch = 1, Switch()

    @cache_data
    def scale(x):
        nonlocal factor
        before = factor
        factor = switch.change_to or factor
        return x * before + x * factor

    assert scale(10) == 10 + 50
    factor, switch.change_to = 1, None
    assert scale(10) == 20


def test_hash_funcs_that_change_places_make_other_keys():
    class Number:
        def __init__(self, value):
            self.value = value

    class Left(Number):
        pass

    class Right(Number):
        pass

    def units(number):
        return number.value % 10

    def tens(number):
        return number.value // 10

    def load(left, right):
        return (left.value, right.value)

    one = cache_data(hash_funcs={Left: units, Right: tens})(load)
    other = cache_data(hash_funcs={Right: units, Left: tens})(load)
    assert one(Left(12), Right(34)) == (12, 34)
    assert other(Left(25), Right(43)) == (25, 43)
