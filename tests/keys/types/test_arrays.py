"""numpy: type, shape and all of the content; memory layout does not count."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.errors import UnhashableParamError
from reprise.keys import digest

GRID = np.arange(12.0).reshape(3, 4)
PADDED = np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8], "itemsize": 16})


def changed(array, place, value):
    made = array.copy()
    made[place] = value
    return made


def with_padding(fill):
    raw = np.full(32, fill, np.uint8)
    made = raw.view(PADDED)
    made["a"], made["b"] = [1, 2], [3.0, 4.0]
    return made


def masked(data, mask, **options):
    return np.ma.MaskedArray(np.array(data), mask, **options)


def objects(*items):
    made = np.empty(len(items), object)
    made[:] = items
    return made


def drawn(seed, times):
    made = np.random.default_rng(seed)
    made.random(times)
    return made


NAN = float("nan")
FIELDS = np.dtype([("a", "i1"), ("b", "f8")], align=True)


def fields_under_mask(shown, hidden):
    return np.ma.array([(shown, hidden)], mask=[(False, True)], dtype="i4,f8")


def texts(*items, missing):
    return np.array(items, np.dtypes.StringDType(na_object=missing))


def nested(item):
    made = np.zeros(2, [("a", "i1", (2,)), ("b", [("c", "f8"), ("d", "O")])])
    made["b"]["d"][1] = item
    return made


DIFFER = [
    ("array is not list", np.array([1, 2]), [1, 2]),
    ("dtype", np.array([1], "i4"), np.array([1], "i8")),
    ("sign", np.array([1], "i8"), np.array([1], "u8")),
    ("float is not int of the same bytes", np.array([1.0]), np.array([1.0]).view("i8")),
    ("byte order", np.array([1], "<i4"), np.array([1], ">i4")),
    ("shape", np.zeros((2, 8)), np.zeros((4, 4))),
    ("empty shapes", np.zeros((0, 3)), np.zeros((3, 0))),
    ("a number is not an array of one", np.array(1.0), np.array([1.0])),
    ("transposed", GRID, GRID.T),
    ("order of the content", GRID, np.asfortranarray(GRID.T).reshape(3, 4)),
    ("one item far inside", np.zeros(1_000_000), changed(np.zeros(1_000_000), 654_321, 1e-9)),
    (
        "one item far inside, strided",
        np.zeros((3, 400_000)).T,
        changed(np.zeros((3, 400_000)), (2, 399_999), 1).T,
    ),
    ("zero has a sign", np.array([0.0]), np.array([-0.0])),
    ("unit of time", np.array([1], "M8[s]"), np.array([1], "M8[ms]")),
    ("moment is not duration", np.array([1], "M8[s]"), np.array([1], "m8[s]")),
    ("missing moment", np.array(["NaT"], "M8[s]"), np.array([0], "M8[s]")),
    ("width of texts", np.array(["a"], "U1"), np.array(["a"], "U2")),
    ("text is not bytes", np.array(["a"]), np.array([b"a"])),
    ("fields", np.zeros(1, [("a", "i4")]), np.zeros(1, [("b", "i4")])),
    ("content of fields", np.array([(1, 2.0)], "i4,f8"), np.array([(1, 3.0)], "i4,f8")),
    ("offsets of fields", np.zeros(1, PADDED), np.zeros(1, "i1,f8")),
    ("objects", objects(1, "a"), objects(1, "b")),
    ("types of objects", objects(1), objects(True)),
    ("objects are not numbers", objects(1, 2), np.array([1, 2])),
    ("shapes of objects", objects(1, 2, 3, 4), objects(1, 2, 3, 4).reshape(2, 2)),
    ("masked is not plain", masked([1, 2], False), np.array([1, 2])),
    ("what is masked", masked([1, 2], [True, False]), masked([1, 2], [False, True])),
    ("fill value", masked([1], True, fill_value=1), masked([1], True, fill_value=2)),
    ("scalar is not Python's", np.float64(1), 1.0),
    ("scalar is not an array", np.float64(1), np.array(1.0)),
    ("scalars by type", np.float64(1), np.float32(1)),
    ("bool scalar", np.bool_(True), True),
    ("text scalar", np.str_("a"), "a"),
    ("moments", np.datetime64(1, "s"), np.datetime64(1000, "ms")),
    ("characters are not an array", np.char.array(["a"]), np.array(["a"])),
    ("records are not fields", np.zeros(1, "i4,f8").view(np.recarray), np.zeros(1, "i4,f8")),
    ("dtypes", np.dtype("i4"), np.dtype("f4")),
    ("ufuncs", np.add, np.subtract),
    ("functions", np.mean, np.median),
    ("what would be drawn next", drawn(1, 0), drawn(1, 1)),
    ("legacy generators", np.random.RandomState(1), np.random.RandomState(2)),
    ("bit generators", np.random.PCG64(1), np.random.PCG64(2)),
    ("kinds of bit generators", np.random.PCG64(1), np.random.MT19937(1)),
    ("complex", np.array([1 + 2j]), np.array([2 + 1j])),
    ("titles of fields", np.dtype([(("t", "a"), "i4")]), np.dtype([("a", "i4")])),
    ("metadata", np.dtype("i4", metadata={"a": 1}), np.dtype("i4", metadata={"a": 2})),
    ("metadata or none", np.dtype("i4"), np.dtype("i4", metadata={"a": 2})),
    ("metadata of fields", FIELDS, np.dtype(FIELDS, metadata={"a": 1})),
    ("business days", np.busdaycalendar("1111100"), np.busdaycalendar("1111000")),
    ("holidays", np.busdaycalendar(), np.busdaycalendar(holidays=["2024-01-01"])),
    ("hard masks", masked([1], True), masked([1], True, hard_mask=True)),
    ("nothing but masked", np.ma.masked, np.ma.array(0.0)),
    ("fields under a mask", fields_under_mask(1, 1.0), fields_under_mask(2, 1.0)),
    (
        "missing is not a text",
        texts("a", float("nan"), missing=NAN),
        texts("a", "nan", missing=NAN),
    ),
    ("which value is missing", texts("a", missing=NAN), texts("a", missing=None)),
    ("objects in fields", nested("a"), nested("b")),
    ("units of moments", np.dtype("M8[2s]"), np.dtype("M8[s]")),
    ("missing moments by unit", np.datetime64("NaT"), np.datetime64("NaT", "s")),
    ("raw bytes", np.void(b"ab"), np.void(b"ac")),
    ("seeds", np.random.SeedSequence(1), np.random.SeedSequence(2)),
    ("functions made of others", np.vectorize(lambda x: x + 1), np.vectorize(lambda x: x + 2)),
    ("polynomials", np.polynomial.Polynomial([1, 2]), np.polynomial.Polynomial([1, 3])),
    ("matrix is not array", np.array([[1]]).view(np.matrix), np.array([[1]])),
    ("NaNs of two signs in arrays", np.array([np.nan]), -np.array([np.nan])),
    ("long doubles", np.array([1], "g"), np.array([2], "g")),
]

SAME = [
    ("C and Fortran order", GRID, np.asfortranarray(GRID)),
    ("strides", GRID, np.repeat(GRID, 2, axis=1)[:, ::2]),
    ("negative strides", GRID, GRID[::-1].copy()[::-1]),
    ("a view of something larger", GRID[1:], GRID[1:].copy()),
    ("read-only", GRID, np.frombuffer(GRID.tobytes()).reshape(3, 4)),
    ("broadcast", np.broadcast_to(1.0, (3, 4)), np.ones((3, 4))),
    (
        "large and strided",
        np.arange(3e6).reshape(1000, 3000).T,
        np.ascontiguousarray(np.arange(3e6).reshape(1000, 3000).T),
    ),
    (
        "one long row",
        np.broadcast_to(np.arange(2e6), (2, 2_000_000)),
        np.tile(np.arange(2e6), (2, 1)),
    ),
    ("types of one width under two names", np.array([1], np.intc), np.array([1], "i4")),
    ("what lies between fields", with_padding(0), with_padding(255)),
    ("what lies under a mask", masked([1, 2], [True, False]), masked([9, 2], [True, False])),
    ("fields under a mask", fields_under_mask(1, 1.0), fields_under_mask(1, 2.0)),
    ("objects under a mask", masked([1, "a"], [True, False]), masked([2, "a"], [True, False])),
    ("NaNs of two signs", np.nan, -np.nan),
    (
        "texts apart in memory",
        texts("a", "b", "c", missing=None)[::2],
        texts("a", "c", missing=None),
    ),
    ("missing texts", texts("a", NAN, missing=NAN), texts("a", float("nan"), missing=NAN)),
    ("objects in fields", nested("a"), nested("a")),
    ("equal metadata", np.dtype(FIELDS, metadata={"a": 1}), np.dtype(FIELDS, metadata={"a": 1})),
    ("equal holidays", *[np.busdaycalendar(holidays=["2024-01-01"]) for _ in range(2)]),
    ("equal objects", objects("a", (1, 2)), objects("a", (1, 2))),
    (
        "objects in two orders",
        objects(1, 2, 3, 4).reshape(2, 2).T.copy("F"),
        objects(1, 2, 3, 4).reshape(2, 2).T.copy("C"),
    ),
    ("a column of fields", np.zeros(3, PADDED)["b"], np.zeros(3)),
    ("equal generators", drawn(1, 5), drawn(1, 5)),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_arrays_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)
    assert digest([one]) != digest([other])


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_arrays_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_a_memory_map_counts_by_content(tmp_path):
    def mapped(name, fill):
        made = np.memmap(tmp_path / name, "f8", "w+", shape=(3,))
        made[:] = fill
        return made

    assert digest(mapped("a", 1)) == digest(mapped("b", 1))
    assert digest(mapped("a", 1)) != digest(mapped("c", 2))


def test_padding_of_long_doubles_does_not_count():
    raw = np.arange(32, dtype=np.uint8)
    first, second = raw.copy(), raw.copy()
    numbers = [part.view("g") for part in (first, second)]
    if np.finfo("g").nmant != 63:
        pytest.skip("long doubles have no padding here")
    for number in numbers:
        number[:] = [1, 2]
    second[12] ^= 255
    assert digest(numbers[0]) == digest(numbers[1])


def test_texts_of_any_length():
    kind = np.dtypes.StringDType()
    one, other = (np.array(["a", text * 50], kind) for text in ("b", "c"))
    assert digest(one) == digest(one.copy())
    assert digest(one) != digest(other)


def test_an_object_array_with_something_without_content_is_refused():
    with pytest.raises(UnhashableParamError, match="holds a value of type object"):
        digest(objects(1, object()))


def test_an_array_in_itself():
    def looped(value):
        made = objects(None, value)
        made[0] = made
        return made

    assert digest(looped(1)) == digest(looped(1))
    assert digest(looped(1)) != digest(looped(2))


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple),
    st.permutations(range(4)),
    st.sampled_from(["u1", "i4", "f8", "c16", "M8[s]", "S3", "i1,f8", "O"]),
)
def test_only_the_logical_content_counts(shape, order, dtype):
    content = np.arange(functools.reduce(lambda a, b: a * b, shape, 1)) % 100
    one = content.astype("u1").astype(dtype).reshape(shape)
    axes = [axis for axis in order if axis < len(shape)]
    back = np.argsort(axes)
    other = np.ascontiguousarray(one.transpose(axes)).transpose(back)
    assert digest(one) == digest(other)
