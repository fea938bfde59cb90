"""Values of one call, made for another."""

from __future__ import annotations

import enum
import functools
import threading
from datetime import date

import pytest

from reprise.hosting import Call
from reprise.hosts.carried import Same
from reprise.hosts.carrying import Carrier, NotCarriedError
from reprise.keys import digest


def carried(call, value):
    return Carrier(call, lambda _: False, lambda _: False).carry(value)


def call(function=len, **arguments):
    return Call(function, arguments, digest=lambda question, value: digest((question, value)))


class Cart:
    def __init__(self, owner):
        self.owner = owner
        self.lock = threading.Lock()

    def add(self, item):
        return (self.owner, item)


@pytest.mark.parametrize(
    "value", [None, 1, 2.5, "text", b"b", (1, ("a",)), date(2020, 1, 2), print]
)
def test_what_cannot_change_stays(value):
    assert carried(call(), value).make(call()) == value


@pytest.mark.parametrize("value", [[1, [2]], {"a": {1, 2}}, frozenset({3}), bytearray(b"x")])
def test_data_is_copied_for_each_call(value):
    recipe = carried(call(), value)
    one, two = recipe.make(call()), recipe.make(call())
    assert one == two == value
    assert one is not value
    assert one is not two or isinstance(value, frozenset)


def test_what_is_an_argument_is_that_of_the_other_call():
    one, two = Cart("one"), Cart("two")
    for value in (one, [one], (one, 1), {"cart": one}):
        made = carried(call(cart=one), value).make(call(cart=two))
        assert "two" in repr(made.owner if isinstance(made, Cart) else vars(flat(made)))


def flat(made):
    values = made.values() if isinstance(made, dict) else made
    return next(value for value in values if isinstance(value, Cart))


@pytest.mark.parametrize(
    "make",
    [
        lambda cart: cart.add,
        lambda cart: functools.partial(Cart.add, cart),
        lambda cart: functools.partial(cart.add),
        lambda cart: lambda item: cart.add(item),  # noqa: PLW0108 - it is to hold the cart
        lambda cart: lambda item, to=cart: to.add(item),
        lambda cart: lambda item, *, to=cart: to.add(item),
        lambda cart: lambda item: next(cart.add(one) for one in [item]),
    ],
)
def test_a_callback_holds_what_the_other_call_has(make):
    one = Cart("one")
    recipe = carried(call(cart=one), make(one))
    assert recipe.make(call(cart=Cart("two")))("x") == ("two", "x")


def test_a_function_of_the_script_has_the_globals_of_the_other_run():
    def run(value):
        names = {"value": value}
        exec("def cached(): return lambda: value\ndef other(): return value", names)
        return names

    one, two = run(1), run(2)
    inner = carried(call(one["cached"]), one["cached"]())
    assert inner.make(call(two["cached"]))() == 2


def test_a_class_and_a_member_of_it_are_those_of_the_other_run():
    def run():
        names = {"enum": enum}
        exec(
            "class Colour(enum.Enum):\n    RED = 1\ndef cached(): return Colour.RED\n",
            {"__name__": "__main__"} | names,
            names,
        )
        names["cached"] = type(names["cached"])(names["cached"].__code__, names)
        return names

    one, two = run(), run()
    recipe = carried(call(one["cached"]), one["cached"]())
    assert recipe.make(call(two["cached"])) is two["Colour"].RED


def test_what_stood_in_two_places_must_be_one_thing_again():
    cart = Cart("one")
    recipe = carried(call(_a=cart, _b=cart), cart)
    two = Cart("two")
    assert recipe.make(call(_a=two, _b=two)) is two
    with pytest.raises(LookupError, match="different things"):
        recipe.make(call(_a=two, _b=Cart("three")))


def test_what_is_not_there_is_a_lookup_error():
    cart = Cart("one")
    with pytest.raises(LookupError):
        carried(call(cart=cart), cart).make(call())


@pytest.mark.parametrize(
    "value", [Cart("one"), threading.Lock(), [threading.Lock()], lambda: CART, iter([1])]
)
def test_what_belongs_to_one_call_alone_is_not_carried(value):
    if callable(value):
        lock = threading.Lock()
        value = lambda: lock
    with pytest.raises(NotCarriedError):
        carried(call(), value)


CART = 1


class Part:
    """Stands for a part of a page."""


def is_part(value):
    return type(value) is Part


def test_a_part_of_a_page_is_carried_as_its_host_says_and_never_copied():
    def carrier(*carry):
        return Carrier(call(), is_part, lambda _: False, is_part, *carry)

    part, held = Part(), Cart(Part())
    knows = carrier(lambda value: Same(("part", value)))
    assert knows.carry([part, {"b": part}]).make(call()) == [("part", part), {"b": ("part", part)}]
    for refused in (part, [part], held):
        with pytest.raises(NotCarriedError):
            carrier().carry(refused)
    with pytest.raises(NotCarriedError, match="Cart"):
        knows.carry(held)


def test_what_holds_itself_is_not_carried():
    value: list[object] = []
    value.append(value)
    with pytest.raises(NotCarriedError):
        carried(call(), value)
