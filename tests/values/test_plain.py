from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from reprise.values.plain import is_immutable


class Colour(enum.Enum):
    RED = 1


class Text(str):
    __slots__ = ("note",)


class Zone(dt.tzinfo):
    """A time zone of the user's own; nothing keeps it from changing."""


class Point(NamedTuple):
    x: int
    y: int


RED = Colour.RED
NOON = dt.datetime(2024, 1, 1, 12)  # noqa: DTZ001 - one without a zone is meant


@pytest.mark.parametrize(
    "value",
    [
        *[
            None,
            ...,
            True,
            1,
            2.5,
            3j,
            "a",
            b"a",
            range(3),
            Decimal("1.5"),
            Fraction(1, 3),
            uuid4(),
        ],
        *[NOON, NOON.date(), NOON.time(), dt.timedelta(1), dt.UTC, ZoneInfo("UTC")],
        *[NOON.replace(tzinfo=dt.UTC), dt.time(1, tzinfo=ZoneInfo("UTC"))],
        *[(), frozenset(), (1, ("a", frozenset({(2.5,)})))],
        *[np.float64(1), np.bool_(True), np.str_("a"), np.datetime64("2024-01-01")],
    ],
)
def test_a_value_made_of_nothing_mutable_is_immutable(value):
    assert is_immutable(value)


@pytest.mark.parametrize(
    "value",
    [
        *[[], {}, set(), bytearray(), object(), RED, Text("a"), Point(1, 2), len, int, np.zeros(1)],
        *[
            ([],),
            frozenset({Text("a")}),
            (1, (2, ({},))),
            (RED,),
            (NOON, NOON.replace(tzinfo=Zone())),
        ],
        NOON.replace(tzinfo=Zone()),
        np.zeros(1, dtype="i4,i4")[0],
    ],
)
def test_a_value_with_something_mutable_or_unknown_in_it_is_not(value):
    assert not is_immutable(value)


def test_tuples_doubled_sixty_times_are_told_at_once():
    value: tuple = (1,)
    for _ in range(60):
        value = (value, value)
    assert is_immutable(value)


def test_a_very_deep_tuple_does_not_overflow_the_stack():
    value: tuple = ()
    for _ in range(100_000):
        value = (value,)
    assert is_immutable(value)
