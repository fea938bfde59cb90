"""What ``cache_resource`` returned can be an argument without a word from the user."""

from __future__ import annotations

import sqlite3
import threading

import pytest

import reprise
from reprise import cache_data, cache_resource


class Client:
    def __init__(self, name):
        self.name, self.lock = name, threading.Lock()


@pytest.fixture
def opened():
    made = []
    yield made
    for connection in made:
        connection.close()


@pytest.fixture
def connect(opened):
    @cache_resource
    def get_connection(path, mode="r"):
        connection = sqlite3.connect(":memory:")
        opened.append(connection)
        return connection

    return get_connection


@pytest.fixture
def query(runs):
    @cache_data
    def ask(connection, sql):
        runs(sql)
        return connection.execute(sql).fetchall()

    return ask


def test_a_connection_as_an_argument_hits(connect, query, runs):
    assert query(connect("a.db"), "select 1") == query(connect("a.db"), "select 1") == [(1,)]
    assert runs == ["select 1"]
    query(connect(path="a.db", mode="r"), "select 1")
    assert runs == ["select 1"]


def test_one_that_another_call_returned_is_another_key(connect, query, runs):
    query(connect("a.db"), "select 1")
    query(connect("b.db"), "select 1")
    query(connect("a.db", "w"), "select 1")
    assert len(runs) == 3


def test_after_a_clear_the_new_object_of_the_same_call_has_the_same_key(
    connect, query, runs, opened
):
    query(connect("a.db"), "select 1")
    connect.clear()
    query(connect("a.db"), "select 1")
    connect.refresh("a.db")
    query(connect("a.db"), "select 1")
    assert len(opened) == 3
    assert runs == ["select 1"]


def test_one_that_no_cache_returned_is_refused_as_ever(query, opened):
    opened.append(sqlite3.connect(":memory:"))
    with pytest.raises(reprise.UnhashableParamError, match=r"sqlite3\.Connection"):
        query(opened[-1], "select 1")


def test_a_bound_method_and_a_container_of_resources_hit(connect, runs):
    @cache_data
    def run(execute, both):
        runs(len(both))
        return execute("select 1").fetchall()

    def ask():
        one, other = connect("a"), connect("b")
        return run(one.execute, {"one": one, "both": [one, other]})

    assert ask() == ask() == [(1,)]
    assert runs == [2]


def test_resources_of_two_sessions_differ(host, runs):
    @cache_resource(scope="session")
    def client():
        return Client("the same")

    @cache_data
    def load(of):
        runs(host.session_id)
        return 1

    for session in ("ann", "bob", "ann"):
        host.session_id = session
        load(client())
    assert runs == ["ann", "bob"]


def test_resources_of_functions_with_different_code_differ(runs):
    def version(number):
        names = {"Client": Client, "cache_resource": cache_resource, "__name__": "app"}
        exec(f"@cache_resource\ndef client():\n    return Client({number!r})", names)
        return names["client"]

    @cache_data
    def load(of):
        runs(of.name)
        return of.name

    assert [load(version(number)()) for number in (1, 2, 1)] == [1, 2, 1]
    assert runs == [1, 2]


def test_what_is_returned_has_the_key_from_its_first_use_on(runs):
    @cache_resource
    def client():
        return Client("a")

    @cache_resource
    def session(of):
        runs("session")
        return Client(of.name)

    assert session(client()) is session(client())
    assert runs == ["session"]


@pytest.mark.parametrize("value", [None, 1, "a", True, (), frozenset(), Client])
def test_what_exists_anyway_counts_as_itself(value, runs):
    @cache_resource
    def get(name):
        return value

    @cache_data
    def load(x):
        runs(x)
        return 1

    load(get("a")), load(get("b")), load(value)
    assert len(runs) == 1


async def make_client():
    return Client("a")


def test_resources_of_coroutine_functions_count_too(runs):
    import asyncio

    client = cache_resource(make_client)

    @cache_data
    async def load(of):
        runs(of.name)
        return 1

    async def twice():
        return [await load(await client()) for _ in range(2)]

    assert asyncio.run(twice()) == [1, 1]
    assert runs == ["a"]


def test_a_resource_with_a_content_counts_by_that(tmp_path):
    class Index:
        def __init__(self):
            self.items = ["old"]

    @cache_resource
    def index():
        return Index()

    @cache_data
    def search(index):
        return index.items[0]

    assert search(index()) == "old"
    index().items[0] = "new"
    assert search(index()) == "new"
