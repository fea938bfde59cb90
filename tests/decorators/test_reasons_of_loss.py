"""Why a call misses: other code, or a result that was never kept, is of no use, has no key."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

import reprise
from reprise import cache_data, cache_resource
from reprise.observe import reasons


def defined(body):
    """The same function with another body, as an editor and a rerun make it."""
    scope = {"__name__": "edited_by_a_test"}
    exec(f"def load(x, limit=1):\n    return {body}", scope)
    return scope["load"]


def make_load(body):
    return cache_data(defined(body))


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


def test_what_a_function_has_itself_is_nearer_than_what_another_closure_has():
    def make(factor):
        @cache_data
        def times(x):
            return factor * x

        return times

    two, three = make(2), make(3)
    two(1), three(5)
    assert str(three.explain(1).reason) == "arguments changed: x 5 -> 1"


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
    refreshable: bool = False
    inputs: tuple[()] = ()


def test_displayed_elsewhere(host):
    host.recording = lambda shared: Shown("page one")
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
    host.recording = lambda shared: Shown("fake", replayable=False, obstacle="a form")

    @cache_data
    def load(path):
        return path

    with pytest.warns(reprise.HostWarning):
        load("a")
    why = load.explain("a").reason.why
    assert why == "it displays something that cannot be replayed (a form)"


def test_what_has_no_place_in_the_page_any_more(host, clock, runs):
    host.recording = lambda shared: Shown("fake")
    host.replay = lambda recording, call: None

    @cache_data
    def load(path):
        runs(str(load.explain(path).reason))
        return path

    load("a"), load("a")
    when = reasons.clock_time(clock.time())
    assert runs.noted[1] == (
        f"not kept at {when}: what it displayed had no place in the call that found it"
    )


class Brittle:
    """Can be restored so many times."""

    left = 0

    def __setstate__(self, state):
        Brittle.left -= 1
        if Brittle.left < 0:
            raise ValueError("worn out")

    @classmethod
    def make(cls):
        cls.left = 1
        made = cls()
        made.state = 1
        return made


def test_what_could_not_be_restored(clock, runs):
    runs.make = Brittle.make  # out of sight of the fingerprint, which covers the class

    @cache_data
    def load(path):
        runs(load.explain(path).reason)
        return runs.make()

    load("a")
    with pytest.warns(reprise.RestoreFailedWarning):
        load("a")
    assert runs.noted[1] == reasons.NotKept(
        clock.time(), "it could not be restored (ValueError: worn out)"
    )


LIMITS = {"lowest": 1}


def test_what_it_depends_on_changed_while_it_ran(runs, monkeypatch):
    runs.and_then = lambda: monkeypatch.setitem(globals(), "LIMITS", {"lowest": 2})

    @cache_data
    def load(path):
        runs(path)
        runs.and_then()
        return LIMITS["lowest"]

    load("a")
    reason = load.explain("a").reason
    assert reason.kind == "code changed"
    assert [part.name.rpartition(".")[2] for part in reason.parts] == ["LIMITS"]


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
