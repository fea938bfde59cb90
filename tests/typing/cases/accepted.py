# pyright: strict, reportUnusedFunction=false
"""What users write, and the types that they get: no checker may have anything to say."""

from __future__ import annotations

import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, assert_type

from reprise import (
    MISSING,
    CacheInfo,
    Explanation,
    File,
    Missing,
    cache_data,
    cache_resource,
    progress,
    register_encoder,
    trace,
)

T = TypeVar("T")


# Functions, bare and with parentheses


@cache_data
def bare(x: int, y: str = "") -> float:
    return x / len(y)


@cache_data()
def empty(x: int, y: str = "") -> float:
    return x / len(y)


@cache_data(
    ttl="1h30m",
    max_entries=100,
    max_size="1.5GiB",
    show_spinner="Loading",
    show_time=True,
    show_progress=True,
    persist=None,
    hash_funcs={dict: len, "pandas.DataFrame": id},
    scope="session",
    refresh_mode="background",
    experimental_allow_widgets=True,
)
def every_option(x: int, *more: str, flag: bool = False, **named: bytes) -> list[str]:
    return [str(x), str(flag), *more, *named]


@cache_data(ttl=timedelta(hours=1), max_size=1_000_000, show_spinner=False)
def other_spellings() -> None: ...


assert_type(bare(1), float)
assert_type(bare(x=1, y="a"), float)
assert_type(bare.peek(1), float | Missing)
assert_type(bare.refresh(1, y="b"), float)
assert_type(bare.cache_info(), CacheInfo)
assert_type(bare.explain(1, y="b"), Explanation)
assert_type(bare.explain(1).would_hit, bool)
assert_type(bare.explain(1).to_dict(), dict[str, Any])
assert_type(bare.__name__, str)
bare.clear()
bare.clear(1)
bare.clear(x=1, y="c")
assert_type(empty(1, "d"), float)
assert_type(empty.peek(1), float | Missing)
assert_type(every_option(1, "a", "b", flag=True, other=b""), list[str])
assert_type(every_option.refresh(1), list[str])
other_spellings()

found = bare.peek(1)
if found is not MISSING:
    assert_type(found, float)


# Resources


@cache_resource
def model() -> dict[str, int]:
    return {}


@cache_resource(
    ttl=3600,
    max_entries=2,
    max_size=10**9,
    show_spinner=False,
    show_time=False,
    show_progress=False,
    validate=lambda connection: connection is not None,
    hash_funcs=None,
    on_release=lambda connection: connection.close(),
    scope="global",
    refresh_mode="foreground",
    experimental_allow_widgets=False,
)
def connection(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path)


assert_type(model(), dict[str, int])
assert_type(connection("a.db"), sqlite3.Connection)
assert_type(connection.peek("a.db"), sqlite3.Connection | Missing)
connection.clear("a.db")


# Coroutine functions


@cache_data
async def fetch(url: str) -> bytes:
    return url.encode()


@cache_resource(ttl=60)
async def client(host: str, *, port: int = 80) -> list[int]:
    return [port, len(host)]


async def use() -> None:
    assert_type(await fetch("a"), bytes)
    assert_type(fetch.peek("a"), bytes | Missing)
    assert_type(await fetch.refresh("a"), bytes)
    assert_type(fetch.cache_info(), CacheInfo)
    assert_type(fetch.explain("a"), Explanation)
    fetch.clear("a")
    assert_type(await client("a", port=1), list[int])


# Methods


class Shop:
    @cache_data
    def price(self, item: str, count: int = 1) -> float:
        return len(item) * count * 1.5

    @cache_data(ttl="1 day")
    async def stock(self, item: str) -> int:
        return len(item)

    @staticmethod
    @cache_data
    def tax(country: str) -> float:
        return len(country) / 10

    @cache_data
    @classmethod
    def opened(cls, town: str) -> int:
        return len(town)

    @classmethod
    @cache_data(max_entries=3)
    def closed(cls, town: str) -> int:
        return len(town)

    @property
    @cache_resource
    def orders(self) -> list[str]:
        return []


shop = Shop()
assert_type(shop.price("pear"), float)
assert_type(shop.price("pear", count=2), float)
assert_type(shop.price.peek("pear"), float | Missing)
assert_type(shop.price.refresh("pear", 2), float)
assert_type(shop.price.explain("pear", count=2), Explanation)
shop.price.clear("pear")
Shop.price.clear()
assert_type(Shop.price(shop, "pear"), float)
assert_type(Shop.tax("CH"), float)
assert_type(shop.tax("CH"), float)
assert_type(Shop.opened("Bern"), int)
assert_type(shop.opened("Bern"), int)
assert_type(Shop.opened.peek("Bern"), int | Missing)
assert_type(Shop.closed("Bern"), int)
assert_type(shop.orders, list[str])


async def ask() -> None:
    assert_type(await shop.stock("pear"), int)
    assert_type(shop.stock.peek("pear"), int | Missing)
    assert_type(await shop.stock.refresh("pear"), int)
    assert_type(await Shop.stock(shop, "pear"), int)


# Progress


@cache_data(show_progress=True)
def measured(paths: list[str]) -> float:
    for done, path in enumerate(paths):
        progress(done)
        progress(done / 2, len(paths) / 2)
        progress(done, len(paths), f"Reading {path}")
    progress(done=1, total=None, text="Adding")
    return 0.5


assert_type(measured(["a"]), float)

# Tracing

lines: list[str] = []
with trace(), trace(file=sys.stdout), trace(print), trace(lines.append):
    bare(1)


# Files and encoders


@cache_data
def words(path: File, *more: File, others: list[File] | None = None) -> list[str]:
    return [str(path), *map(str, more), *map(str, others or [])]


@cache_data(files=["path"])
def lines_of(path: str) -> int:
    return len(path)


@cache_resource(files=("path",))
def opened(path: Path) -> list[Path]:
    return [path]


assert_type(words("a.txt"), list[str])
assert_type(words(Path("a.txt"), "b.txt", others=[Path("c.txt"), "d.txt"]), list[str])
assert_type(lines_of("a.txt"), int)
assert_type(opened(Path("a.txt")), list[Path])
undo = register_encoder(Shop, lambda shop: shop.orders)
undo()
register_encoder("package.module.Class", lambda value: value.anything)


# What else happens in real code


@cache_data
def first(items: list[T]) -> T:
    return items[0]


def count(word: str) -> int:
    return len(word)


assert_type(first([1, 2]), int)
assert_type(first(["a"]), str)
cached_count = cache_data(count)
assert_type(cached_count("a"), int)
assert_type(cache_data(ttl=5)(count)("a"), int)
numbers: list[int] = list(map(cached_count, ["a", "b"]))
cache_data.clear()
cache_resource.clear()
