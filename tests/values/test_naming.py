from __future__ import annotations

import gc
import pickle
import sys
import weakref
from types import ModuleType

import pytest

from reprise.errors import UnserializableReturnValueError
from reprise.values import take_snapshot

SCRIPT = """
import dataclasses, enum

@dataclasses.dataclass
class Point:
    x: int
    class Inner:
        pass

class Colour(enum.Enum):
    RED = 1

def shout(): ...

def load(): ...

def ask(snapshot):
    return snapshot.restore()
"""


def run_script(name="__main__", source=SCRIPT) -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module
    exec(source, vars(module))
    return module


@pytest.fixture(autouse=True)
def _modules_put_back(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setitem(sys.modules, "views", ModuleType("views"))


def values_of(script) -> list[object]:
    return [script.Point(1), script.Point, script.Point.Inner(), script.Colour.RED, script.shout]


def kinds_of(values) -> list[object]:
    return [value if callable(value) else type(value) for value in values]


@pytest.mark.parametrize("another_session_runs", [False, True])
def test_values_of_a_script_are_restored_with_the_classes_of_the_script_that_asks(
    another_session_runs,
):
    first = run_script()
    if another_session_runs:
        run_script()
    snapshot = take_snapshot(values_of(first), first.load)
    rerun = run_script()
    if another_session_runs:
        run_script()
    restored = rerun.ask(snapshot)
    assert kinds_of(restored) == kinds_of(values_of(rerun))
    assert restored[0] == rerun.Point(1)
    assert kinds_of(first.ask(snapshot)) == kinds_of(values_of(first))


def test_asked_from_a_thread_without_a_script_the_imported_one_is_used():
    first = run_script()
    snapshot = take_snapshot(first.Point(1), first.load)
    now = run_script()
    assert type(snapshot.restore()) is now.Point


def test_where_the_imported_script_is_another_one_the_function_itself_knows():
    first = run_script()
    snapshot = take_snapshot(first.Point(1), first.load)
    run_script(source="other = 1")
    assert type(snapshot.restore()) is first.Point


def test_a_snapshot_does_not_keep_the_globals_of_a_finished_run():
    first = run_script()
    snapshot = take_snapshot(first.Point(1), first.load)
    gone = weakref.ref(first.Point)
    run_script(source="other = 1")
    del first
    gc.collect()
    assert gone() is None
    with pytest.raises(AttributeError, match="Point"):
        snapshot.restore()


def test_a_module_imported_anew_is_named_too():
    old = run_script("views")
    script = run_script(source="def load(): ...")
    script.views = old
    new = run_script("views")
    snapshot = take_snapshot(old.Point(1), script.load)
    assert type(snapshot.restore()) is new.Point


def test_a_class_that_the_function_cannot_reach_by_its_name_is_refused():
    first, rerun = run_script(), run_script()
    with pytest.raises(UnserializableReturnValueError, match=r"__main__\.Point") as caught:
        take_snapshot(first.Point(1), rerun.load)
    assert isinstance(caught.value.__cause__, pickle.PicklingError)


def test_a_class_replaced_under_its_name_is_refused():
    script = run_script()
    old = script.Point(1)
    exec("class Point: pass", vars(script))
    with pytest.raises(UnserializableReturnValueError, match="Point"):
        take_snapshot(old, script.load)


def test_a_name_of_another_module_is_not_looked_up_in_the_script():
    old = run_script("views")
    script = run_script()
    script.views = old
    run_script("views")
    snapshot = take_snapshot(old.Point(1), script.load)
    run_script("views", source="other = 1")
    with pytest.raises(AttributeError, match="Point"):
        snapshot.restore()


def test_a_class_that_no_restore_could_find_is_refused():
    script = run_script()
    script.Point.__module__ = "views"
    with pytest.raises(UnserializableReturnValueError, match=r"views\.Point"):
        take_snapshot(script.Point(1), script.load)


def test_text_that_only_mentions_main_is_no_name(take):
    value = ["__main__", ["Point"]]
    assert take(value).restore() == value


def test_a_callable_without_globals_or_weak_references_will_do():
    snapshot = take_snapshot(["__main__", []], len)
    assert snapshot.restore() == ["__main__", []]
