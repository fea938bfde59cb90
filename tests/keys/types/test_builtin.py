"""Python's own values: pairs that must differ, and pairs that must not."""

from __future__ import annotations

import array
import collections
import collections.abc
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import math
import operator
import random
import re
import types
import typing
import uuid
import zoneinfo
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from reprise.keys import digest

UTC = dt.UTC
Point = collections.namedtuple("Point", "x y")  # noqa: PYI024
Place = collections.namedtuple("Place", "x y")  # noqa: PYI024
NOON = dt.datetime(2024, 7, 1, 12)  # noqa: DTZ001


class Number(int):
    pass


class Word(str):
    __slots__ = ()


class Tagged(list):
    pass


class Loud(dict):
    def items(self):
        return [("never", "asked")]


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Shade(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Pair(typing.NamedTuple):
    x: int
    y: int


class Couple(Pair):
    __slots__ = ()


class Mode(enum.IntFlag):
    A = 1
    B = 2
    AB = 3


class Word_(enum.StrEnum):
    A = "a"


class Alias(enum.Enum):
    X = 1
    Y = 1  # noqa: PIE796 - an alias


class Fixed(collections.abc.Mapping):
    def __getitem__(self, key):
        return {"a": 1}[key]

    def __iter__(self):
        return iter(["a"])

    def __len__(self):
        return 1


def view(code, items):
    return memoryview(array.array(code, items))


def itself(value):
    made = {"value": value}
    made["self"] = made
    return made


def tagged(items, **attributes):
    made = Tagged(items)
    vars(made).update(attributes)
    return made


def back(levels):
    """Lists in lists, the innermost of which holds the one ``levels`` further out."""
    made = [[[]]]
    made[0][0].append((made[0][0], made[0], made)[levels])
    return made


def cycle(*items):
    made = list(items)
    made.append(made)
    return made


def at(file, position):
    file.seek(position)
    return file


DIFFER = [
    ("int is not bool", 1, True),
    ("int is not float", 1, 1.0),
    ("bool is not float", True, 1.0),
    ("zero is not False", 0, False),
    ("int is not its text", 1, "1"),
    ("text is not bytes", "1", b"1"),
    ("bytes are not a bytearray", b"1", bytearray(b"1")),
    ("bytes are not a memoryview", b"1", memoryview(b"1")),
    ("None is not a text", None, "None"),
    ("None is not the empty text", None, ""),
    ("None is not Ellipsis", None, ...),
    ("None is not an empty tuple", None, ()),
    ("zero has a sign", 0.0, -0.0),
    ("complex zero has two signs", complex(0, 0.0), complex(0, -0.0)),
    ("complex is not float", 1.0, 1 + 0j),
    ("infinities differ", math.inf, -math.inf),
    ("neighbouring floats differ", 1.0, math.nextafter(1.0, 2.0)),
    ("neighbouring large ints differ", 2**2000, 2**2000 + 1),
    ("an int differs from its negative", 255, -1),
    ("ints differ at the byte border", 127, -129),
    ("texts that look alike", "\u00e9", "e\u0301"),
    ("a lone surrogate is not its replacement", "\ud800", "?"),
    ("two surrogates are not one character", "\ud83d\ude00", "\U0001f600"),
    ("a long text differs at its end", "a" * 100_000 + "b", "a" * 100_000 + "c"),
    ("where texts are cut", ("a", "bc"), ("ab", "c")),
    ("where lists are cut", [[1], [2, 3]], [[1, 2], [3]]),
    ("nesting", [1, 2], [[1, 2]]),
    ("an empty list inside", [], [[]]),
    ("list is not tuple", [1, 2], (1, 2)),
    ("set is not frozenset", {1}, frozenset({1})),
    ("set is not list", {1}, [1]),
    ("dict is not its items", {"a": 1}, [("a", 1)]),
    ("order of a list", [1, 2], [2, 1]),
    (
        "order of an OrderedDict",
        collections.OrderedDict(a=1, b=2),
        collections.OrderedDict(b=2, a=1),
    ),
    ("OrderedDict is not dict", collections.OrderedDict(a=1), {"a": 1}),
    ("defaultdict is not dict", collections.defaultdict(list), {}),
    ("what a defaultdict makes", collections.defaultdict(list), collections.defaultdict(set)),
    ("Counter is not dict", collections.Counter("a"), {"a": 1}),
    ("keys are not values", {"a": "b"}, {"b": "a"}),
    ("keys by type", {1: "a"}, {"1": "a"}),
    ("values change places", {"a": 1, "b": 2}, {"a": 2, "b": 1}),
    ("length of a deque", collections.deque([1]), collections.deque([1], maxlen=3)),
    ("many ints, one changed", list(range(1000)), [*range(999), 1000]),
    ("many texts cut elsewhere", ["ab"] * 20, ["a", "bab"] + ["ab"] * 18),
    ("many ints are not many bools", [1] * 20, [True] * 20),
    ("many floats, one with a sign", [0.0] * 20, [0.0] * 19 + [-0.0]),
    ("many ints are not many floats", [1] * 20, [1.0] * 20),
    ("many ints as list and tuple", [1] * 20, (1,) * 20),
    ("one more of the same", [1] * 20, [1] * 21),
    ("a subclass of int", 1, Number(1)),
    ("a subclass of str", "a", Word("a")),
    ("a subclass of list", [1], Tagged([1])),
    ("attributes of a subclass", tagged([1], unit="m"), tagged([1], unit="s")),
    ("two namedtuples", Point(1, 2), Place(1, 2)),
    ("namedtuple is not tuple", Point(1, 2), (1, 2)),
    ("ranges of one length", range(3), range(1, 4)),
    ("empty ranges, whose ends can be read", range(0), range(5, 5)),
    ("slices", slice(1), slice(0, 1)),
    ("precision of decimals", decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    ("decimal is not its text", decimal.Decimal(1), "1"),
    ("decimal zero has a sign", decimal.Decimal(0), decimal.Decimal("-0")),
    ("decimal is not int", decimal.Decimal(1), 1),
    ("fraction is not int", fractions.Fraction(1), 1),
    ("fractions", fractions.Fraction(1, 2), fractions.Fraction(2, 1)),
    ("UUID is not its text", uuid.UUID(int=1), str(uuid.UUID(int=1))),
    ("date is not datetime", dt.date(2024, 7, 1), dt.datetime(2024, 7, 1)),  # noqa: DTZ001
    ("naive is not aware", NOON, NOON.replace(tzinfo=UTC)),
    (
        "same moment, other zone",
        NOON.replace(tzinfo=UTC),
        (NOON + dt.timedelta(hours=2)).replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    ),
    (
        "two zones with one offset",
        NOON.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        NOON.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Paris")),
    ),
    (
        "ZoneInfo is not a fixed offset",
        NOON.replace(tzinfo=zoneinfo.ZoneInfo("UTC")),
        NOON.replace(tzinfo=UTC),
    ),
    (
        "names of fixed offsets",
        NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))),
        NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=1), "CET")),
    ),
    ("which of two equal times", NOON.replace(fold=0), NOON.replace(fold=1)),
    ("microseconds", NOON, NOON.replace(microsecond=1)),
    ("times", dt.time(1, 2), dt.time(2, 1)),
    ("timedelta is not int", dt.timedelta(0, 1), 1),
    ("timedeltas", dt.timedelta(microseconds=1), dt.timedelta(milliseconds=1)),
    ("path is not text", Path("a"), "a"),
    ("paths of two systems", PurePosixPath("a"), PureWindowsPath("a")),
    ("a path that exists is not a pure one", Path("a"), PurePosixPath("a")),
    ("flags of a pattern", re.compile("a"), re.compile("a", re.IGNORECASE)),
    ("text and bytes patterns", re.compile("a"), re.compile(b"a")),
    ("members of an enum", Color.RED, Color.GREEN),
    ("members of two enums", Color.RED, Shade.RED),
    ("an IntEnum is not an int", Level.LOW, 1),
    ("flags", Access.READ, Access.READ | Access.WRITE),
    ("an enum is not its member", Color, Color.RED),
    ("types", int, float),
    ("a type is not its name", int, "int"),
    ("builtin functions", len, print),
    ("methods of two objects", "a".upper, "b".upper),
    ("a method is not the descriptor", "a".upper, str.upper),
    ("modules", math, operator),
    ("partials by argument", functools.partial(int, base=2), functools.partial(int, base=8)),
    ("itemgetters", operator.itemgetter(0), operator.itemgetter(1)),
    ("namespaces", types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)),
    ("namespace is not dict", types.SimpleNamespace(a=1), {"a": 1}),
    ("proxy is not dict", types.MappingProxyType({"a": 1}), {"a": 1}),
    ("type codes of arrays", array.array("i", [1]), array.array("h", [1])),
    (
        "shape of memoryviews",
        memoryview(bytes(4)).cast("B", (2, 2)),
        memoryview(bytes(4)).cast("B", (4, 1)),
    ),
    ("position in a file", io.BytesIO(b"abc"), at(io.BytesIO(b"abc"), 1)),
    ("content of a file", io.BytesIO(b"abc"), io.BytesIO(b"abd")),
    ("text file is not binary file", io.StringIO("abc"), io.BytesIO(b"abc")),
    ("what would be drawn next", random.Random(1), random.Random(2)),
    ("what stands beside a cycle", cycle(1), cycle(2)),
    ("how far an inner list goes back", back(0), back(1)),
    ("how far it goes back beyond that", back(1), back(2)),
    ("how far a cycle goes back", cycle(cycle()), [[cycle()]]),
    ("generic aliases", list[int], list[str]),
    ("proxies", types.MappingProxyType({"a": 1}), types.MappingProxyType({"a": 2})),
    (
        "order behind a proxy, where it counts",
        types.MappingProxyType(collections.OrderedDict(a=1, b=2)),
        types.MappingProxyType(collections.OrderedDict(b=2, a=1)),
    ),
    ("what makes missing items", collections.defaultdict(lambda: 1), collections.defaultdict(int)),
    (
        "what a function makes for missing items",
        collections.defaultdict(lambda: 1),
        collections.defaultdict(lambda: 2),
    ),
    (
        "items of a defaultdict",
        collections.defaultdict(list, a=[1]),
        collections.defaultdict(list, a=[2]),
    ),
    ("a count of zero", collections.Counter(a=0), collections.Counter()),
    ("counts by type", collections.Counter(a=1), collections.Counter(a=True)),
    ("order of a deque", collections.deque([1, 2]), collections.deque([2, 1])),
    ("a deque is not a list", collections.deque([1]), [1]),
    ("layers of a mapping", collections.ChainMap({"a": 1}, {}), collections.ChainMap({}, {"a": 1})),
    ("a UserDict is not a dict", collections.UserDict(a=1), {"a": 1}),
    ("a NamedTuple is not a tuple", Pair(1, 2), (1, 2)),
    ("subclasses of a NamedTuple", Pair(1, 2), Couple(1, 2)),
    ("fields of a NamedTuple", Couple(1, 2), Couple(1, 3)),
    ("a composite flag is not its parts", Access.READ | Access.WRITE, Access.WRITE),
    ("an IntFlag is not an int", Mode.A, 1),
    ("flags that no member names", Mode.A | 8, Mode.A | 16),
    ("no flag is not zero", Access(0), 0),
    ("a StrEnum is not a text", Word_.A, "a"),
    ("lone surrogates", "\ud800", "\udfff"),
    ("lone surrogates in a path", Path("\udc80"), Path("\udc81")),
    ("lone surrogates among many texts", ["a"] * 20 + ["\ud800"], ["a"] * 20 + ["\ud801"]),
    ("signs of integers in a memoryview", view("i", [1]), view("I", [1])),
    ("integers and floats in a memoryview", view("i", [1, 0]), view("f", [1, 0])),
    ("a memoryview of bytes is none of numbers", memoryview(bytes(8)), view("q", [0])),
    ("an empty memoryview has a format", memoryview(b""), memoryview(b"").cast("c")),
    ("negative zero in a memoryview", view("d", [0.0]), view("d", [-0.0])),
    ("negative zero in an array", array.array("d", [0.0]), array.array("d", [-0.0])),
    ("NaNs of decimals", decimal.Decimal("NaN"), decimal.Decimal("sNaN")),
    ("signs of decimal zeros", decimal.Decimal(0), decimal.Decimal("-0")),
    ("a decimal is not a fraction", decimal.Decimal("0.5"), fractions.Fraction(1, 2)),
    ("parts of a complex NaN", complex(math.nan, 0), complex(0, math.nan)),
    ("empty ranges", range(0), range(1, 1)),
    ("a slice by its step", slice(0, 1), slice(0, 1, 1)),
    ("cases of a Windows path", PureWindowsPath("a"), PureWindowsPath("A")),
    ("a dict in itself", itself(1), itself(2)),
]

SAME = [
    ("NaNs", math.nan, -math.nan),
    ("NaNs from anywhere", float("nan"), math.inf - math.inf),
    ("NaNs among many floats", [math.nan] * 20, [-math.nan] * 20),
    ("NaN as a key", {math.nan: 1}, {-math.nan: 1}),
    ("order of a dict", {"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ("order of a Counter", collections.Counter("ab"), collections.Counter("ba")),
    ("order of a namespace", types.SimpleNamespace(a=1, b=2), types.SimpleNamespace(b=2, a=1)),
    ("order of a set", {8, 0}, {0, 8}),
    ("sets of sets", {frozenset({8, 0}), frozenset()}, {frozenset(), frozenset({0, 8})}),
    ("equal lists", [1, [2, "x"]], [1, [2, "x"]]),
    ("equal decimals", decimal.Decimal("1.50"), decimal.Decimal("1.50")),
    ("reduced fractions", fractions.Fraction(2, 4), fractions.Fraction(1, 2)),
    ("spelling of a path", Path("a/./b"), Path("a/b")),
    ("spelling of an offset", dt.timedelta(hours=24), dt.timedelta(days=1)),
    (
        "a zone by any route",
        NOON.replace(tzinfo=zoneinfo.ZoneInfo("Asia/Tokyo")),
        NOON.replace(tzinfo=zoneinfo.ZoneInfo.no_cache("Asia/Tokyo")),
    ),
    ("sharing does not count", [[1]] * 2, [[1], [1]]),
    ("equal cycles", cycle(1, cycle(2)), cycle(1, cycle(2))),
    ("overridden methods are not asked", Loud(a=1), Loud(a=1)),
    ("strides of a memoryview", memoryview(b"a-b-")[::2], memoryview(b"ab")),
    ("equal files", io.StringIO("abc"), io.StringIO("abc")),
    ("equal generators", random.Random(1), random.Random(1)),
    ("equal patterns", re.compile("a+"), re.compile("a+")),
    ("aliases in an enum", Alias.X, Alias.Y),
    ("a composite flag by its name or by its parts", Mode.AB, Mode.A | Mode.B),
    (
        "order behind a proxy",
        types.MappingProxyType({1: 2, 3: 4}),
        types.MappingProxyType({3: 4, 1: 2}),
    ),
    (
        "a proxy of what cannot be copied",
        types.MappingProxyType(Fixed()),
        types.MappingProxyType(Fixed()),
    ),
    (
        "order of a defaultdict",
        collections.defaultdict(list, a=[1], b=[2]),
        collections.defaultdict(list, b=[2], a=[1]),
    ),
    ("equal NamedTuples", Couple(1, 2), Couple(1, 2)),
    ("a dict in itself", itself(1), itself(1)),
    (
        "order of a partial's keywords",
        functools.partial(dict, a=1, b=2),
        functools.partial(dict, b=2, a=1),
    ),
    (
        "nested partials",
        functools.partial(functools.partial(int, base=2), "1"),
        functools.partial(int, "1", base=2),
    ),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_values_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)
    assert digest([one]) != digest([other])
    assert digest({"x": one}) != digest({"x": other})


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_values_share_a_key(why, one, other):
    assert digest(one) == digest(other)
    assert digest([one]) == digest([other])


def test_all_values_of_the_table_are_told_apart_from_one_another():
    distinct = {digest(value): value for _, *pair in DIFFER for value in pair}
    for _, *pair in DIFFER:
        for value in pair:
            found = distinct[digest(value)]
            assert type(found) is type(value)


def test_an_overridden_method_does_not_speak_for_the_content():
    assert digest(Loud(a=1)) != digest(Loud(a=2))


def test_a_mutation_is_seen():
    value = {"a": [1, 2]}
    before = digest(value)
    value["a"].append(3)
    assert digest(value) != before


def test_keys_are_the_same_in_every_process(in_new_process):
    script = """if True:
        import datetime, decimal, enum, pathlib, re, types, zoneinfo, collections
        from reprise.keys import digest, fingerprint
        class Color(enum.Enum):
            RED = frozenset({"a", "b", "c"})
        def within(x, options={"a", "b", "c"}):
            return x in {"p", "q", "r"}
        values = [
            {"a", "b", "c", 1, None}, frozenset("abcdef"), {"a": 1, "b": {"x", "y"}},
            collections.Counter("hello"), Color.RED, datetime.datetime(2024, 1, 2, tzinfo=
            zoneinfo.ZoneInfo("Asia/Tokyo")), decimal.Decimal("1.5"), pathlib.PurePath("a"),
            re.compile("a"), types.SimpleNamespace(b=1, a=2), 1.5, 10**30, "\\ud800", Color, len,
            within, lambda x: x in {"p", "q", "r"},
        ]
        print([digest(value).hex() for value in values], fingerprint(within).digest.hex())
    """
    printed = {in_new_process(script, seed) for seed in ("0", "1", "4242")}
    assert len(printed) == 1
