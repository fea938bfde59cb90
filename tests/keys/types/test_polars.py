"""polars: names, types and all of the content; chunks do not count."""

from __future__ import annotations

import decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.errors import UnhashableParamError
from reprise.keys import digest

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})


def series(values, kind=None):
    return pl.Series("s", values, kind)


def middle_changed(height):
    return [pl.DataFrame({"a": [0] * place + [1] + [0] * (height - place)}) for place in (14, 15)]


DIFFER = [
    ("the middle of a small frame", *middle_changed(30)),
    ("names", FRAME, FRAME.rename({"a": "c"})),
    ("order of columns", FRAME, FRAME.select("b", "a")),
    ("order of rows", FRAME, FRAME[::-1]),
    ("types", series([1], pl.Int64), series([1], pl.Int32)),
    ("int is not float", series([1]), series([1.0])),
    ("frame is not series", FRAME["a"], FRAME.select("a")),
    ("name of a series", pl.Series("a", [1]), pl.Series("b", [1])),
    ("missing is not zero", series([0, None]), series([0, 0])),
    ("missing is not NaN", series([1.0, None]), series([1.0, float("nan")])),
    ("missing text is not empty", series(["a", None]), series(["a", ""])),
    ("where texts are cut", series(["a", "bc"]), series(["ab", "c"])),
    ("text is not bytes", series(["a"]), series([b"a"])),
    ("bytes", series([b"a", b"bc"]), series([b"ab", b"c"])),
    ("booleans", series([True, False]), series([False, True])),
    ("where lists are cut", series([[1], [2, 3]]), series([[1, 2], [3]])),
    ("empty list is not missing", series([[], [1]]), series([None, [1]])),
    ("missing in a list", series([[None]], pl.List(pl.Int64)), series([[]], pl.List(pl.Int64))),
    (
        "nanoseconds in lists",
        series([[1]], pl.List(pl.Datetime("ns"))),
        series([[2]], pl.List(pl.Datetime("ns"))),
    ),
    ("array is not list", series([[1, 2]], pl.Array(pl.Int64, 2)), series([[1, 2]])),
    ("arrays", series([[1, 2]], pl.Array(pl.Int64, 2)), series([[1, 3]], pl.Array(pl.Int64, 2))),
    ("structs", series([{"a": 1, "b": 2}]), series([{"a": 2, "b": 1}])),
    ("missing struct", series([{"a": 1}, None]), series([None, {"a": 1}])),
    ("units", series([1], pl.Datetime("us")), series([1], pl.Datetime("ms"))),
    ("zones", series([1], pl.Datetime("us", "UTC")), series([1], pl.Datetime("us"))),
    ("moments", series([1], pl.Datetime("ns")), series([2], pl.Datetime("ns"))),
    ("times", series([1], pl.Time), series([2], pl.Time)),
    ("categories", series(["a"], pl.Categorical), series(["b"], pl.Categorical)),
    ("category is not text", series(["a"], pl.Categorical), series(["a"])),
    ("categories of enums", series(["a"], pl.Enum(["a", "b"])), series(["a"], pl.Enum(["b", "a"]))),
    (
        "many categories",
        pl.Enum([f"{i}" for i in range(99)]),
        pl.Enum([f"{i}" for i in range(98)] + ["x"]),
    ),
    ("decimals", series([decimal.Decimal("1.0")]), series([decimal.Decimal("1.00")])),
    ("wide integers", series([2**100], pl.Int128), series([2**100 + 1], pl.Int128)),
    ("objects", series([(1, 2)], pl.Object), series([(1, 3)], pl.Object)),
    ("lengths of nulls", series([None], pl.Null), series([None, None], pl.Null)),
    (
        "heights without types",
        pl.DataFrame(schema={"a": pl.Int8}),
        pl.DataFrame(schema={"a": pl.Int16}),
    ),
    ("data types", pl.Int8, pl.Int16),
    ("data types with parameters", pl.List(pl.Int8), pl.List(pl.Int16)),
]

SAME = [
    ("copies", FRAME, FRAME.clone()),
    ("chunks", pl.concat([FRAME[:1], FRAME[1:]], rechunk=False), FRAME.rechunk()),
    ("a slice and its copy", FRAME[1:], pl.DataFrame({"a": [2, 3], "b": [None, "z"]})),
    (
        "order of first appearance",
        series(["a", "b"], pl.Categorical),
        series(["b", "a"], pl.Categorical)[::-1],
    ),
    ("equal lists", series([[1], None, []]), series([[1], None, []])),
    ("equal objects", series([(1, 2)], pl.Object), series([(1, 2)], pl.Object)),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_polars_values_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_polars_values_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_an_object_without_content_is_refused():
    with pytest.raises(UnhashableParamError, match="holds a value of type object"):
        digest(series([object()], pl.Object))


KINDS = {
    pl.Int16: st.integers(-99, 99),
    pl.Float32: st.sampled_from([0.0, -0.0, 1.5, float("inf")]),
    pl.Boolean: st.booleans(),
    pl.String: st.text(max_size=3),
    pl.Datetime("ns"): st.integers(0, 99),
    pl.List(pl.String): st.lists(st.none() | st.text(max_size=2), max_size=3),
    pl.List(pl.List(pl.Int8)): st.lists(
        st.none() | st.lists(st.integers(0, 3), max_size=2), max_size=3
    ),
}


@given(st.data(), st.sampled_from(list(KINDS)))
def test_only_the_logical_content_counts(data, kind):
    one, other = (data.draw(st.lists(st.none() | KINDS[kind], max_size=6)) for _ in range(2))
    cut = data.draw(st.integers(0, len(other)))
    padded = pl.Series("s", [None, *other, None], kind)
    pieces = pl.concat(
        [padded.slice(1, cut), padded.slice(1 + cut, len(other) - cut)], rechunk=False
    )
    assert (digest(series(one, kind)) == digest(pieces)) is (repr(one) == repr(other))


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
import polars as pl
from reprise.keys import digest
frame = pl.DataFrame({"a": [1, 2], "t": ["x", None]})
assert digest(frame) == digest(frame.clone()) != digest(frame.reverse())
print("done")
"""


def test_polars_can_do_without_numpy(in_new_process):
    assert in_new_process(WITHOUT_NUMPY, "0") == "done\n"


def test_many_texts_are_one_text_wherever_they_are_joined(monkeypatch):
    values = pl.Series("s", ["", "one", "zwei \N{EURO SIGN}", "x" * 90] * 50)
    whole = digest(values)
    for piece in (1, 7, 100, 1000):
        monkeypatch.setattr("reprise.keys.types.polars._PIECE", piece)
        assert digest(values) == whole
        assert digest(values.clear()) != whole
