"""polars' lazy frames and expressions: the plan, the data in it, and the files that it reads."""

from __future__ import annotations

import io
import json
import os

import polars as pl
import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})
LAZY = FRAME.lazy()
LARGE = pl.DataFrame({"a": [0] * 9000}).lazy()
# What polars writes before a pickled function, as numbers and as a text in a frame.
LOOKS_LIKE_A_FUNCTION = pl.DataFrame({"a": [0x9504_80, 0x9505_80], "b": ["Python", "cloudpickle"]})


def middle(place):
    return pl.DataFrame({"a": [0] * place + [1] + [0] * (8999 - place)}).lazy()


def total(frame=LAZY, limit=1):
    return frame.filter(pl.col("a") > limit).group_by("b").agg(pl.col("a").sum())


DIFFER = [
    ("conditions", total(), total(limit=2)),
    ("data", total(), total(FRAME[1:].lazy())),
    ("a row in the middle", middle(4321), middle(4322)),
    ("names", LAZY, LAZY.rename({"a": "c"})),
    ("types", LAZY, LAZY.cast({"a": pl.Int8})),
    ("order of steps", LAZY.head(2).reverse(), LAZY.reverse().head(2)),
    ("lazy is not read", LAZY, FRAME),
    ("joins", LAZY.join(LAZY, on="a"), LAZY.join(LAZY, on="a", how="left")),
    ("files in memory", pl.scan_csv(io.BytesIO(b"a\n1\n")), pl.scan_csv(io.BytesIO(b"a\n2\n"))),
    ("expressions", pl.col("a") + 1, pl.col("a") + 2),
    ("expression is not its text", pl.col("a"), str(pl.col("a"))),
]

SAME = [
    ("plans made twice", total(), total()),
    ("copies", total(), total().clone()),
    ("equal data", total(), total(pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]}).lazy())),
    ("a slice of numbers", FRAME[1:, :1].lazy(), pl.DataFrame({"a": [2, 3]}).lazy()),
    ("equal expressions", pl.col("a") + 1, pl.col("a") + 1),
]

FUNCTIONS = {
    "a frame": LAZY.map_batches(json.dumps),
    "items": LAZY.select(pl.col("a").map_elements(json.dumps, return_dtype=pl.String)),
    "columns": LAZY.select(pl.col("a").map_batches(json.dumps, return_dtype=pl.String)),
    "groups": LAZY.group_by("a").map_groups(json.dumps, schema=None),
    "windows": LAZY.select(pl.col("a").rolling_map(json.dumps, 2)),
    "folding": LAZY.select(pl.fold(pl.lit(0), json.dumps, pl.all())),
    "names": LAZY.select(pl.all().name.map(json.dumps)),
    "an expression": pl.col("a").map_elements(json.dumps, return_dtype=pl.String),
}


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_plans_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_plans_share_a_key(why, one, other):
    assert digest(one) == digest(other)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_plan_that_calls_a_python_function_is_refused(name):
    # An edit of a function that can be imported would leave the plan as it is.
    with pytest.raises(UnhashableParamError, match="its plan calls Python functions"):
        digest(FUNCTIONS[name])


def test_data_that_looks_like_a_function_is_none():
    assert digest(LOOKS_LIKE_A_FUNCTION.lazy()) == digest(LOOKS_LIKE_A_FUNCTION.clone().lazy())


def test_an_object_in_the_data_is_refused():
    with pytest.raises(UnhashableParamError, match="LazyFrame"):
        digest(pl.DataFrame({"a": [object()]}).lazy())


@pytest.fixture
def table(tmp_path):
    made = tmp_path / "a.parquet"
    FRAME.write_parquet(made)
    return made


def after(table):
    """Let the file be one that was written a nanosecond later."""
    status = table.stat()
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


@pytest.mark.parametrize(
    "scan",
    [
        pl.scan_parquet,
        lambda path: pl.scan_parquet([path, path]),
        lambda path: pl.scan_parquet(path.parent),
        lambda path: pl.scan_parquet(path.parent / "*.parquet"),
        lambda path: pl.scan_parquet(f"file://{path}"),
        lambda path: pl.scan_csv([path] * 20),
        lambda path: LAZY.join(pl.scan_parquet(path), on="a"),
    ],
    ids=["file", "list", "folder", "pattern", "address", "many", "within"],
)
def test_a_file_that_changed_makes_another_key(table, scan):
    before = digest(scan(table))
    assert digest(scan(table)) == before
    after(table)
    assert digest(scan(table)) != before


def test_a_file_that_came_later_makes_another_key(table):
    plan = pl.scan_parquet(table.parent / "*.parquet")
    missing = pl.scan_parquet(table.parent / "b.parquet")
    before = digest(plan), digest(missing)
    FRAME.write_parquet(table.parent / "b.parquet")
    assert digest(plan) != before[0]
    assert digest(missing) != before[1]


def test_a_path_with_many_letters(table):
    folder = table.parent / ("ä" * 100)
    folder.mkdir()
    longer = table.rename(folder / "a.parquet")
    before = digest(pl.scan_parquet(longer))
    after(longer)
    assert digest(pl.scan_parquet(longer)) != before


@pytest.mark.parametrize("plan", [b"DSL_VERSION\x04\x00\x01\x00\x81\xa4Scan", b"\xa1dScan"])
def test_a_plan_in_a_form_that_is_not_known_is_refused(plan, monkeypatch):
    monkeypatch.setattr(pl.LazyFrame, "serialize", lambda _: plan)
    with pytest.raises(UnhashableParamError, match="plans as this version of polars writes them"):
        digest(pl.LazyFrame())


@pytest.mark.parametrize("word", [b"inner", b"Paths"])
def test_files_in_a_form_that_is_not_known_are_refused(word, table, monkeypatch):
    plan = pl.scan_parquet(table).serialize().replace(b"\xa5" + word, b"\xa5other")
    monkeypatch.setattr(pl.LazyFrame, "serialize", lambda _: plan)
    with pytest.raises(UnhashableParamError, match="which files its plan reads could not be"):
        digest(pl.LazyFrame())


def test_what_is_no_local_file_is_refused():
    with pytest.raises(UnhashableParamError, match=r"reads https://a\.b/c\.csv, which may change"):
        digest(pl.scan_csv("https://a.b/c.csv"))
