from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from reprise.errors import UnserializableReturnValueError


class Model:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Selective(Model):
    """Pickles something else than its attributes, and fails at that."""

    def __getstate__(self):
        raise ValueError("no state today")


class Unprintable:
    def __repr__(self):
        raise ValueError("no name today")


@pytest.fixture
def refusal(take):
    def refuse(value) -> UnserializableReturnValueError:
        with pytest.raises(UnserializableReturnValueError) as caught:
            take(value)
        assert caught.value.__cause__ is not None
        return caught.value

    return refuse


def test_the_message_names_function_type_and_the_way_out(refusal):
    error = refusal(threading.Lock())
    message = str(error)
    assert message.startswith("load_things() returned a value of type _thread.lock which cannot")
    assert "@cache_resource\n    def load_things(...):" in message
    assert str(error.__cause__) in message


LOCK = threading.Lock()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": [1, LOCK]}, "value['a'][1]"),
        ((0, {"b": Model(x=1, lock=LOCK)}), "value[1]['b'].lock"),
        ([*range(10_000), LOCK], "value[10000]"),
        ([np.zeros(1_000_000), LOCK], "value[1]"),
        ({LOCK: 1}, f"the key {LOCK!r:.37}... of value"),
        (Model(parts={LOCK}), "an item of value.parts"),
        ([Selective(x=1, lock=LOCK)], "value[0]"),
        ({Unprintable(): 1, 2: LOCK}, "value[2]"),
    ],
    ids=["list", "object", "long", "array", "key", "set", "own state", "unprintable"],
)
def test_the_message_says_where_in_the_value_it_stands(refusal, value, path):
    assert f" and {path} in it, of type " in str(refusal(value))


def test_a_value_that_holds_itself_is_searched_once(refusal):
    value: list = [LOCK]
    value.insert(0, value)
    assert " and value[1] in it, of type " in str(refusal(value))


def generate():
    yield 1


async def generate_async():
    yield 1


def make_local():
    class Inside:
        pass

    return Inside()


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (generate, "list(items)"),
        (generate_async, "list(items)"),
        (lambda: iter(generate()), "list(items)"),
        (lambda: lambda: 1, "top level of a module"),
        (make_local, "define this one at the top level"),
    ],
)
def test_the_message_says_what_helps_with_this_kind(refusal, make, advice):
    assert advice in str(refusal(make()))


def test_a_coroutine_is_to_be_awaited(refusal):
    coroutine = asyncio.sleep(0)
    assert "Await it" in str(refusal([coroutine]))
    coroutine.close()


def test_an_open_file_is_to_be_read(refusal, tmp_path):
    with (tmp_path / "file").open("w") as file:
        assert "what is read from it" in str(refusal(file))


def test_an_error_of_the_values_own_is_the_cause(refusal):
    assert isinstance(refusal(Selective()).__cause__, ValueError)


def test_a_value_nested_too_deeply_is_refused_and_does_not_crash(refusal):
    value: list = []
    for _ in range(100_000):
        value = [value]
    assert isinstance(refusal(value).__cause__, RecursionError)


def test_running_out_of_memory_is_passed_on(take):
    class Huge(Model):
        def __reduce__(self):
            raise MemoryError

    with pytest.raises(MemoryError):
        take(Huge())
