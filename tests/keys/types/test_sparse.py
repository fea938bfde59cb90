"""scipy.sparse: class, shape, type and stored entries; how they are laid out does not count."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.keys import digest

sparse = pytest.importorskip("scipy.sparse")

FORMATS = ["bsr", "coo", "csc", "csr", "dia", "dok", "lil"]
GRID = np.array([[0, 1, 0, 2], [3, 0, 0, 0], [0, 0, 4, 5], [6, 7, 0, 0]])


def array(name, content=GRID, kind=None):
    return getattr(sparse, f"{name}_array")(np.asarray(content, kind))


def changed(name):
    content = GRID.copy()
    content[2, 2] = 9
    return array(name, content)


def rows(indices, data=(1, 2), pointers=(0, 2), width="i4", shape=(1, 4)):
    return sparse.csr_array(
        (np.array(data), np.array(indices, width), np.array(pointers, width)), shape=shape
    )


def places(*entries, shape=(3, 3)):
    row, column, data = zip(*entries, strict=True)
    return sparse.coo_array((data, (row, column)), shape=shape)


def diagonals(data, offsets, shape=(3, 3)):
    return sparse.dia_array((np.array(data), offsets), shape=shape)


def roomy(spare):
    made = rows([1, 3])
    made.indices, made.data = np.array([1, 3, spare], "i4"), np.array([1, 2, spare])
    return made


def filled(*items):
    made = sparse.dok_array((2, 2))
    for place, item in items:
        made[place] = item
    return made


def looked_at(value):
    value.has_canonical_format  # leaves a note on the array
    value.has_sorted_indices
    return value


class Weighted(sparse.csr_array):
    pass


def weighted(weight):
    made = Weighted(GRID)
    made.weight = weight
    return made


DIFFER = [
    *[(f"an entry in the middle, {name}", array(name), changed(name)) for name in FORMATS],
    *[(f"types, {name}", array(name, kind="i4"), array(name, kind="f4")) for name in FORMATS],
    ("formats", array("csr"), array("csc")),
    ("array is not matrix", array("csr"), sparse.csr_matrix(GRID)),
    ("sparse is not dense", array("csr"), GRID),
    ("shapes", sparse.csr_array((2, 8)), sparse.csr_array((4, 4))),
    ("shapes, dia", diagonals([[1, 2, 3]], [0], (3, 3)), diagonals([[1, 2, 3]], [0], (4, 3))),
    ("columns", rows([0, 1]), rows([0, 2])),
    (
        "rows",
        rows([0, 1], shape=(2, 4), pointers=(0, 1, 2)),
        rows([0, 1], shape=(2, 4), pointers=(0, 2, 2)),
    ),
    ("a stored zero", rows([0, 1], (1, 0)), rows([0], (1,), (0, 1))),
    ("two entries for one place", places((0, 0, 1), (0, 0, 1)), places((0, 0, 2))),
    ("blocks", sparse.bsr_array(GRID, blocksize=(2, 2)), sparse.bsr_array(GRID, blocksize=(1, 1))),
    ("dimensions", sparse.coo_array([1, 2]), sparse.coo_array([[1, 2]])),
    ("attributes of a subclass", weighted(1), weighted(2)),
    ("a subclass", weighted(1), array("csr")),
    ("offsets of diagonals", diagonals([[1, 2, 3]], [0]), diagonals([[1, 2, 3]], [1])),
    (
        "long diagonals",
        diagonals([[1, 2, 3, 4]], [1], (9, 9)),
        diagonals([[1, 2, 3, 5]], [1], (9, 9)),
    ),
]

SAME = [
    *[(f"copies, {name}", array(name), array(name).copy()) for name in FORMATS],
    *[
        (f"by way of rows, {name}", array(name), array("csr").asformat(name))
        for name in FORMATS
        if name != "bsr"
    ],
    ("order of entries in a row", rows([0, 3]), rows([3, 0], (2, 1))),
    ("order of entries", places((0, 1, 5), (2, 0, 6)), places((2, 0, 6), (0, 1, 5))),
    (
        "order of two entries for one place",
        places((0, 0, 1), (1, 1, 3)),
        places((1, 1, 3), (0, 0, 1)),
    ),
    ("width of indices", rows([0, 3]), rows([0, 3], width="i8")),
    ("room behind the last entry", roomy(7), rows([1, 3])),
    ("what was noted about it", looked_at(rows([3, 0])), rows([3, 0])),
    (
        "order of diagonals",
        diagonals([[1, 2, 3], [4, 5, 6]], [0, 1]),
        diagonals([[4, 5, 6], [1, 2, 3]], [1, 0]),
    ),
    ("outside the shape", diagonals([[9, 2, 3]], [1]), diagonals([[8, 2, 3]], [1])),
    ("order of keys", filled(((0, 1), 2), ((1, 0), 3)), filled(((1, 0), 3), ((0, 1), 2))),
    ("kinds of keys", filled(((0, 1), 2)), filled(((np.int32(0), np.int64(1)), 2))),
    ("equal subclasses", weighted(1), weighted(1)),
    ("no entries", sparse.csr_array((2, 2)), sparse.csr_array(np.zeros((2, 2)))),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_sparse_arrays_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_sparse_arrays_share_a_key(why, one, other):
    assert digest(one) == digest(other)


@pytest.mark.parametrize("name", FORMATS)
def test_digesting_leaves_an_array_as_it_was(name):
    value = rows([3, 0]) if name == "csr" else array(name)
    before = copy.deepcopy(vars(value))
    digest(value)
    assert str(vars(value)) == str(before)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(1, 9)), max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from(["coo", "csr", "csc", "lil", "dok"]),
)
def test_the_order_of_entries_never_counts(entries, random, name):
    entries = list({entry[:2]: entry for entry in entries}.values())
    mixed = random.sample(entries, len(entries))
    one, other = (
        sparse.coo_array(
            (np.array([e[2] for e in part], "i8"), ([e[0] for e in part], [e[1] for e in part])),
            shape=(4, 5),
        ).asformat(name)
        for part in (entries, mixed)
    )
    assert digest(one) == digest(other)
    if entries:
        assert digest(one * 2) != digest(other)
