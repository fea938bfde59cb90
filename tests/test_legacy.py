"""Which decorator is recommended for what a function with the old decorator returned."""

from __future__ import annotations

import array
import asyncio
import concurrent.futures
import datetime
import io
import multiprocessing
import queue
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reprise import legacy
from reprise.legacy import hint, recommend


class Point(NamedTuple):
    x: int
    y: int


class OwnFrame(pd.DataFrame):
    pass


class Plain:
    pass


class Unpicklable:
    def __reduce__(self):
        raise RuntimeError("not this one")


def of_package(qualified_name: str) -> object:
    """An object whose class claims to be one of a package that may not be installed here."""
    module, _, name = qualified_name.rpartition(".")
    base = type(name, (), {"__module__": module})
    return type("Mine", (base,), {})()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "plain data"),
        (7, "plain data"),
        (True, "plain data"),
        ("text", "plain data"),
        (b"bytes", "plain data"),
        (datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), "plain data"),
        (Path("x"), "plain data"),
        (np.float64(1), "plain data"),
        (io.BytesIO(b"a picture, say"), "plain data"),
        ([1, 2], "container of data"),
        ({"a": [1]}, "container of data"),
        (Point(1, 2), "container of data"),
        ({1, 2}, "container of data"),
        ([pd.DataFrame({"a": [1]}), np.zeros(3)], "container of data"),
        (pd.DataFrame({"a": [1]}), "table"),
        (pd.Series([1]), "table"),
        (OwnFrame({"a": [1]}), "table"),
        (pl.DataFrame({"a": [1]}), "table"),
        (pa.table({"a": [1]}), "table"),
        (np.zeros(3), "array"),
        (array.array("d", [1.0]), "array"),
        (of_package("torch._tensor.Tensor"), "array"),
        (of_package("PIL.Image.Image"), "image"),
        (Plain(), "can be pickled"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_data_goes_to_cache_data(value, words):
    found = recommend(value)
    assert (found.decorator, found.advice) == ("cache_data", "")
    assert words in found.reason


@pytest.mark.parametrize(
    "value",
    [
        iter([1]),
        (n for n in [1]),
        map(str, [1]),
        zip([1], [2], strict=True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_iterator_should_become_a_list(value):
    found = recommend(value)
    assert found.decorator == "cache_data"
    assert "list" in found.advice


@pytest.mark.parametrize(
    "make",
    [
        lambda: pl.DataFrame({"a": [1]}).lazy(),
        lambda: sqlite3.connect(":memory:").cursor(),
        lambda: of_package("pyspark.sql.dataframe.DataFrame"),
        lambda: of_package("dask.dataframe.core.DataFrame"),
        lambda: of_package("duckdb.DuckDBPyRelation"),
    ],
)
def test_a_query_should_become_its_result(make):
    found = recommend(make())
    assert found.decorator == "cache_data"
    assert "result" in found.advice


def put_away(value: object) -> None:
    """Close what would otherwise be reported as left open."""
    if isinstance(value, subprocess.Popen):
        value.wait(30)
    elif isinstance(value, dict):
        for part in value["database"]:
            part.close()
    elif isinstance(value, concurrent.futures.Executor):
        value.shutdown()
    elif hasattr(value, "close") and not isinstance(value, multiprocessing.Process):
        value.close()


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        (lambda: sqlite3.connect(":memory:"), "connection"),
        (socket.socket, "connection"),
        (lambda: of_package("psycopg.connection.BaseConnection"), "connection"),
        (lambda: of_package("pymysql.connections.Connection"), "connection"),
        (lambda: of_package("sqlalchemy.engine.base.Engine"), "connection"),
        (lambda: of_package("sqlalchemy.orm.session.Session"), "connection"),
        (lambda: of_package("torch.nn.modules.module.Module"), "model"),
        (lambda: of_package("keras.src.models.model.Model"), "model"),
        (lambda: of_package("sklearn.base.BaseEstimator"), "model"),
        (lambda: of_package("transformers.pipelines.base.Pipeline"), "model"),
        (tempfile.NamedTemporaryFile, "open file"),
        (tempfile.TemporaryFile, "open file"),
        (lambda: io.FileIO(sys.executable), "open file"),
        (threading.Lock, "lock"),
        (threading.RLock, "lock"),
        (threading.Condition, "lock"),
        (lambda: threading.Thread(target=print), "thread"),
        (queue.Queue, "queue"),
        (queue.SimpleQueue, "queue"),
        (concurrent.futures.ThreadPoolExecutor, "pool"),
        (lambda: subprocess.Popen([sys.executable, "-c", ""]), "process"),
        (lambda: multiprocessing.Process(target=print), "process"),
        (asyncio.new_event_loop, "event loop"),
        (lambda: io, "cannot be pickled"),
        (lambda: lambda: None, "cannot be pickled"),
        (Unpicklable, "RuntimeError: not this one"),
        (lambda: {"database": [sqlite3.connect(":memory:")]}, "holds a sqlite3.Connection"),
        (lambda: ("tokenizer", of_package("torch.Module")), "model"),
        (lambda: [[[lambda: None]]], "cannot be pickled"),
    ],
)
def test_what_cannot_be_copied_goes_to_cache_resource(factory, words):
    value = factory()
    found = recommend(value)
    put_away(value)
    assert found.decorator == "cache_resource"
    assert words in found.reason


def test_nothing_is_imported_to_recognise_a_type():
    program = (
        "import sys\n"
        "from reprise.legacy import recommend\n"
        "before = set(sys.modules)\n"
        "for value in (1, [object()], sys, lambda: None): recommend(value)\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(done.stdout.split()) <= sys.stdlib_module_names


def test_a_huge_value_is_not_pickled_to_the_end():
    class Counted:
        pickled = 0

        def __reduce__(self):
            Counted.pickled += 1
            return bytes, (Counted.pickled.to_bytes(1_000, "big"),)

    assert recommend([Counted() for _ in range(100_000)]).decorator == "cache_data"
    assert 1_000 <= Counted.pickled < 5_000


def test_large_buffers_are_not_copied(monkeypatch):
    monkeypatch.setattr(legacy, "_TRIED", 10_000)
    array = np.zeros(1_000_000)
    assert recommend({"a": array, "b": Unpicklable}).decorator == "cache_data"
    assert recommend({"a": array, "b": Unpicklable()}).decorator == "cache_resource"


def test_containers_that_hold_themselves_are_looked_through():
    loop: list[object] = []
    loop.append(loop)
    assert recommend(loop).decorator == "cache_data"


def test_the_hint_shows_the_lines_to_write():
    def load_it(path): ...

    text = hint(load_it, pd.DataFrame({"a": [1]}))
    assert text.startswith("reprise.cache is deprecated. ")
    assert "load_it returned a pandas.DataFrame. It is a table" in text
    assert text.endswith("\n\n    @reprise.cache_data\n    def load_it(...):")


def test_the_hint_knows_coroutine_functions_and_nameless_ones():
    async def connect(): ...

    assert hint(connect, threading.Lock()).endswith(
        "    @reprise.cache_resource\n    async def connect(...):"
    )
    assert hint(lambda: 1, 1).endswith("    @reprise.cache_data")


def test_the_hint_tells_what_else_should_change():
    def load(): ...

    assert "Also, let it return a list. Write instead" in hint(load, iter([1]))


def test_the_hint_has_the_right_article():
    def load(): ...

    assert "returned an int." in hint(load, 1)
    assert "returned None." in hint(load, None)
