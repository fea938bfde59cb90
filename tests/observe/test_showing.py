"""Values in short, and which of them are plain."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import pathlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.observe.plainness import is_plain
from reprise.observe.showing import shape_of, shown


@given(st.one_of(st.text(), st.binary(), st.integers(), st.floats(), st.complex_numbers()))
def test_plain_values_are_shown_in_one_short_line(value):
    text = shown(value)
    assert len(text) <= 32 * 10 + 10  # ten characters for one, where all have to be escaped
    assert "\n" not in text


@given(st.one_of(st.text(max_size=32), st.integers(-(2**99), 2**99), st.none(), st.booleans()))
def test_what_is_short_is_shown_as_it_is_written(value):
    assert shown(value) == repr(value)


def test_others_are_shown_by_type_and_shape():
    import numpy
    import pandas

    assert shown({"a": 1}) == "dict[1]"
    assert shown(numpy.zeros((2, 3))) == "ndarray[2, 3]"
    assert shown(pandas.DataFrame({"a": [1]})) == "DataFrame[1, 1]"
    assert shown(object()) == "object"
    assert shown("x" * 33).count("x") == 28


def test_nothing_of_a_value_is_called_that_could_fail():
    class Hostile:
        def __repr__(self):
            raise AssertionError

        def __len__(self):
            raise ValueError

        @property
        def shape(self):
            raise RuntimeError

    assert shown(Hostile()) == "Hostile"
    assert shape_of(Hostile()) == ()


def test_a_grouping_is_not_asked_for_its_column_named_shape_or_its_length(monkeypatch):
    import pandas

    groups = pandas.DataFrame({"shape": [1], "key": [1]}).groupby("key")
    monkeypatch.setattr(type(groups), "__len__", lambda _: pytest.fail("it was worked out"))
    assert shape_of(groups) == ()
    assert shown(groups) == "DataFrameGroupBy"


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    "value",
    [
        *(None, 1, True, 0.5, 1j, "a", b"a", range(3), ..., Colour.RED),
        *(datetime.date(2024, 1, 1), datetime.timedelta(1), datetime.UTC),
        *(decimal.Decimal(1), fractions.Fraction(1, 2), uuid.UUID(int=1), pathlib.Path("a")),
        *([1, ("a", None)], {"a": {1, 2}}, frozenset([1])),
    ],
    ids=repr,
)
def test_plain(value):
    assert is_plain(value)


@pytest.mark.parametrize("value", [object(), [object()], {"a": [len]}, {len: 1}, lambda: 1])
def test_not_plain(value):
    assert not is_plain(value)


def test_what_holds_itself_comes_to_an_end():
    endless = []
    endless.append(endless)
    assert not is_plain(endless)
