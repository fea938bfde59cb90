"""Encoders for types, registered for the whole process."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from reprise import register_encoder
from reprise.errors import InvalidOptionError, UnhashableParamError, UserHashError
from reprise.keys import ArgumentKeys, Parameter, digest
from reprise.keys.registered import registry


class Model:
    def __init__(self, name):
        self.name, self.lock = name, threading.Lock()


class Deep(Model):
    pass


class Telling(Model):
    def __reprise_key__(self):
        return "told", self.name


class Frame(dict):
    pass


@dataclass
class Settings:
    name: str
    noise: int = 0


@pytest.fixture
def register():
    """Registers, and takes everything back after the test."""
    undone = []

    def do(kind, function):
        undone.append(register_encoder(kind, function))
        return undone[-1]

    yield do
    for undo in reversed(undone):
        undo()
    assert registry.find(Model) is None


def by_name(value):
    return value.name


@pytest.mark.parametrize("kind", [Model, f"{__name__}.Model"], ids=["type", "name"])
def test_what_it_returns_stands_for_the_value(register, kind):
    register(kind, by_name)
    assert digest(Model("a")) == digest(Model("a"))
    assert digest(Model("a")) != digest(Model("b"))
    assert digest([{"x": Model("a")}]) == digest([{"x": Model("a")}])
    assert digest(Model("a")) != digest("a")


def test_subclasses_are_served_and_told_apart(register):
    register(Model, by_name)
    assert digest(Deep("a")) == digest(Deep("a"))
    assert digest(Deep("a")) != digest(Model("a"))


def test_the_nearest_base_has_the_word(register):
    register(Model, lambda _: 0)
    register(Deep, by_name)
    assert digest(Deep("a")) != digest(Deep("b"))
    assert digest(Model("a")) == digest(Model("b"))


def test_types_that_were_looked_up_before_are_looked_up_anew(register):
    keys = ArgumentKeys("load", (Parameter("x"),), {int: str})
    for ask in (digest, lambda value: keys.digest((value,))):
        with pytest.raises(UnhashableParamError):
            ask(Model("a"))
    undo = register(Model, by_name)
    assert digest(Model("a")) == digest(Model("a"))
    assert keys.digest((Model("a"),)) == keys.digest((Model("a"),))
    undo()
    for ask in (digest, lambda value: keys.digest((value,))):
        with pytest.raises(UnhashableParamError):
            ask(Model("a"))


def test_registering_anew_replaces(register):
    register(Model, lambda _: 0)
    register(Model, by_name)
    assert digest(Model("a")) != digest(Model("b"))


def test_undoing_brings_back_what_was_there_before(register):
    register(Model, lambda _: 0)
    undo = register(Model, by_name)
    undo()
    assert digest(Model("a")) == digest(Model("b"))
    undo()
    assert digest(Model("a")) == digest(Model("b")), "undone once is undone"


def test_undoing_what_was_replaced_changes_nothing(register):
    undo = register(Model, lambda _: 0)
    register(Model, by_name)
    undo()
    assert digest(Model("a")) != digest(Model("b"))


def test_an_edited_encoder_makes_other_keys(register):
    seen = set()
    for source in ("lambda v: v.name", "lambda value: value.name", "lambda v: v.name[:1]"):
        register(Model, eval(source))
        seen.add(digest(Model("a")))
    assert len(seen) >= 2
    register(Model, eval("lambda v: v.name"))
    assert digest(Model("a")) in seen


def test_what_the_encoder_closes_over_counts(register):
    def make(length):
        return lambda value: value.name[:length]

    seen = set()
    for length in (1, 2, 1):
        register(Model, make(length))
        seen.add(digest(Model("a")))
    assert len(seen) == 2


def test_an_encoder_whose_code_holds_a_value_of_its_own_type(register):
    default = Model("a")
    register(Model, lambda value: value.name or default.name)
    assert digest(Model("b")) == digest(Model("b")) != digest(Model("c"))


def test_any_callable_will_do(register):
    class Ask:
        def __init__(self):
            self.lock = threading.Lock()

        def __call__(self, value):
            return value.name

    ask = Ask()
    register(Model, ask)
    assert digest(Model("a")) == digest(Model("a")) != digest(Model("b"))
    before = digest(Model("a"))
    register(Model, Ask())
    assert digest(Model("a")) != before, "it is another one, of which nothing is known"


def test_hash_funcs_and_the_classes_own_word_come_first(register):
    register(Model, lambda _: 0)
    keys = ArgumentKeys("load", (Parameter("x"),), {Model: by_name})
    assert keys.digest((Model("a"),)) != keys.digest((Model("b"),))
    assert digest(Telling("a")) != digest(Telling("b"))
    register(Telling, lambda _: 0)
    assert digest(Telling("a")) != digest(Telling("b"))


def test_a_registered_base_comes_before_the_tables_and_their_types_before_its_bases(register):
    register(Frame, len)
    assert digest(Frame(a=1)) == digest(Frame(a=2))
    register(Settings, by_name)
    assert digest(Settings("a", 1)) == digest(Settings("a", 2))

    class Both(dict, Model):
        pass

    register(Model, lambda _: 0)
    assert digest(Both({"a": 1})) != digest(Both({"a": 2}))


def test_a_class_made_anew_by_a_rerun_is_served(register):
    def run():
        class Local:
            lock = None

            def __init__(self):
                self.lock = threading.Lock()

        return Local

    register(run(), lambda _: 0)
    assert digest(run()()) == digest(run()())


def test_parts_may_be_values_of_the_same_type(register):
    register(Model, lambda value: (value.name, getattr(value, "inner", None)))

    def nested(name):
        outer = Model("outer")
        outer.inner = Model(name)
        return outer

    assert digest(nested("a")) == digest(nested("a")) != digest(nested("b"))


def failing(value):
    raise ValueError(f"no {value.name}")


def test_a_failing_encoder_is_named_with_its_place(register):
    register(Model, failing)
    keys = ArgumentKeys("load", (Parameter("x"),))
    with pytest.raises(UserHashError) as caught:
        keys.digest(([Model("a")],))
    line = failing.__code__.co_firstlineno
    assert f"'failing' (File \"{__file__}\", line {line}) raised ValueError: no a" in str(
        caught.value
    )
    assert "argument 'x' of the cached function 'load'" in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("wrap", [lambda me: me, lambda me: [me], lambda me: me.lock])
def test_the_value_itself_or_what_has_no_encoding_cannot_stand_for_it(register, wrap):
    register(Model, wrap)
    with pytest.raises(UserHashError, match="returned"):
        digest(Model("a"))


@pytest.mark.parametrize(
    ("kind", "function", "told"),
    [
        (Model("a"), by_name, "register_encoder(Model, lambda value: value.name)"),
        (None, by_name, "needs a type or its qualified name, not None"),
        ("", by_name, 'register_encoder("package.module.Class"'),
        ("my model", by_name, 'register_encoder("package.module.Class"'),
        (Model, "name", "register_encoder(Model, lambda value: value.name)"),
        ("app.Model", None, "register_encoder('app.Model', lambda value: value.name)"),
        (int, by_name, "@cache_data(hash_funcs={int: lambda value: ...})"),
        (dict, by_name, "has an encoding that covers all of its content"),
        ("str", by_name, "has an encoding"),
        ("builtins.str", by_name, "has an encoding"),
        ("pandas.core.frame.DataFrame", by_name, "hash_funcs={'pandas.core.frame.DataFrame'"),
        (object, by_name, "every value's base"),
        ("object", by_name, "every value's base"),
    ],
)
def test_bad_arguments_are_refused_with_code_to_paste(kind, function, told):
    with pytest.raises(InvalidOptionError) as caught:
        register_encoder(kind, function)
    assert told in str(caught.value)


def test_threads_see_the_registration_that_was_there_when_they_began(register):
    """Registering and asking at once: no thread goes on with what was replaced."""
    names = [f"n{i}" for i in range(50)]
    with ThreadPoolExecutor(4) as pool:
        for name in names:
            register(Model, eval(f"lambda value: (value.name, {name!r})"))
            expected = digest(Model("a"))
            assert set(pool.map(lambda _: digest(Model("a")), range(8))) == {expected}
