"""polars and Arrow results through the decorator: nobody's change is seen by anybody else.

And as arguments: what is remembered of unchanged memory is what its content would give.
"""

from __future__ import annotations

import gc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from reprise import cache_data
from reprise.keys import digest
from reprise.keys.types import arrays, arrow

ROWS = 600_000
"""A column of them takes more than four megabytes, which are kept in pages."""


def polars_frame():
    return pl.DataFrame({"a": np.arange(ROWS), "b": np.arange(ROWS) / 2})


def arrow_table():
    return pa.table({"a": np.arange(ROWS), "b": np.arange(ROWS) / 2})


def frame_of(columns):
    return pl.DataFrame(columns)


def table_of(columns):
    return pa.table(columns)


def keeping(make):
    """A cached function that goes on holding the memory under what it returns."""

    @cache_data(show_spinner=False)
    def load(name):
        numbers = np.arange(ROWS)
        # Kept out of sight of the fingerprint, as a module of a library could.
        vars(pytest)["_below"] = numbers
        return make({"a": numbers})

    return load


@pytest.fixture(autouse=True)
def forget():
    yield
    vars(pytest).pop("_below", None)


@pytest.fixture
def hashed(monkeypatch):
    """How many bytes of large values were hashed, under ``"bytes"``."""
    counted = Counter()

    def counting(stream):
        def count(tag, pieces):
            held = list(pieces)
            counted["bytes"] += sum(memoryview(piece).nbytes for piece in held)
            return stream(tag, held)

        return count

    monkeypatch.setattr(arrays, "stream", counting(arrays.stream))
    monkeypatch.setattr(arrow, "stream", counting(arrow.stream))
    return counted


@pytest.mark.parametrize("make", [frame_of, table_of])
def test_what_the_function_kept_can_be_written_to_without_being_seen(make):
    load = keeping(make)
    first = load("x")
    below = vars(pytest)["_below"]
    below[:] = -1
    for result in (first, load("x")):
        assert result["a"].to_numpy().tolist() == list(range(ROWS))
    below[:] = -2
    assert load("x")["a"][0] in (0, pa.scalar(0))


def test_the_first_caller_has_its_own_frame_too():
    @cache_data(show_spinner=False)
    def load():
        return polars_frame()

    first = load()
    first[0, "a"] = 99
    first.drop_in_place("b")
    second = load()
    second.extend(second.head(5))
    second.columns = ["x", "y"]
    assert_frame_equal(load(), polars_frame())


def test_results_that_are_held_outlive_clearing_and_eviction():
    @cache_data(show_spinner=False, max_entries=1)
    def load(kind):
        return polars_frame() if kind == "polars" else arrow_table()

    frame = load("polars")
    table = load("arrow")
    column = table["a"].chunk(0).to_numpy()
    load.clear()
    del table
    gc.collect()
    polluted = [np.full(ROWS, -1) for _ in range(5)]
    assert_frame_equal(frame, polars_frame())
    assert column[-1] == ROWS - 1
    assert len(polluted) == 5


def test_threads_that_change_their_frames_meet_nobody():
    @cache_data(show_spinner=False)
    def load():
        return polars_frame()

    def work(number):
        mine = load()
        mine[1, "a"] = number
        return mine["a"].head(2).to_list() == [0, number]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(64)))
    assert_frame_equal(load(), polars_frame())


@pytest.mark.parametrize("make", [polars_frame, arrow_table])
def test_what_came_out_of_the_cache_is_hashed_once(hashed, make):
    @cache_data(show_spinner=False)
    def load():
        return make()

    digests = {digest(load()) for _ in range(3)}
    assert hashed["bytes"] == 2 * 8 * ROWS
    assert digests == {digest(make())}
    assert hashed["bytes"] == 4 * 8 * ROWS


def test_a_changed_clone_is_hashed_again():
    @cache_data(show_spinner=False)
    def load():
        return polars_frame()

    known = digest(load())
    mine = load()
    mine[5, "a"] = 99
    fresh = polars_frame()
    fresh[5, "a"] = 99
    assert digest(mine) == digest(fresh) != known
    assert digest(load()) == known


def test_a_frame_whose_entry_is_gone_may_be_changed_in_place():
    @cache_data(show_spinner=False)
    def load():
        return polars_frame()["a"]

    mine = load()
    known = digest(mine)
    load.clear()
    gc.collect()
    mine[0] = 99
    fresh = polars_frame()["a"]
    assert known == digest(fresh)
    fresh[0] = 99
    assert digest(mine) == digest(fresh)


POLARS_VIEWS = {
    "whole": lambda f: f,
    "sliced": lambda f: f.slice(1),
    "head": lambda f: f.head(ROWS - 1),
    "reversed": lambda f: f.reverse(),
    "column": lambda f: f["a"],
    "moments": lambda f: f["a"].cast(pl.Datetime("us")),
    "durations": lambda f: f["a"].cast(pl.Duration("ns")),
    "unsigned": lambda f: f["a"].reinterpret(signed=False),
    "renamed": lambda f: f["a"].alias("z"),
    "other order": lambda f: f.select("b", "a"),
    "missing": lambda f: f["a"].replace(7, None),
    "missing, same values": lambda f: f.select(pl.when(pl.col("a") != 7).then("a")),
    "chunks": lambda f: pl.concat([f.head(9), f.slice(9)], rechunk=False),
    "twice": lambda f: pl.concat([f, f], rechunk=False),
    "numpy": lambda f: f["a"].to_numpy(),
    "numpy, other type": lambda f: f["a"].to_numpy().view("f8"),
    "numpy, every second": lambda f: f["a"].to_numpy()[::2],
    "numpy, a byte on": lambda f: f["a"].to_numpy().view("u1")[1:],
    "arrow": lambda f: f.to_arrow(),
}


def bits(items):
    """A bitmap in which every third is missing, and one in which every fourth is."""
    return [pa.array(np.arange(items) % step != 0).buffers()[1] for step in (3, 4)]


def with_bitmap(table, which):
    column = table["a"].chunk(0)
    below = [bits(len(column))[which], column.buffers()[1]]
    return pa.Array.from_buffers(pa.int64(), len(column), below)


def recast(table, kind, offset=0, items=ROWS - 8):
    below = table["a"].chunk(0).buffers()
    return pa.Array.from_buffers(kind, items, below, offset=offset)


ARROW_VIEWS = {
    "whole": lambda t: t,
    "sliced": lambda t: t.slice(1),
    "head": lambda t: t.slice(0, ROWS - 1),
    "column": lambda t: t["a"],
    "array": lambda t: t["a"].chunk(0),
    "moments": lambda t: t["a"].cast(pa.timestamp("us")),
    "float": lambda t: recast(t, pa.float64()),
    "narrow": lambda t: recast(t, pa.int32()),
    "narrow, shifted": lambda t: recast(t, pa.int32(), 1),
    "shifted": lambda t: recast(t, pa.int64(), 3),
    "bits": lambda t: recast(t, pa.bool_()),
    "a byte on": lambda t: pa.Array.from_buffers(
        pa.uint8(), ROWS, [None, t["a"].chunk(0).buffers()[1].slice(1)]
    ),
    "missing": lambda t: with_bitmap(t, 0),
    "missing elsewhere": lambda t: with_bitmap(t, 1),
    "chunks": lambda t: pa.chunked_array([t["a"].chunk(0)[:9], t["a"].chunk(0)[9:]]),
    "chunks, other way": lambda t: pa.chunked_array([t["a"].chunk(0)[9:], t["a"].chunk(0)[:9]]),
    "twice": lambda t: pa.concat_tables([t, t]),
    "list": lambda t: pa.FixedSizeListArray.from_arrays(t["a"].chunk(0), 2),
    "polars": pl.from_arrow,
    "numpy": lambda t: t["a"].chunk(0).to_numpy(),
}


@pytest.mark.parametrize(
    ("make", "views"), [(polars_frame, POLARS_VIEWS), (arrow_table, ARROW_VIEWS)]
)
def test_every_view_of_known_memory_has_the_digest_of_its_content(make, views):
    @cache_data(show_spinner=False)
    def load():
        return make()

    apart = make()
    expected = {name: digest(view(apart)) for name, view in views.items()}
    for _ in range(2):
        found = {name: digest(view(load())) for name, view in views.items()}
        assert found == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("changed", [0, 17, 599_999])
def test_texts_and_missing_values_in_known_memory(kind, changed):
    def texts(number, value):
        values = [None if at % 7 == 3 else f"text {at % 100}" for at in range(ROWS)]
        values[number] = value
        return pa.chunked_array([values[:200_000], values[200_000:]], kind)

    @cache_data(show_spinner=False)
    def load(number, value):
        return texts(number, value)

    changes = [(changed, "one"), (changed, "two"), (changed, None)]
    expected = [digest(texts(*change)) for change in changes]
    assert len(set(expected)) == 3
    for _ in range(2):
        assert [digest(load(*change)) for change in changes] == expected


def test_memory_that_is_used_again_is_no_longer_known():
    @cache_data(show_spinner=False)
    def load(number):
        return pa.array(np.full(ROWS, number))

    seen = set()
    for number in range(8):
        found = digest(load(number))
        assert found == digest(pa.array(np.full(ROWS, number)))
        seen.add(found)
        load.clear()
        gc.collect()
    assert len(seen) == 8
