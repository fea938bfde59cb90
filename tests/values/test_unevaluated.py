from __future__ import annotations

import sqlite3

import polars as pl
import pytest

from reprise.errors import UnevaluatedDataFrameError
from reprise.values.unevaluated import query_kind


def pretend(name: str) -> object:
    """An instance of a class that is called as one of a library that is not installed here."""
    module, _, qualname = name.rpartition(".")
    return type(qualname, (), {"__module__": module})()


@pytest.mark.parametrize(
    ("name", "evaluate"),
    [
        ("dask.base.DaskMethodsMixin", ".compute()"),
        ("dask.delayed.Delayed", ".compute()"),
        ("pyspark.sql.dataframe.DataFrame", ".toPandas()"),
        ("pyspark.sql.connect.dataframe.DataFrame", ".toPandas()"),
        ("snowflake.snowpark.dataframe.DataFrame", ".to_pandas()"),
        ("snowflake.snowpark.table.Table", ".to_pandas()"),
        ("ibis.expr.types.core.Expr", ".to_pandas()"),
        ("duckdb.duckdb.DuckDBPyRelation", ".df()"),
        ("_duckdb.DuckDBPyRelation", ".df()"),
        ("psycopg.Cursor", ".fetchall()"),
        ("psycopg2.extensions.cursor", ".fetchall()"),
        ("pymysql.cursors.Cursor", ".fetchall()"),
        ("mysql.connector.cursor.MySQLCursor", ".fetchall()"),
    ],
)
def test_queries_of_other_libraries_are_told_by_name(name, evaluate):
    kind = query_kind(pretend(name))
    assert kind is not None
    assert kind.evaluate == evaluate


def test_subclasses_count():
    parent = type(pretend("ibis.expr.types.core.Expr"))
    assert query_kind(type("Column", (parent,), {})()) is not None


def test_a_lazy_frame_is_refused_with_what_to_write(take):
    with pytest.raises(UnevaluatedDataFrameError) as caught:
        take(pl.LazyFrame({"a": [1]}))
    message = str(caught.value)
    assert message.startswith("load_things() returned a polars LazyFrame")
    assert message.endswith("return result.collect()")


def test_a_cursor_is_refused_also_deep_inside_the_value(take):
    connection = sqlite3.connect(":memory:")
    value = {"rows": [1, (connection.execute("select 1"),)]}
    with pytest.raises(UnevaluatedDataFrameError, match=r"value\['rows'\]\[1\]\[0\]") as caught:
        take(value)
    assert isinstance(caught.value.__cause__, TypeError)
    connection.close()


@pytest.mark.parametrize("value", [1, "a", [], pl.DataFrame(), pretend("app.DataFrame")])
def test_results_are_no_queries(value):
    assert query_kind(value) is None
