"""Methods of every kind, and that the verbs know the instance."""

from __future__ import annotations

import abc
import asyncio
import functools
import inspect
import pickle
import sys
import threading
import typing

import pytest

import reprise
from reprise import MISSING, cache_data, cache_resource

runs = []


class Shop:
    def __init__(self, name):
        self.name = name

    def __reprise_key__(self):
        return self.name

    @cache_data
    def price(self, item, tax=0):
        """What it costs."""
        runs.append((self.name, item))
        return [self.name, item, tax]

    @cache_data
    async def stock(self, item):
        runs.append((self.name, item))
        return [self.name, item]

    @classmethod
    @cache_data
    def inner_class(cls, x):
        runs.append(x)
        return [cls.__name__, x]

    @cache_data
    @classmethod
    def outer_class(cls, x):
        runs.append(x)
        return [cls.__name__, x]

    @staticmethod
    @cache_data
    def inner_static(x):
        runs.append(x)
        return [x]

    @cache_data
    @staticmethod
    def outer_static(x):
        runs.append(x)
        return [x]

    @property
    @cache_data
    def label(self):
        runs.append(self.name)
        return self.name.upper()

    @cache_resource
    def connection(self):
        return object()


class Corner(Shop):
    pass


@pytest.fixture(autouse=True)
def _fresh_class(runtime):
    # The class above is decorated in the process-wide runtime.
    runs.clear()
    reprise.engine.runtime.use(runtime)
    for name in ("price", "stock", "inner_class", "outer_class", "inner_static", "outer_static"):
        getattr(Shop, name).clear()
    Shop.label.fget.clear()


def test_a_method_is_cached_for_each_key_of_its_instance():
    a, again, b = Shop("a"), Shop("a"), Shop("b")
    assert a.price(1) == again.price(item=1) == ["a", 1, 0]
    assert b.price(1) == ["b", 1, 0]
    assert Shop.price(a, 1) == ["a", 1, 0]
    assert runs == [("a", 1), ("b", 1)]


def test_a_subclass_is_not_its_base():
    assert Shop("a").price(1) == Corner("a").price(1)
    assert len(runs) == 2


def test_the_verbs_of_a_bound_method_are_about_its_instance():
    a, b = Shop("a"), Shop("b")
    a.price(1), a.price(2), b.price(1)
    assert a.price.peek(1) == ["a", 1, 0]
    a.price.clear(1)
    assert a.price.peek(1) is MISSING
    assert b.price.peek(1) == ["b", 1, 0]
    assert a.price.refresh(1) == ["a", 1, 0]
    assert a.price.cache_info().entries == 3
    a.price.clear()
    assert b.price.peek(1) is MISSING


def test_an_instance_without_a_key_says_what_to_do():
    class Plain:
        def __init__(self):
            self.lock = threading.Lock()

        @cache_data
        def load(self):
            return 1

    with pytest.raises(reprise.UnhashableParamError, match=r"'self.lock' \(of type _thread.lock\)"):
        Plain().load()


def test_an_instance_counts_by_its_content(runs):
    class Service:
        def __init__(self, place):
            self.place = place

        @cache_data
        def load(self, x):
            runs(self.place, x)
            return [self.place, x]

    assert Service("a").load(1) == Service("a").load(1) == ["a", 1]
    assert Service("b").load(1) == ["b", 1]
    service = Service("a")
    service.place = "c"
    assert service.load(1) == ["c", 1]
    assert runs == [("a", 1), ("b", 1), ("c", 1)]


@pytest.mark.parametrize("name", ["inner_class", "outer_class"])
def test_class_methods_work_in_either_order(name):
    assert getattr(Shop, name)(1) == getattr(Shop("x"), name)(1) == ["Shop", 1]
    assert getattr(Corner, name)(1) == ["Corner", 1]
    assert runs == [1, 1]
    # From Python 3.13 on, what stands under @classmethod is not told which class it is asked for.
    told = () if name == "outer_class" or sys.version_info < (3, 13) else (Shop,)
    assert getattr(Shop, name).peek(*told, 1) == ["Shop", 1]
    getattr(Shop, name).clear(*told, 1)
    assert getattr(Shop, name).peek(*told, 1) is MISSING
    assert Corner.outer_class.peek(1) == (["Corner", 1] if name == "outer_class" else MISSING)


@pytest.mark.parametrize("name", ["inner_static", "outer_static"])
def test_static_methods_work_in_either_order(name):
    assert getattr(Shop, name)(1) == getattr(Shop("x"), name)(1) == [1]
    assert runs == [1]
    getattr(Shop, name).clear(1)
    assert getattr(Shop, name).peek(1) is MISSING


def test_a_property_goes_above_the_decorator():
    assert Shop("a").label == Shop("a").label == "A"
    assert runs == ["a"]


def test_a_coroutine_method_stays_one():
    shop = Shop("a")
    assert inspect.iscoroutinefunction(Shop.stock)
    assert inspect.iscoroutinefunction(shop.stock)
    assert asyncio.run(shop.stock(1)) == asyncio.run(shop.stock(1)) == ["a", 1]
    assert runs == [("a", 1)]


def test_a_bound_method_looks_like_one():
    bound = Shop("a").price
    assert bound.__name__ == "price"
    assert bound.__doc__ == "What it costs."
    assert str(inspect.signature(bound)) == "(item, tax=0)"
    assert "Shop.price" in repr(bound)
    shop = Shop("b")
    assert shop.price == shop.price
    assert hash(shop.price) == hash(shop.price)
    with pytest.raises(AttributeError, match="nothing"):
        bound.nothing


def test_a_resource_of_a_method_is_one_for_each_instance_key():
    assert Shop("a").connection() is Shop("a").connection()
    assert Shop("a").connection() is not Shop("b").connection()


@cache_data
def at_module_level(x):
    return x


def test_a_cached_function_pickles_by_its_name():
    assert pickle.loads(pickle.dumps(at_module_level)) is at_module_level


def test_an_abstract_method_stays_abstract():
    class Base(abc.ABC):
        @cache_data
        @abc.abstractmethod
        def load(self): ...

    with pytest.raises(TypeError, match="abstract"):
        Base()


def test_bound_methods_hand_out_what_hangs_on_the_function():
    def load(self, x: int) -> str:
        return ""

    load.route = "/load"
    load.__qualname__ = "Shop.load"

    class Inner:
        method = cache_data(load)

    assert Inner().method.route == "/load"
    assert typing.get_type_hints(Inner().method) == {"x": int, "return": str}


def test_behind_a_decorator_keywords_are_told_from_parameters_of_the_same_name():
    def passing(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            return function(*args, **kwargs)

        return inner

    @cache_data
    @passing
    def g(a, /, **kw):
        return a, kw

    assert g(1, a=2) == (1, {"a": 2})
    assert g(3, a=2) == (3, {"a": 2})
