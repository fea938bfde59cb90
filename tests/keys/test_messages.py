"""What a refusal tells: nothing to paste that makes wrong hits, and whatever objects raise."""

from __future__ import annotations

import threading

import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import ArgumentKeys, Parameter

ONE = ArgumentKeys("load", (Parameter("x"),))


class Connection:
    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()


def refusal(keys, *values):
    with pytest.raises(UnhashableParamError) as caught:
        keys.key(("code",), values)
    return str(caught.value)


def test_attributes_that_need_not_identify_an_object_are_not_suggested():
    class Pool:
        def __init__(self):
            self.mode, self.retries, self.url = "r", 3, "db://a"
            self.rows = iter([1])

        def __reduce__(self):
            raise TypeError("it is a pool")

    text = refusal(ONE, Pool())
    assert "lambda value: value.url}" in text


def test_private_attributes_of_what_holds_the_culprit_are_not_overlooked():
    connection = Connection("a")
    connection._schema = "public"
    assert "lambda value: (value.name, value._schema)" in refusal(ONE, connection)


class _Unspeakable:
    def __repr__(self):
        raise RuntimeError("no text")


class _Closed:
    def __init__(self):
        self.lock = threading.Lock()

    def __getattribute__(self, name):
        if name == "__dict__":
            raise RuntimeError("no attributes")
        return object.__getattribute__(self, name)


class _NoItems(dict):
    def items(self):
        raise RuntimeError("no items")


class _NoIter(list):
    def __iter__(self):
        raise RuntimeError("no iteration")


class _DumbError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class _Failing:
    def __reduce__(self):
        raise _DumbError


class _Meta(type):
    __hash__ = None

    def __eq__(cls, other):
        return cls is other


class _Unhashable(metaclass=_Meta):
    pass


@pytest.mark.parametrize(
    "make",
    [
        lambda: {_Unspeakable(): threading.Lock()},
        _Closed,
        lambda: _NoItems(a=threading.Lock()),
        lambda: _NoIter([threading.Lock()]),
        _Failing,
        _Unhashable,
        lambda: [_Unhashable()],
    ],
)
def test_what_a_hostile_object_raises_is_told_as_a_refusal(make):
    value = make()
    assert "There are three ways out" in refusal(ONE, value)
    (told,) = ONE.contributions((value,))
    assert told.how == "cannot be encoded"
