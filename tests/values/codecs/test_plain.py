"""Plain data as bytes, compared with what pickle makes of it."""

from __future__ import annotations

import datetime as dt
import struct
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from round_trips import codec_of, load_things, received, round_trip, same, through_pickle

from reprise.errors import UnserializableReturnValueError
from reprise.values import take_snapshot
from reprise.values.codecs import Received, UndecodableError, pack, unpack
from reprise.values.codecs.packing import unpack_safely

texts = st.text(st.characters())  # lone surrogates included
zones = st.one_of(
    st.none(),
    st.sampled_from([ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), dt.UTC]),
    st.builds(dt.timezone, st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23))),
    st.builds(dt.timezone, st.just(dt.timedelta(hours=1)), st.text(max_size=3)),
)
hashables = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**64), 2**65),
    st.floats(allow_nan=False),
    texts,
    st.binary(),
    st.dates(),
    st.timedeltas(),
    st.builds(dt.datetime.combine, st.dates(), st.times(timezones=zones)),
    st.times(timezones=zones),
    st.decimals(allow_nan=False),
    st.fractions(),
    st.uuids(),
    st.just(...),
    st.builds(range, st.integers(), st.integers(), st.integers(1)),
    zones,
)
atoms = st.one_of(
    hashables,
    st.floats(),
    st.complex_numbers(),
    st.binary().map(bytearray),
    st.sampled_from([Decimal("NaN"), Decimal("sNaN12"), Decimal("-0E-7"), Decimal("-Infinity")]),
)
keys = st.recursive(
    hashables,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.frozensets(inner, max_size=3)
    ),
    max_leaves=4,
)
values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(keys, inner),
        st.dictionaries(texts, inner),
        st.sets(keys),
        st.frozensets(keys),
        # One object in several places.
        st.lists(inner, min_size=1).map(lambda some: [some, some, (some, some[0])]),
    ),
    max_leaves=30,
)


@given(values)
def test_plain_data_comes_back_as_pickle_gives_it_back(value: object) -> None:
    packed = pack(take_snapshot(value, load_things), load_things, safe=True)
    assert packed.codec == "plain"
    assert same(unpack(received(packed), load_things), through_pickle(value))


@pytest.mark.parametrize(
    "value",
    [
        {True: "a", 2: "b", 0.5: "c", None: "d", (1, ("x",)): "e", b"x": "f"},
        [1, True, 1.0, 0, False, 0.0, -0.0],
        struct.unpack("d", struct.pack("Q", 0x7FF8_0000_0000_BEEF))[0],
        [2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 1 << 20_000],
        ["a\udc80", "\udc80" * 100, {"\ud800": 1}],
        dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
        dt.timezone(dt.timedelta(0), "UTC"),
        {"b": 1, "a": 2},
        bytearray(b"x" * 10_000),
        b"",
        [[], {}, (), set(), frozenset(), ""],
        [Fraction(1, 3), UUID(int=5), Decimal("1.20")],
    ],
)
def test_an_odd_value_comes_back_as_it_was(value: object) -> None:
    assert same(round_trip(value), value)


def test_utc_is_the_one_object_that_it_is_everywhere() -> None:
    assert round_trip(dt.UTC) is dt.UTC
    assert round_trip({"zone": ZoneInfo("UTC")})["zone"] is ZoneInfo("UTC")


def test_an_object_in_two_places_is_one_object_again() -> None:
    inner: list[object] = [1]
    pair = (inner, 2)
    first, second, third, fourth = round_trip([inner, inner, pair, pair])
    assert first is second is third[0]
    assert third is fourth


row = ("a", 1)


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 1, None), ("b", 2.5, b"x"), ()],
        ((1, 2), (3, 4)),
        {"x": (1, True), "y": (1.0, "\udc80")},
        [row, [row], row],
        [(1, (2, 3)), (4, 5)],
        [(2**70, 1)],
        {(1, "a"): (2, "b")},
        {(1, "a"), (2, "b")},
        [([],), ([],)],
    ],
)
def test_rows_stay_tuples(rows: Any) -> None:
    assert same(round_trip(rows), rows)
    assert same(round_trip([rows, rows, [rows]]), [rows, rows, [rows]])


@pytest.mark.parametrize("inner", [[1], {"a": 1}, [], {}], ids=repr)
def test_lists_and_dicts_in_two_places_are_one_object_again(inner: Any) -> None:
    for value in ([inner, inner], {"x": inner, "y": [inner]}, [[inner], [[inner]]]):
        back = round_trip(value)
        assert same(back, value)
        one, other = back.values() if isinstance(back, dict) else back
        while type(one) is list and one and type(one[0]) in (list, dict):
            one = one[0]
        while type(other) is list and other and type(other[0]) in (list, dict):
            other = other[0]
        assert one is other


def test_long_texts_that_are_one_object_are_written_once() -> None:
    text = "x" * 10_000
    for value in ([text] * 1000, {"a": [text] * 1000}, dict.fromkeys(range(1000), text)):
        packed = pack(take_snapshot(value, load_things), load_things)
        assert packed.codec == "plain"
        assert len(packed.stream) < 30_000
        back = round_trip(value)
        assert back == value
        texts = back if isinstance(back, list) else next(iter(back.values()))
        assert type(texts) is str or texts[0] is texts[1]


def test_tuples_built_by_doubling_are_written_once_a_level() -> None:
    value: object = (1, [])
    for _ in range(60):
        value = (value, value)
    packed = pack(take_snapshot(value, load_things), load_things)
    assert (packed.codec, len(packed.stream) < 2000) == ("plain", True)


def test_a_list_that_contains_itself_is_pickled() -> None:
    value: list[object] = [1]
    value.append(value)
    assert codec_of(value) == "pickle"
    back = round_trip(value, safe=False)
    assert back[1] is back
    with pytest.raises(UnserializableReturnValueError, match="contains itself"):
        round_trip(value)


@pytest.mark.parametrize("make", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_deep_nesting_is_left_to_pickle(make) -> None:
    value: object = (1, [2])
    for _ in range(98):
        value = make(value)
    assert codec_of(value) == "plain"
    assert round_trip(value) == value
    assert codec_of(make(value)) == "pickle"
    assert round_trip(make(value), safe=False) == make(value)


class Text(str):
    __slots__ = ()


class Own:
    def __init__(self) -> None:
        self.number = 1


@pytest.mark.parametrize("value", [Text("a"), Own(), [Text("a")], {"a": {Text("b"): 1}}])
def test_subclasses_and_own_classes_are_pickled(value: object) -> None:
    assert codec_of(value) == "pickle"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": [1, (Own(),)]}, r"value\['a'\]\[1\]\[0\]"),
        ([{Text("k"): 1}], r"value\[0\] \(the key 'k'\)"),
        ({frozenset({Text("k")}): 1}, r"\(the key frozenset\(\{'k'\}\)\) \(an item\)"),
    ],
)
def test_a_refusal_names_the_part_and_the_ways_out(value: object, path: str) -> None:
    with pytest.raises(UnserializableReturnValueError, match=path) as raised:
        round_trip(value, safe=True)
    message = str(raised.value)
    assert "load_things()" in message
    assert 'persist_codec="safe"' in message
    assert "dataclasses.asdict" in message
    assert 'persist="disk"' in message


def test_an_unknown_codec_is_no_value() -> None:
    with pytest.raises(UndecodableError, match="'arrow9'"):
        unpack(Received("arrow9", b"\xc0"), load_things)


@given(st.binary())
def test_any_bytes_are_a_value_or_one_error(data: bytes) -> None:
    try:
        unpack_safely(Received("plain", data))
    except UndecodableError:
        pass


@given(values, st.data())
def test_a_changed_stream_is_a_value_or_one_error(value: object, data: st.DataObject) -> None:
    packed = pack(take_snapshot(value, load_things), load_things)
    stream = bytearray(packed.stream)
    for _ in range(data.draw(st.integers(1, 3))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack_safely(Received("plain", bytes(stream)))
    except UndecodableError:
        pass


@pytest.mark.parametrize(
    "node",
    [
        ["no such tag"],
        [],
        ["=", 5],
        ["=", -1],
        ["list", 5],
        ["list", [["dict", [1], []]]],
        ["dict", [["list", []]], [1]],
        {"a": 1},
        ["int", "x"],
        ["bytearray", 3],
        ["bytearray", -1],
        ["ZoneInfo", "../../etc/passwd"],
        ["UUID", b"short", None],
        ["datetime", 2024, 13, 1, 0, 0, 0, 0, 0, None],
        5,
    ],
)
def test_what_no_writer_writes_is_one_error(node: object) -> None:
    stream = msgspec.msgpack.encode(node)
    if node == 5:
        assert unpack_safely(Received("plain", stream)) == 5
        return
    with pytest.raises(UndecodableError):
        unpack_safely(Received("plain", stream))
