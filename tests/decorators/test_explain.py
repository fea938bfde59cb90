"""``func.explain(...)``: would it hit, what counts, and what it takes to know that."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import weakref
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from reprise import cache_data, cache_resource
from reprise.composition import make_outsides
from reprise.engine import runtime as runtimes
from reprise.engine.history import EVENTS
from reprise.observe import reasons
from reprise.testing import FakeClock

HEX = 64


@contextmanager
def own_runtime(clock):
    """For property tests, each of whose examples begins with an empty cache."""
    before = runtimes.current()
    fresh = runtimes.Runtime(clock, before.hosts, 1e9, make_outsides(clock))
    runtimes.use(fresh)
    try:
        yield
    finally:
        fresh.close()
        runtimes.use(before)


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


def test_a_call_that_is_being_computed_is_told_as_such():
    started, go_on = threading.Event(), threading.Event()

    @cache_data
    def load(path):
        started.set()
        assert go_on.wait(10)
        return path

    running = threading.Thread(target=load, args=("a",))
    running.start()
    assert started.wait(10)
    during, other = load.explain("a"), load.explain("b")
    go_on.set()
    running.join(10)
    assert during.action == "compute"
    assert [note for note in during.notes if "would wait" in note] == list(during.notes) != []
    assert other.notes == load.explain("a").notes == ()


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


def defined(body):
    """The same function with another body, as an editor and a rerun make it."""
    scope = {"__name__": "edited_by_a_test"}
    exec(f"def load(x, limit=1):\n    return {body}", scope)
    return scope["load"]


CALLS = st.one_of(
    st.tuples(st.just("call"), st.sampled_from([1, True, "1", (1,), "long " * 300])),
    st.tuples(st.just("clear"), st.sampled_from([1, True, "1", None])),
    st.tuples(st.just("advance"), st.sampled_from([1, 5, 11])),
    st.tuples(st.just("edit"), st.sampled_from(["x", "[x]"])),
)


@given(st.lists(CALLS, max_size=30), st.sampled_from([1, 3, None]))
def test_what_is_explained_is_what_happens(steps, max_entries):
    clock = FakeClock()
    with own_runtime(clock):
        edits = {
            body: cache_data(ttl=10, max_entries=max_entries)(defined(body))
            for body in ("x", "[x]")
        }
        load = edits["x"]
        for verb, value in steps:
            if verb == "call":
                told, before = load.explain(value), load.cache_info()
                load(value)
                after = load.cache_info()
                assert told.would_hit == (after.misses == before.misses)
                assert told.would_hit == (told.reason is None)
                assert load.explain(value).would_hit
                assert load.explain(value).key == told.key
            elif verb == "clear":
                load.clear(*([] if value is None else [value]))
            elif verb == "advance":
                clock.advance(value)
            else:
                load = edits[value]
