"""Views of known memory: each has a digest of its own, and none is taken for another."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from reprise.keys import digest

ITEMS = 1 << 20


def test_unchanged_memory_is_hashed_once_whoever_holds_it(snapshot, array, hashed, is_right):
    assert digest(array) == digest(array) == digest(snapshot.restore())
    assert not hashed
    assert is_right(array)
    assert hashed["bytes"] == array.nbytes


def test_what_did_not_come_from_the_cache_is_hashed_each_time(hashed):
    array = np.arange(ITEMS, dtype=np.float64)
    for _ in range(2):
        digest(array)
    assert hashed["bytes"] == 2 * array.nbytes


VIEWS = [
    lambda a: a[1:],
    lambda a: a[:-1],
    lambda a: a[100_000:600_000],
    lambda a: a[::2],
    lambda a: a[1::2],
    lambda a: a[::-1],
    lambda a: a[-2::-3],
    lambda a: a.view(np.int64),
    lambda a: a.view("M8[ns]"),
    lambda a: a.view("M8[s]"),
    lambda a: a.view("m8[us]"),
    lambda a: a.view(">f8"),
    lambda a: a.view("f4"),
    lambda a: a.view("c16"),
    lambda a: a.view("S8"),
    lambda a: a.view("V8"),
    lambda a: a.view("V16"),
    lambda a: a.view("?"),
    lambda a: a.view("u2"),
    lambda a: a.view(np.longdouble),
    lambda a: a.view(np.clongdouble),
    lambda a: a.view(np.longdouble)[::-1],
    lambda a: a.view([("x", "i4"), ("y", "f4")]),
    lambda a: a.view([("y", "i4"), ("x", "f4")]),
    lambda a: a.view([("x", "i4"), ("y", "f4")])["y"],
    lambda a: a.view({"names": ["x"], "formats": ["i2"], "offsets": [3], "itemsize": 8}),
    lambda a: a.view([("x", "(2,)f4")]),
    lambda a: a.reshape(1024, 1024),
    lambda a: a.reshape(1024, 1024).T,
    lambda a: a.reshape(512, 2048).T,
    lambda a: a.reshape(1024, 1024)[:, 1:],
    lambda a: a.reshape(1024, 1024)[::-1, ::-1],
    lambda a: a.reshape(1024, 1024).T[::-1],
    lambda a: a.reshape(64, 128, 128).transpose(1, 0, 2),
    lambda a: a.reshape(64, 128, 128).transpose(2, 0, 1),
    lambda a: a.reshape(1, -1),
    lambda a: np.lib.stride_tricks.as_strided(a, (1000, 1000), (8, 8)),
    lambda a: np.lib.stride_tricks.as_strided(a, (1000, 1000), (16, 8)),
    lambda a: np.lib.stride_tricks.sliding_window_view(a[:20_000], 3),
    lambda a: np.broadcast_to(a[:1000], (100, 1000)),
    lambda a: np.broadcast_to(a[:1000, None], (1000, 100)),
    lambda a: a[:0],
    lambda a: a[3:3].reshape(0, 5),
    lambda a: a[7:8].reshape(()),
    lambda a: np.ma.masked_array(a, a > 100),
    np.ma.masked_array,
    lambda a: a.view(np.recarray),
    lambda a: pd.Series(a, copy=False),
    lambda a: pd.DataFrame(a.reshape(-1, 4), copy=False),
    lambda a: pd.DataFrame(a.reshape(4, -1).T, copy=False),
    lambda a: pd.Index(a, copy=False),
    lambda a: pd.Series(a.view("M8[ns]"), copy=False).dt.tz_localize("UTC"),
]


@pytest.mark.parametrize("first", [0, 1, 2])
def test_each_view_of_known_memory_has_the_digest_of_its_copy(array, first):
    """In three orders, so that each is made from what others left behind."""
    views = [make(array) for make in VIEWS]
    wanted = [digest(copy.deepcopy(view)) for view in views]
    ordered = list(range(len(views)))
    for at in (ordered, ordered[::-1], ordered[::2] + ordered[1::2])[first] * 2:
        assert digest(views[at]) == wanted[at]


def test_views_in_one_form_are_known_by_where_they_lie(array, hashed):
    halves = array[: ITEMS // 2], array[ITEMS // 2 :]
    first = [digest(half) for half in halves]
    assert first == [digest(half) for half in halves]
    assert first[0] != first[1]
    assert hashed["bytes"] == array.nbytes


def test_other_types_of_the_same_bytes_share_the_hash_and_not_the_digest(array, hashed):
    assert digest(array.view("i8")) != digest(array)
    assert digest(array.reshape(2, -1)) != digest(array)
    assert not hashed


COLUMNS = {
    "numbers": lambda: np.arange(ITEMS, dtype=np.float64),
    "moments": lambda: np.arange(ITEMS).view("M8[ns]"),
    "moments in a zone": lambda: pd.Series(np.arange(ITEMS).view("M8[ns]")).dt.tz_localize("UTC"),
    "spans": lambda: np.arange(ITEMS).view("m8[s]"),
    "periods": lambda: pd.period_range("2000-01-01", periods=ITEMS, freq="s"),
    "categories": lambda: pd.Categorical.from_codes(np.arange(ITEMS) % 3, ["x", "y", "z"]),
    "many categories": lambda: pd.Categorical.from_codes(np.arange(ITEMS) % 300, range(300)),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_each_type_are_known(kept, hashed, name, is_right):
    # In a list, which is not adopted but kept in pages.
    snapshot = kept([pd.DataFrame({"a": COLUMNS[name](), "b": COLUMNS["numbers"]()})])
    (frame,) = snapshot.restore()
    first = digest(frame)
    hashed.clear()
    assert digest(frame) == digest(snapshot.restore()[0]) == first
    assert hashed["bytes"] < 64 * 1024
    assert is_right(frame)
    frame.iloc[:5] = frame.iloc[5:10].to_numpy()
    assert digest(frame) != first
    assert is_right(frame)


def test_an_index_of_several_levels_is_known(kept, hashed, is_right):
    index = pd.MultiIndex.from_product([range(2048), range(512)])
    snapshot = kept([pd.Series(np.arange(ITEMS), index=index)])
    first = digest(snapshot.restore()[0])
    hashed.clear()
    assert digest(snapshot.restore()[0]) == first
    assert hashed["bytes"] < 64 * 1024
    assert is_right(snapshot.restore()[0])


def test_missing_numbers_are_right_though_not_known(kept, is_right):
    values = pd.array(np.arange(ITEMS), dtype="Int64")
    values[5] = None
    snapshot = kept([pd.DataFrame({"a": values})])
    assert is_right(snapshot.restore()[0])
    (frame,) = snapshot.restore()
    frame.loc[6, "a"] = None
    assert is_right(frame)
    assert digest(frame) != digest(snapshot.restore()[0])
