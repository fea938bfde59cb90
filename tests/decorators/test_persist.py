"""What one process computed, another one finds: values, keys and the lives of entries."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reprise import MISSING, cache_data


@dataclasses.dataclass
class Point:
    x: int
    tags: list


class Plain:
    def __init__(self, inner):
        self.inner = inner

    def __eq__(self, other):
        return type(other) is Plain and self.inner == other.inner

    __hash__ = None


class Pair(NamedTuple):
    one: int
    other: list


def aliased():
    one = [1]
    return [one, one]


LARGE = 700_000  # eight bytes each: more than four MiB

MAKERS = {
    "none": lambda: None,
    "true": lambda: True,
    "int": lambda: -7,
    "huge int": lambda: 10**400,
    "float": lambda: 0.1,
    "minus zero": lambda: -0.0,
    "infinity": lambda: math.inf,
    "text": lambda: "Grüße \N{SNOWMAN} \ud800",
    "empty text": lambda: "",
    "bytes": lambda: b"\x00\xff" * 3,
    "large bytes": lambda: bytes(range(256)) * 30_000,
    "bytearray": lambda: bytearray(b"abc"),
    "tuple": lambda: (1, (2.0, None), "x"),
    "nested": lambda: {"a": [1, {"b": (2, {3})}], 4: None, (5, 6): {"c": b"d"}},
    "aliased": aliased,
    "set": lambda: {1, "a", frozenset({2})},
    "ordered": lambda: collections.OrderedDict(b=1, a=2),
    "decimal": lambda: decimal.Decimal("1.10"),
    "date": lambda: datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
    "dataclass": lambda: Point(1, ["a"]),
    "class": lambda: Plain({"a": [1]}),
    "namedtuple": lambda: Pair(1, [2]),
    "a class itself": lambda: Plain,
    "array": lambda: np.arange(10).reshape(2, 5),
    "large array": lambda: np.arange(LARGE),
    "fortran array": lambda: np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "object array": lambda: np.array([1, "a", None], dtype=object),
    "empty array": lambda: np.zeros((0, 3), dtype="f4"),
    "times": lambda: np.array(["2026-01-01", "NaT"], dtype="M8[ns]"),
    "scalar": lambda: np.float32(1.5),
    "list of large arrays": lambda: [np.arange(LARGE), np.zeros(LARGE, dtype="u1")],
    "frame": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["i", "j"]),
    "large frame": lambda: pd.DataFrame({"a": np.arange(LARGE), "b": np.arange(LARGE) / 2}),
    "series": lambda: pd.Series([1.5, None], name="s"),
    "categories": lambda: pd.DataFrame({"c": pd.Categorical(["x", "y", "x"])}),
    "polars": lambda: pl.DataFrame({"a": [1, None], "b": ["x", "y"]}),
    "large polars": lambda: pl.DataFrame({"a": np.arange(LARGE)}),
    "arrow": lambda: pa.table({"a": [1, None], "b": ["x", "y"]}),
    "dict of frames": lambda: {"one": pd.DataFrame({"a": [1]}), "other": np.arange(3)},
}


def same(one, other):
    """Whether two values are the same, in all their parts, by type and content."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        facts = one.dtype == other.dtype and one.shape == other.shape
        if one.dtype == object:
            return facts and all(map(same, one.ravel(), other.ravel()))
        return facts and one.tobytes() == other.tobytes()
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
        return True
    if isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other)
        return True
    if isinstance(one, pl.DataFrame | pa.Table):
        return one.equals(other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return repr(one) == repr(other)
    return one == other


def spoil(value):  # noqa: C901 - one case a type
    """Change a value in place, where it can be."""
    if isinstance(value, dict):
        value["spoilt"] = True
    elif isinstance(value, list):
        for one in value:
            spoil(one)
        value.append("spoilt")
    elif isinstance(value, set):
        value.add("spoilt")
    elif isinstance(value, bytearray):
        value[:] = b"spoilt"
    elif isinstance(value, np.ndarray) and value.size:
        value[...] = value.ravel()[-1]
    elif isinstance(value, pd.DataFrame):
        value["spoilt"] = 1
        value.iloc[0, 0] = value.iloc[-1, 0]
    elif isinstance(value, pd.Series):
        value.iloc[:] = 9
    elif isinstance(value, Plain):
        spoil(value.inner)
    elif isinstance(value, Point):
        value.x = 9
        spoil(value.tags)


@pytest.mark.parametrize("name", MAKERS)
def test_a_fresh_process_finds_what_another_computed_and_nobody_sees_changes(
    name, place, fresh, runs
):
    make_value = MAKERS[name]

    def decorated():
        @cache_data(persist=place)
        def load(name):
            runs(name)
            return make_value()

        return load

    for _ in range(3):
        fresh()
        load = decorated()
        for _ in range(3):
            value = load(name)
            assert same(value, make_value())
            spoil(value)
    assert runs == [name]


def test_what_was_aliased_is_still_one_object(place, fresh):
    def decorated():
        @cache_data(persist=place)
        def load():
            return aliased()

        return load

    decorated()()
    fresh()
    value = decorated()()
    assert value[0] is value[1]


def test_each_argument_has_its_own_result(place, fresh, runs):
    def decorated():
        @cache_data(persist=place)
        def double(x, *more, flag=False):
            runs((x, more, flag))
            return [x, more, flag]

        return double

    calls = [(1,), (1.0,), (True,), ("1",), (b"1",), ([1],), ((1,),), (1, 2), (-0.0,), (0.0,)]
    for _ in range(2):
        fresh()
        double = decorated()
        for args in calls:
            assert same(double(*args), [args[0], args[1:], False])
            assert same(double(*args, flag=True), [args[0], args[1:], True])
    assert len(runs) == 2 * len(calls)


def test_methods_and_class_methods(place, fresh, runs):
    def decorated():
        class Scaler:
            def __init__(self, factor):
                self.factor = factor

            @cache_data(persist=place)
            def scale(self, x):
                runs(("scale", self.factor, x))
                return self.factor * x

            @classmethod
            @cache_data(persist=place)
            def make(cls, x):
                runs(("make", x))
                return [cls.__name__, x]

            @staticmethod
            @cache_data(persist=place)
            def still(x):
                runs(("still", x))
                return -x

        return Scaler

    for _ in range(2):
        fresh()
        scaler = decorated()
        assert (scaler(2).scale(5), scaler(3).scale(5)) == (10, 15)
        assert scaler.make(1) == ["Scaler", 1]
        assert scaler.still(1) == -1
    assert len(runs) == 4


def test_functions_of_one_factory_do_not_share(place, fresh, runs):
    def factory(factor):
        @cache_data(persist=place)
        def scale(x):
            runs((factor, x))
            return factor * x

        return scale

    for _ in range(2):
        fresh()
        factor_two = factory(2)
        assert factor_two(5) == 10
        assert factory(3)(5) == 15
        factor_two.clear()
        assert factory(3).peek(5) == 15
        assert factory(2).peek(5) is MISSING
    assert runs == [(2, 5), (3, 5), (2, 5)]


def test_users_have_results_of_their_own(place, fresh, runs, host):
    def decorated():
        @cache_data(persist=place, scope="user")
        def load(x):
            runs((host_of(), x))
            return [host_of(), x]

        return load

    def host_of():
        return host.user_id

    for _ in range(2):
        fresh()
        load = decorated()
        for user in ("ada", "bob"):
            host.user_id = user
            assert load(1) == [user, 1]
    assert runs == [("ada", 1), ("bob", 1)]


def test_a_user_who_clears_leaves_others_what_they_have(place, fresh, runs, host):
    def decorated():
        @cache_data(persist=place, scope="user")
        def load(x):
            runs(x)
            return [x]

        return load

    for user in ("ada", "bob"):
        host.user_id = user
        decorated()(1)
    host.user_id = "ada"
    decorated().clear()
    fresh()
    assert decorated().peek(1) is MISSING
    host.user_id = "bob"
    assert decorated().peek(1) == [1]


def test_a_file_counts_by_its_content(place, fresh, runs, tmp_path):
    file = tmp_path / "data.txt"

    def decorated():
        @cache_data(persist=place, files=["path"])
        def load(path):
            runs(file.read_text())
            return file.read_text()

        return load

    for text in ("one", "two", "one"):
        fresh()
        file.write_text(text)
        assert decorated()(str(file)) == text
    assert runs == ["one", "two"]


def test_hash_functions_count(place, fresh, runs):
    class Row:
        def __init__(self, a, b):
            self.a, self.b = a, b

    def decorated(function):
        @cache_data(persist=place, hash_funcs={Row: function})
        def load(row):
            runs((row.a, row.b))
            return (row.a, row.b)

        return load

    by_a, by_b = (lambda row: row.a), (lambda row: row.b)
    for _ in range(2):
        fresh()
        assert decorated(by_a)(Row(1, 2)) == (1, 2)
        assert decorated(by_b)(Row(2, 1)) == (2, 1)
        assert decorated(by_a)(Row(1, 9)) == (1, 2)
    assert len(runs) == 2


def test_versions_and_dependencies_count(place, fresh, runs):
    def decorated(**options):
        @cache_data(persist=place, **options)
        def load():
            runs(1)
            return len(runs)

        return load

    fresh()
    several = [{}, {"version": 1}, {"version": 2}, {"depends_on": ["a"]}, {"depends_on": ["b"]}]
    assert [decorated(**options)() for options in several] == [1, 2, 3, 4, 5]
    fresh()
    assert [decorated(**options)() for options in several] == [1, 2, 3, 4, 5]


def test_none_is_a_result_and_missing_is_not(place, fresh, runs):
    def decorated():
        @cache_data(persist=place)
        def load(x):
            runs(x)

        return load

    assert decorated().peek(1) is MISSING
    assert decorated()(1) is None
    fresh()
    assert decorated().peek(1) is None
    assert decorated().explain(1).action == "serve"
    assert decorated().explain(2).action == "compute"
    assert runs == [1]


def test_an_error_is_not_kept(place, fresh, runs):
    def decorated():
        @cache_data(persist=place)
        def load():
            runs(1)
            if len(runs) < 3:
                raise LookupError("not yet")
            return "there"

        return load

    for _ in range(2):
        fresh()
        with pytest.raises(LookupError, match="not yet"):
            decorated()()
    fresh()
    assert decorated()() == "there"
    fresh()
    assert decorated()() == "there"
    assert len(runs) == 3
