"""Values that are queries, not results: what each kind is called, and how to evaluate it.

Matched by qualified names over the bases, so that none of the libraries is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Query:
    """A kind of value that has not been evaluated yet."""

    what: str
    evaluate: str
    """The method that evaluates it, as one writes it after the value."""


_LAZY_FRAME: Final = Query("a polars LazyFrame", ".collect()")
_DASK: Final = Query("a dask collection", ".compute()")
_SPARK: Final = Query("a Spark DataFrame", ".toPandas()")
_SPARK_PANDAS: Final = Query("a pandas-on-Spark object", ".to_pandas()")
_SNOWPARK: Final = Query("a Snowpark DataFrame", ".to_pandas()")
_IBIS: Final = Query("an Ibis expression", ".to_pandas()")
_DUCKDB: Final = Query("a DuckDB relation", ".df()")
_BIGFRAMES: Final = Query("a BigQuery DataFrames object", ".to_pandas()")
_CURSOR: Final = Query("a database cursor", ".fetchall()")
_RESULT: Final = Query("a SQLAlchemy result", ".all()")
_QUERY: Final = Query("a SQLAlchemy query", ".all()")

_KINDS: Final[dict[str, Query]] = {
    "polars.lazyframe.frame.LazyFrame": _LAZY_FRAME,
    "polars.LazyFrame": _LAZY_FRAME,
    "dask.base.DaskMethodsMixin": _DASK,
    "dask.delayed.Delayed": _DASK,
    "pyspark.sql.dataframe.DataFrame": _SPARK,
    "pyspark.sql.classic.dataframe.DataFrame": _SPARK,
    "pyspark.sql.connect.dataframe.DataFrame": _SPARK,
    "pyspark.pandas.frame.DataFrame": _SPARK_PANDAS,
    "pyspark.pandas.series.Series": _SPARK_PANDAS,
    "pyspark.pandas.indexes.base.Index": _SPARK_PANDAS,
    "pyspark.rdd.RDD": Query("a Spark RDD", ".collect()"),
    "pyspark.core.rdd.RDD": Query("a Spark RDD", ".collect()"),
    "snowflake.snowpark.dataframe.DataFrame": _SNOWPARK,
    "snowflake.snowpark.table.Table": _SNOWPARK,
    "ibis.expr.types.core.Expr": _IBIS,
    "duckdb.DuckDBPyRelation": _DUCKDB,
    "duckdb.duckdb.DuckDBPyRelation": _DUCKDB,
    "_duckdb.DuckDBPyRelation": _DUCKDB,
    "bigframes.dataframe.DataFrame": _BIGFRAMES,
    "bigframes.series.Series": _BIGFRAMES,
    "sqlite3.Cursor": _CURSOR,
    "psycopg.Cursor": _CURSOR,
    "psycopg.AsyncCursor": _CURSOR,
    "psycopg.ServerCursor": _CURSOR,
    "psycopg._cursor_base.BaseCursor": _CURSOR,
    "psycopg2.extensions.cursor": _CURSOR,
    "pymysql.cursors.Cursor": _CURSOR,
    "MySQLdb.cursors.BaseCursor": _CURSOR,
    "mysql.connector.abstracts.MySQLCursorAbstract": _CURSOR,
    "mysql.connector.cursor.MySQLCursor": _CURSOR,
    "mysql.connector.cursor_cext.CMySQLCursor": _CURSOR,
    "pyodbc.Cursor": _CURSOR,
    "cx_Oracle.Cursor": _CURSOR,
    "oracledb.cursor.BaseCursor": _CURSOR,
    "oracledb.cursor.Cursor": _CURSOR,
    "snowflake.connector.cursor.SnowflakeCursor": _CURSOR,
    "databricks.sql.client.Cursor": _CURSOR,
    "trino.dbapi.Cursor": _CURSOR,
    "sqlalchemy.engine.result.Result": _RESULT,
    "sqlalchemy.orm.query.Query": _QUERY,
}


def query_kind(value: object) -> Query | None:
    """Tell what kind of query ``value`` is.

    Args:
        value: Anything.

    Returns:
        The kind, or ``None`` when the value is no query.

    >>> import sqlite3
    >>> with sqlite3.connect(":memory:") as connection:
    ...     query_kind(connection.execute("select 1")).evaluate
    '.fetchall()'
    """
    for base in type(value).__mro__:
        kind = _KINDS.get(f"{base.__module__}.{base.__qualname__}")
        if kind is not None:
            return kind
    return None
