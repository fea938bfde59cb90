"""``func.explain(...)``: would it hit, and why not; every reason, through the public decorators."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import weakref
from dataclasses import dataclass

import pytest

import reprise
from reprise import cache_data, cache_resource
from reprise.engine.history import EVENTS
from reprise.observe import reasons

HEX = 64


@pytest.fixture
def still(runtime, clock):
    """Let time pass without the sweeper, so that what expired is where it was."""

    def still(seconds):
        runtime.sweeper.stop()
        clock.advance(seconds)

    return still


def test_a_hit_is_told_with_its_entry_and_counts_for_nothing(runs, clock):
    @cache_data(ttl="1 min")
    def load(path, limit=10):
        runs(path)
        clock.advance(2)
        return "x" * 100

    load("a.csv")
    load("a.csv")
    told = load.explain("a.csv")
    assert told.would_hit
    assert told.action == "serve"
    assert told.reason is None
    assert len(told.key) == HEX
    assert told.entry.hits == 1
    assert told.entry.cost == 2
    assert told.entry.age == 0
    assert told.entry.expires_in == 60
    assert told.entry.size > 100
    assert len(runs) == 1
    assert load.cache_info().hits == 1


def test_the_key_is_the_same_for_every_spelling_and_another_for_another_call():
    @cache_data
    def load(path, limit=10):
        return path

    keys = {load.explain("a").key, load.explain(path="a").key, load.explain("a", limit=10).key}
    assert len(keys) == 1
    assert load.explain("b").key not in keys
    assert load.explain("a", 11).key not in keys


def test_each_argument_says_what_it_adds_to_the_key():
    class Name:
        def __reprise_key__(self):
            return "me"

    class Model:
        pass

    @cache_data(hash_funcs={Model: lambda model: 1})
    def load(path, name, model, _log=None, *more, **options):
        return path

    told = load.explain("a.csv", Name(), Model(), print, 1, 2, depth=[3], _quiet=True)
    rows = {one.name: one for one in told.arguments}
    assert {name: one.how for name, one in rows.items()} == {
        "path": "value",
        "name": "__reprise_key__",
        "model": "hash function",
        "_log": "left out",
        "more": "value",
        "**depth": "value",
        "**_quiet": "left out",
    }
    assert [name for name, one in rows.items() if one.excluded] == ["_log", "**_quiet"]
    assert all(len(one.digest) == (0 if one.excluded else HEX) for one in told.arguments)
    assert rows["path"].type == "str"
    assert rows["name"].type.endswith("Name")
    assert rows["path"].size > 5


def test_a_default_without_an_encoding_counts_as_the_default():
    lock = threading.Lock()

    @cache_data
    def load(path, guard=lock):
        return path

    assert [one.how for one in load.explain("a").arguments] == ["value", "default"]


def test_a_function_wrapped_before_it_was_cached_names_the_arguments_behind_it():
    import functools

    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    @cache_data
    @logged
    def load(path, limit=10, _log=None):
        return path

    load("a", _log=1)
    told = load.explain("b", _log=2)
    assert [(one.name, one.excluded) for one in told.arguments] == [
        ("**_log", True),
        ("**path", False),
    ]
    assert [one.name for one in told.reason.arguments] == ["**path"]


def test_the_parts_of_the_code_have_a_file_and_a_line():
    @cache_data
    def load(path, limit=10):
        return path

    told = load.explain("a")
    parts = {part.name: part for part in told.code}
    assert {"name", "code", "default limit"} <= set(parts)
    assert all(len(part.digest) == HEX for part in told.code)
    assert parts["code"].where.startswith(__file__)
    assert told.place.startswith(__file__)
    assert told.function == "load"


# Reasons


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
    host.session_id = "ada"
    assert load.explain("a").would_hit
    assert load.explain("b").reason.kind == "arguments changed"


def make_load(body):
    """The same function with another body, as an editor and a rerun make it."""
    scope = {"__name__": "edited_by_a_test"}
    exec(f"def load(x, limit=1):\n    return {body}", scope)
    return cache_data(scope["load"])


def test_changed_code_names_the_part_and_both_digests():
    before = make_load("x")
    before(1)
    after = make_load("x + 1")
    reason = after.explain(1).reason
    assert reason.kind == "code changed"
    assert [part.name for part in reason.parts] == ["code"]
    (part,) = reason.parts
    assert part.before == digest_of(before, "code")
    assert part.after == digest_of(after, "code")
    assert part.before != part.after


def digest_of(function, name):
    return next(part.digest for part in function.explain(1).code if part.name == name)


def test_changed_code_is_told_of_calls_with_large_arguments_too():
    make_load("x")([1])
    assert make_load("[x]").explain([1]).reason.kind == "code changed"
    assert make_load("[x]").explain([2]).reason == reasons.NeverComputed()


def test_changed_code_is_told_when_its_result_has_left():
    before = make_load("x")
    before(1)
    before.clear()
    assert make_load("x + 1").explain(1).reason.kind == "code changed"


def test_code_that_was_changed_back_hits():
    make_load("x")(1)
    make_load("x + 1")(1)
    assert make_load("x").explain(1).would_hit


def test_a_changed_closure_is_told():
    def make(factor):
        @cache_data
        def times(x):
            return factor * x

        return times

    first = make(2)
    first(1)
    reason = make(3).explain(1).reason
    assert reason.kind == "code changed"
    assert [part.name for part in reason.parts] == ["closure factor"]


def test_what_validate_would_reject_still_looks_like_a_hit(clock):
    dead = threading.Event()

    @cache_resource(validate=lambda value: not dead.is_set())
    def connect(name):
        if dead.is_set():
            raise OSError("gone")
        return object()

    connect("a")
    dead.set()
    told = connect.explain("a")
    assert told.would_hit  # nobody was asked
    assert told.notes == ("validate will be asked.",)
    with pytest.raises(OSError, match="gone"):
        connect("a")
    assert connect.explain("a").reason == reasons.NotKept(
        clock.time(), "the function raised OSError: gone"
    )


def test_what_validate_rejected_last_time_is_noted(clock):
    @cache_resource(validate=lambda value: False)
    def connect(name):
        return object()

    connect("a"), connect("a")
    told = connect.explain("a")
    assert told.would_hit
    when = reasons.clock_time(clock.time())
    assert told.notes == (f"validate will be asked; it rejected an earlier result at {when}.",)


def test_validate_rejected_it_and_nothing_has_come_since(clock, runs):
    @cache_resource(validate=lambda value: False)
    def connect(name):
        runs(connect.explain(name).reason)
        return object()

    connect("a"), connect("a")
    assert runs.noted == [reasons.NeverComputed(), reasons.Rejected(clock.time())]


def test_not_kept_for_its_size(clock):
    @cache_data(max_size=100)
    def load(path):
        return path * 1000

    with pytest.warns(reprise.NotKeptWarning):
        load("a")
    reason = load.explain("a").reason
    assert reason.kind == "not kept"
    assert reason.why.endswith("is more than its bounds allow")
    assert reason.at == clock.time()


def test_not_kept_because_it_failed():
    @cache_data
    def load(path):
        raise ValueError("x" * 1000)

    with pytest.raises(ValueError, match="xxx"):
        load("a")
    why = load.explain("a").reason.why
    assert why.startswith("the function raised ValueError: xxx")
    assert len(why) < 300


def test_an_error_that_cannot_be_written_is_no_obstacle():
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    @cache_data
    def load(path):
        raise MuteError

    with pytest.raises(MuteError):
        load("a")
    assert load.explain("a").reason.why == "the function raised MuteError"


@dataclass
class Shown:
    realm: str
    size: int = 0
    replayable: bool = True
    obstacle: str = ""


def test_displayed_elsewhere(host):
    host.recording = lambda: Shown("page one")
    host.realm = "page one"

    @cache_data
    def load(path):
        return path

    load("a")
    assert load.explain("a").would_hit
    assert "shown again" in load.explain("a").notes[0]
    host.realm = "page two"
    assert load.explain("a").reason == reasons.Elsewhere("page one")


def test_what_cannot_be_replayed_is_not_kept(host):
    host.recording = lambda: Shown("fake", replayable=False, obstacle="a form")

    @cache_data
    def load(path):
        return path

    with pytest.warns(reprise.HostWarning):
        load("a")
    why = load.explain("a").reason.why
    assert why == "it displays something that cannot be replayed (a form)"


def test_an_argument_that_cannot_be_encoded_is_a_reason_and_raises_nothing():
    @cache_data
    def load(path, thing):
        return path

    told = load.explain("a", object())
    assert told.action == "raise"
    assert told.key == ""
    assert told.reason.error == "UnhashableParamError"
    assert "'thing'" in told.reason.message
    assert [one.how for one in told.arguments] == ["value", "cannot be encoded"]
    assert "three ways out" in str(told)


def test_a_hash_function_that_fails_is_a_reason():
    def fail(value):
        raise ZeroDivisionError("no")

    class Model:
        pass

    @cache_data(hash_funcs={Model: fail})
    def load(model):
        return 1

    told = load.explain(Model())
    assert told.action == "raise"
    assert told.reason.error == "UserHashError"


def test_no_session_is_a_reason(host):
    @cache_data(scope="session")
    def load(path):
        return path

    assert load.explain("a").reason.error == "NoSessionError"


def test_wrong_arguments_fail_as_the_call_does():
    @cache_data
    def load(path):
        return path

    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        load.explain()


# Other kinds of functions


def test_methods_are_explained_for_their_instance():
    class Shop:
        def __init__(self, name):
            self.name = name

        def __reprise_key__(self):
            return self.name

        @cache_data
        def price(self, item):
            return item

    shop = Shop("one")
    shop.price("pear")
    assert shop.price.explain("pear").would_hit
    assert not shop.price.explain("apple").would_hit
    assert [one.name for one in Shop("two").price.explain("pear").reason.arguments] == ["self"]
    assert Shop.price.explain(shop, "pear").would_hit


def test_coroutine_functions_are_explained_at_once():
    @cache_data
    async def fetch(url):
        return url

    asyncio.run(fetch("a"))
    assert fetch.explain("a").would_hit
    assert fetch.explain("b").reason.kind == "arguments changed"


# What it takes


def test_the_history_is_bounded_and_says_when_it_has_forgotten():
    @cache_data
    def load(x):
        return x

    for number in range(EVENTS + 1):
        load(number)
    load.clear()
    assert load.explain(0).reason == reasons.NeverComputed(forgotten=True)
    assert load.explain(1).reason.kind == "cleared"
    assert "as far as is remembered" in str(load.explain(0).reason)


def test_nothing_of_the_users_is_kept_alive():
    class Thing:
        def __init__(self, number):
            self.number = number

        def __reprise_key__(self):
            return self.number

    @cache_resource(max_entries=1)
    def load(thing):
        return Thing(thing.number)

    things = [Thing(1), Thing(2)]
    results = [weakref.ref(load(thing)) for thing in things]
    told = load.explain(things[0])
    assert told.reason.kind == "evicted"
    load.clear()
    watched = [weakref.ref(thing) for thing in things]
    del things
    gc.collect()
    assert [one() for one in watched + results] == [None] * 4


def test_explaining_while_others_call_and_clear(runtime):
    @cache_data(max_entries=5)
    def load(x):
        return x

    stop, failures = threading.Event(), []

    def work(task):
        number = 0
        while not stop.is_set():
            number += 1
            try:
                task(number % 20)
            except BaseException as error:  # noqa: BLE001 - told by the main thread
                failures.append(error)
                return

    tasks = (load, lambda x: load([x]), load.clear, lambda x: load.clear())
    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        for number in range(300):
            told = load.explain(number % 20)
            assert told.would_hit == (told.reason is None)
            assert json.dumps(told.to_dict())
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert failures == []
