"""What a function reads besides its arguments: what the engine makes of it, whatever the host."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reprise
from reprise import MISSING, cache_data, cache_resource
from reprise.composition import make_outsides
from reprise.engine import runtime as runtimes
from reprise.hosting import Call, Unparted
from reprise.hosts import Hosts
from reprise.testing import FakeClock

WORLD: ContextVar[dict[str, object]] = ContextVar("world")
"""What there is to be read in the current thread."""


@dataclass(frozen=True)
class Fact:
    name: str
    answer: bytes = b""

    @property
    def question(self):
        return self.name

    def read(self, call: Call) -> bytes:
        world = WORLD.get()
        if self.name not in world:
            raise LookupError(self.name)
        return call.digest(self.name, world[self.name])

    look = read


@dataclass
class Recording:
    inputs: tuple[Fact, ...]
    realm: str = "fake"
    size: int = 0
    replayable: bool = True
    obstacle: str = ""
    refreshable: bool = False

    def unparted(self, value):
        return value


class Recorder:
    def __init__(self, call):
        self.call = call
        self.read = {}

    def keep(self, act):
        return act()

    def recording(self, shared=None):
        return Recording(tuple(self.read.values())) if self.read else None


_listening: ContextVar[tuple[Recorder, ...]] = ContextVar("listening", default=())


def ask(name):
    """Read a fact, heard by all who listen."""
    for recorder in _listening.get():
        answer = recorder.call.digest(name, WORLD.get()[name])
        recorder.read.setdefault(name, Fact(name, answer))
    return WORLD.get()[name]


class Listening:
    """A host that notes what is asked for."""

    realm = "fake"

    def active(self):
        return True

    def session(self):
        return None

    @contextmanager
    def spinner(self, text, show_time):
        yield

    @contextmanager
    def record(self, call):
        recorder = Recorder(call)
        token = _listening.set((*_listening.get(), recorder))
        try:
            yield recorder
        finally:
            _listening.reset(token)

    def replay(self, recording, call):
        return Unparted()

    def connect(self, listener):
        self.listener = listener


@pytest.fixture
def host():
    return Listening()


@pytest.fixture(autouse=True)
def world():
    facts: dict[str, object] = {"a": 0, "b": 0}
    WORLD.set(facts)
    return facts


def test_each_answer_has_a_result_of_its_own(world, runs):
    @cache_data
    def load(x):
        runs(x)
        return x, ask("a")

    for value in (0, 1, 0, 1, True, 1.0, 0):
        world["a"] = value
        assert load(5) == (5, value)
    assert len(runs) == 4


def test_what_is_asked_depends_on_the_answers_so_far(world, runs):
    @cache_data
    def load():
        runs(1)
        return ask("b") if ask("a") else None

    for a, b in ((0, 1), (0, 2), (1, 1), (1, 2), (1, 1), (0, 3)):
        world.update(a=a, b=b)
        assert load() == (b if a else None)
    assert len(runs) == 3


def test_what_is_not_there_is_a_miss_and_nobody_elses_result(world, runs):
    @cache_data
    def load():
        runs(1)
        return ask("a") if "a" in WORLD.get() else "none"

    load()
    del world["a"]
    assert load.peek() is MISSING
    assert load() == "none"


def test_a_value_without_an_encoding_is_not_taken_for_another(world, runs):
    class Odd:
        __slots__ = ("lock",)

        def __init__(self):
            self.lock = threading.Lock()

    @cache_data(hash_funcs={Odd: id, str: lambda _: 0})
    def load():
        runs(1)
        return len(str(ask("a"))), ask("b")

    world.update(a=Odd(), b="one")
    load()
    world.update(b="two")
    assert load()[1] == "two"
    load()
    world.update(a=Odd())
    load()
    assert len(runs) == 3


def test_clear_with_arguments_forgets_all_results_of_that_call(world, runs):
    @cache_data
    def load(x):
        runs(x)
        return ask("a")

    for x in (1, 2):
        for value in (0, 1):
            world["a"] = value
            load(x)
    load.clear(1)
    for value in (0, 1):
        world["a"] = value
        assert load.peek(1) is MISSING
        assert load.peek(2) == value


def test_a_refresh_replaces_the_result_for_these_answers_only(world, runs):
    @cache_data
    def load():
        runs(1)
        return len(runs), ask("a")

    for value in (0, 1):
        world["a"] = value
        load()
    assert load.refresh() == (3, 1)
    assert load() == (3, 1)
    world["a"] = 0
    assert load() == (1, 0)


def test_a_result_that_reads_nothing_takes_the_place_of_all_that_did(world, runs):
    @cache_data
    def load():
        runs(1)
        return "plain" if "unnoticed" in WORLD.get() else ask("a")

    load()
    world["a"] = 1
    load()
    world["unnoticed"] = True
    load.refresh()
    assert load() == "plain"
    assert load.cache_info().entries == 1


def test_runs_that_ask_for_different_things_are_never_taken_for_each_other(world, runs):
    """The function has effects: which fact it reads follows from nothing that is noticed."""

    @cache_data
    def load():
        runs(1)
        name = WORLD.get()["unnoticed"]
        return ask(name), name

    for a, b in ((1, 2), (2, 1), (1, 1), (2, 2)):
        for name in ("a", "b"):
            world.update(a=a, b=b, unnoticed=name)
            value, asked = load()
            assert value == world[asked]
    assert load.cache_info().entries <= 3


def test_entries_that_leave_are_pruned(world, runtime):
    @cache_data(max_entries=3)
    def load():
        return ask("a"), ask("b")

    for value in range(20):
        world.update(a=value, b=value)
        load()
    [group] = [group for group in runtime.groups if group.label.endswith("load")]
    [trees] = group.branches._trees.values()
    [tree] = trees.values()
    assert len(tree.leaves) == 3
    assert len(tree.inputs) == 4
    load.clear()
    assert group.branches._trees == {}


def test_a_waiter_with_other_answers_computes_its_own(host, runs):
    inside, go = threading.Event(), threading.Event()

    @cache_data(show_spinner=False)
    def load():
        value = ask("a")
        runs(value)
        WORLD.get()["inside"].set()
        assert WORLD.get()["go"].wait(20)
        return value

    results = {}

    def visit(value):
        WORLD.set({"a": value, "inside": inside, "go": go})
        results.setdefault(value, []).append(load())

    threads = [threading.Thread(target=visit, args=(value,)) for value in (1, 2, 1, 2)]
    for thread in threads:
        thread.start()
    assert inside.wait(20)
    go.set()
    for thread in threads:
        thread.join()
    assert results == {1: [1, 1], 2: [2, 2]}
    assert len(runs) == 2


def test_sessions_with_different_answers_do_not_wait_for_each_other(world, runs):
    both = threading.Barrier(2, timeout=20)
    results = []

    @cache_data(show_spinner=False)
    def load():
        value = ask("a")
        if "both" in WORLD.get():
            WORLD.get()["both"].wait()
        return value

    load()

    def visit(value):
        WORLD.set({"a": value, "both": both})
        results.append(load())

    threads = [threading.Thread(target=visit, args=(value,)) for value in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [1, 2]


def test_what_is_cleared_while_it_is_computed_is_not_kept(world):
    @cache_data(show_spinner=False)
    def load(x):
        value = ask("a")
        if value == 2:
            load.clear(x)
        return value

    load(1)
    world["a"] = 2
    load(1)
    assert load.peek(1) is MISSING
    world["a"] = 0
    assert load.peek(1) is MISSING


def test_one_object_for_each_answer_and_each_is_released_once(world):
    released = []

    @cache_resource(on_release=released.append, max_entries=2)
    def connect():
        return f"to {ask('a')}"

    for value in (0, 1, 1, 2):
        world["a"] = value
        connect()
    assert released == ["to 0"]
    connect.clear()
    assert sorted(released) == ["to 0", "to 1", "to 2"]


def test_explain_says_what_was_not_as_it_is(world):
    @cache_data
    def load():
        return ask("a"), ask("b")

    load()
    assert load.explain().action == "serve"
    world["b"] = 7
    assert str(load.explain().reason) == "b has a value that it was not computed with"


def test_many_results_of_one_call_are_told_of_once(world):
    @cache_data
    def load(x):
        return ask("a"), ask("b")

    for value in range(100):
        world["a"] = value
        load(1)
    with pytest.warns(reprise.ManyBranchesWarning, match=r"more than 100 .*: a, b\.") as told:
        for value in range(100, 110):
            world["a"] = value
            load(1)
    assert len(told) == 1


PROGRAMS = st.recursive(
    st.integers(0, 3),
    lambda inner: st.tuples(st.sampled_from("abc"), inner, inner),
    max_leaves=8,
)
WORLDS = st.fixed_dictionaries({name: st.integers(0, 1) for name in "abc"})


@settings(max_examples=60, deadline=None)
@given(PROGRAMS, st.lists(WORLDS, min_size=1, max_size=20), st.integers(1, 4))
def test_whatever_a_function_asks_for_it_is_answered_as_if_it_ran(program, worlds, most):
    runs = []

    def run(program):
        if isinstance(program, int):
            return program
        name, yes, no = program
        return run(yes) if ask(name) else run(no)

    before = runtimes.current()
    clock = FakeClock()
    runtimes.use(runtimes.Runtime(clock, Hosts(Listening(), {}), 1e9, make_outsides(clock)))
    try:

        @cache_data(max_entries=most, show_spinner=False)
        def load(x):
            runs.append(x)
            return run(program)

        for facts in worlds:
            WORLD.set(facts)
            assert load(1) == run(program)
            count = len(runs)
            assert load(1) == run(program)
            assert len(runs) == count
    finally:
        runtimes.current().close()
        runtimes.use(before)
