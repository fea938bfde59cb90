"""The caches that ``st.connection`` has of its own go through ours."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sqlite3
import sys
import types

import pandas as pd
import pytest

import reprise
from reprise.engine import runtime as runtimes


@pytest.fixture(autouse=True)
def installed():
    reprise.install()
    reprise.cache_data.clear()
    reprise.cache_resource.clear()
    yield
    reprise.cache_data.clear()
    reprise.cache_resource.clear()
    runtimes.current().sweeper.stop()  # it would wait for the ttl of what was cleared
    reprise.uninstall()


@pytest.fixture
def traced():
    """Runs something, and tells of each cached call how it was answered."""

    def traced(act):
        lines = []

        class Lines:
            def write(self, text):
                lines.extend(line.split() for line in text.splitlines())

            def flush(self): ...

        with reprise.trace(file=Lines()):
            act()
        return [(words[0], words[1].partition("(")[0]) for words in lines if words]

    return traced


@pytest.fixture
def database(tmp_path):
    """Makes databases of SQLite with one number in them."""

    def database(name, number):
        path = tmp_path / f"{name}.db"
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("create table numbers (n)")
            connection.execute("insert into numbers values (?)", (number,))
        return f"sqlite:///{path}"

    return database


def app_with_two(urls):
    import streamlit as st

    for name, url in urls:
        connection = st.connection(name, type="sql", url=url)
        st.text(int(connection.query("select n from numbers").n[0]))
        st.text(connection is st.connection(name, type="sql", url=url))


def test_the_second_query_hits_ours_and_each_database_has_its_own(open_app, database, traced):
    pytest.importorskip("sqlalchemy")
    # A name with a dot looks, in a qualified name, as if a class were around the function.
    urls = [("one.db", database("one", 1)), ("two", database("two", 2))]
    opened = open_app(app_with_two, urls)
    first = traced(opened.run)
    assert not opened.exception
    assert [each.value for each in opened.text] == ["1", "True", "2", "True"]
    assert [outcome for outcome, _ in first] == ["miss", "miss", "hit"] * 2
    second = traced(opened.run)
    assert [each.value for each in opened.text] == ["1", "True", "2", "True"]
    assert {outcome for outcome, _ in second} == {"hit"}
    assert len([name for _, name in second if name.startswith("_query_one.db")]) == 1


def test_two_databases_under_one_name_are_not_confused(open_app, database):
    pytest.importorskip("sqlalchemy")
    urls = [("same", database("one", 1)), ("same", database("two", 2))]
    for _ in range(2):
        opened = open_app(app_with_two, urls).run()
        assert not opened.exception
        assert [each.value for each in opened.text] == ["1", "True", "2", "True"]


def app_of_ones_own(opened):
    import streamlit as st
    from streamlit.connections import BaseConnection

    class Numbers(BaseConnection):
        def _connect(self, **kwargs):
            opened.append(kwargs["start"])
            return [kwargs["start"]]

        def query(self, add, ttl=60):
            @st.cache_data(ttl=ttl, show_spinner=False)
            def _query(add):
                opened.append("query")
                return [number + add for number in self._instance]

            return _query(add)

    one = st.connection("numbers", type=Numbers, start=1)
    st.text(one.query(1))
    st.text(hasattr(st.cache_data, "clear") and one is st.connection("numbers", Numbers, start=1))


def test_a_connection_of_ones_own_is_one_object_and_its_queries_hit(open_app, traced):
    done = []
    opened = open_app(app_of_ones_own, done)
    assert traced(opened.run)[0] == ("miss", "__create_connection_None_None")
    assert not opened.exception
    assert [each.value for each in opened.text] == ["[2]", "True"]
    assert done == [1, "query"]


def test_connections_and_queries_are_cleared_by_streamlits_names(open_app, database, traced):
    pytest.importorskip("sqlalchemy")
    import streamlit as st

    opened = open_app(app_with_two, [("one", database("one", 1))])
    opened.run()
    st.cache_data.clear()
    assert [outcome for outcome, _ in traced(opened.run)] == ["hit", "miss", "hit"]
    st.cache_resource.clear()
    assert traced(opened.run)[0][0] == "miss"
    assert not opened.exception


@pytest.fixture
def snowflake(monkeypatch):
    """As much of Snowflake's client as Streamlit's connections ask for; notes what is asked."""
    asked = []

    class Connection:
        def __init__(self, **options):
            asked.append(("connect", options.get("account")))
            self.account = options.get("account")

        def cursor(self):
            return self

        def execute(self, sql, params=None):
            asked.append((sql, params))

        def fetch_pandas_all(self):
            return pd.DataFrame({"n": [len(self.account)]})

        def sql(self, text):
            asked.append((text, None))
            return types.SimpleNamespace(to_pandas=self.fetch_pandas_all)

    class Builder:
        def configs(self, options):
            return types.SimpleNamespace(create=lambda: Connection(**options))

    modules = {
        "snowflake": {"__path__": []},
        "snowflake.connector": {
            "__path__": [],
            "connect": Connection,
            "Error": type("Error", (Exception,), {}),
            "connection": types.SimpleNamespace(),
        },
        # What the oldest releases look at to try again.
        "snowflake.connector.errors": {"ProgrammingError": ConnectionError},
        "snowflake.connector.network": {
            f"{code}_GS_CODE": 1
            for code in (
                *("BAD_REQUEST", "ID_TOKEN_EXPIRED", "MASTER_TOKEN_EXPIRED"),
                *("MASTER_TOKEN_INVALD", "MASTER_TOKEN_NOTFOUND", "SESSION_EXPIRED"),
            )
        },
        "snowflake.snowpark": {"__path__": []},
        "snowflake.snowpark.context": {"get_active_session": None},
        "snowflake.snowpark.session": {"Session": types.SimpleNamespace(builder=Builder())},
        "snowflake.snowpark.exceptions": {"SnowparkServerException": ConnectionError},
    }
    for name, content in modules.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
        outer, _, inner = name.rpartition(".")
        if outer:
            setattr(sys.modules[outer], inner, module)
    return asked


def app_with_snowflake(kind):
    import streamlit as st

    for account in ("one", "three"):
        connection = st.connection(f"sf {account}", type=kind, account=account)
        st.text(int(connection.query("select n", ttl=60).n[0]))


@pytest.mark.parametrize("kind", ["snowflake", "snowpark"])
def test_queries_of_snowflake_hit_ours_and_each_account_has_its_own(
    open_app, snowflake, traced, kind
):
    if importlib.util.find_spec(f"streamlit.connections.{kind}_connection") is None:
        pytest.skip("this release of Streamlit has no such connection")
    opened = open_app(app_with_snowflake, kind)
    first = traced(opened.run)
    assert not opened.exception
    assert [each.value for each in opened.text] == ["3", "5"]
    assert [outcome for outcome, _ in first] == ["miss", "miss"] * 2
    assert snowflake == [
        *(("connect", "one"), ("select n", None)),
        *(("connect", "three"), ("select n", None)),
    ]
    assert {outcome for outcome, _ in traced(opened.run)} == {"hit"}
    assert [each.value for each in opened.text] == ["3", "5"]
    assert len(snowflake) == 4


@pytest.mark.parametrize("kind", ["snowflake", "snowpark", "sql"])
def test_a_module_of_connections_that_is_loaded_later_gets_ours_until_they_are_taken_away(
    monkeypatch, kind
):
    name = f"streamlit.connections.{kind}_connection"
    if importlib.util.find_spec(name) is None:
        pytest.skip("this release of Streamlit has no such connection")
    loaded = importlib.import_module(name)
    assert loaded.cache_data is reprise.cache_data
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys.modules["streamlit.connections"], f"{kind}_connection", loaded)
    later = importlib.import_module(name)
    assert later is not loaded
    assert later.cache_data is reprise.cache_data
    reprise.uninstall()
    assert later.cache_data is not reprise.cache_data
    # The one that other tests get back was nobody's to look at meanwhile.
    loaded.cache_data = later.cache_data
