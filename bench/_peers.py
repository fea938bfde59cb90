"""The caches that are compared, each used as its own documentation shows."""

from __future__ import annotations

import asyncio
import atexit
import functools
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]

ENTRIES = 1024
"""How many results a cache may keep that takes a bound."""
SECONDS = 3600
"""How long results are good, where a cache takes a time to live."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One cache: how it decorates a function, and how what it decorated is emptied."""

    name: str
    distribution: str
    """What pip calls it; empty for what comes with Python."""
    package: str
    """The import name."""
    decorate: Callable[[Function], Any]
    clear: Callable[[Any], object]
    coroutines: bool = False
    """It is asked to cache a coroutine function, not a plain one."""


def _reprise(function: Function) -> Any:
    from reprise import cache_data

    # With a time to live and a bound, as the caches have that keep both; statistics are always on.
    return cache_data(show_spinner=False, ttl=SECONDS, max_entries=ENTRIES)(function)


def _streamlit(function: Function) -> Any:
    import streamlit as st
    from streamlit.logger import set_log_level

    # Outside `streamlit run`, it would log a line on every decoration.
    set_log_level("ERROR")
    return st.cache_data(show_spinner=False)(function)


def _cachetools(function: Function) -> Any:
    from cachetools import TTLCache, cached

    return cached(TTLCache(maxsize=ENTRIES, ttl=SECONDS), lock=threading.RLock())(function)


def _cachebox(function: Function) -> Any:
    from cachebox import TTLCache, cached

    return cached(TTLCache(ENTRIES, SECONDS))(function)


def _joblib(function: Function) -> Any:
    from joblib import Memory

    return Memory(new_folder(), verbose=0).cache(function)


def _diskcache(function: Function) -> Any:
    from diskcache import Cache

    cache = Cache(new_folder())
    cached: Any = cache.memoize(expire=SECONDS)(function)
    cached.empty = cache.clear
    return cached


def _dogpile(backend: str, function: Function) -> Any:
    from dogpile.cache import make_region

    region = make_region().configure(backend, expiration_time=SECONDS)
    cached: Any = region.cache_on_arguments()(function)
    cached.empty = region.invalidate
    return cached


def _marimo(function: Function) -> Any:
    import marimo

    _quiet_marimo()
    return marimo.cache(function)


def _marimo_disk(function: Function) -> Any:
    import marimo

    _quiet_marimo()
    return marimo.persistent_cache(save_path=new_folder())(function)


def _quiet_marimo() -> None:
    # It works in plain modules too, and warns of it on every decoration.
    logging.getLogger("marimo").setLevel(logging.ERROR)


def _cashews(function: Function) -> Any:
    from cashews import Cache

    cache = Cache()
    cache.setup("mem://", size=ENTRIES)
    return cache(ttl=SECONDS)(function)


def _async_lru(function: Function) -> Any:
    from async_lru import alru_cache

    return alru_cache(maxsize=ENTRIES, ttl=SECONDS)(function)


def new_folder() -> str:
    """A folder that goes with the process."""
    directory = tempfile.mkdtemp(prefix="reprise-bench-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _clear(cached: Any) -> object:
    return cached.clear()


def _cache_clear(cached: Any) -> object:
    return cached.cache_clear()


def _empty(cached: Any) -> object:
    return cached.empty()


REPRISE = Peer("Reprise", "", "reprise", _reprise, _clear)
STREAMLIT = Peer("st.cache_data", "streamlit", "streamlit", _streamlit, _clear)
LRU = Peer("lru_cache", "", "functools", functools.lru_cache(maxsize=ENTRIES), _cache_clear)
JOBLIB = Peer("joblib", "joblib", "joblib", _joblib, lambda cached: cached.clear(warn=False))
DISKCACHE = Peer("diskcache", "diskcache", "diskcache", _diskcache, _empty)
DOGPILE = Peer(
    "dogpile memory",
    "dogpile.cache",
    "dogpile.cache",
    functools.partial(_dogpile, "dogpile.cache.memory"),
    _empty,
)
DOGPILE_PICKLE = Peer(
    "dogpile memory_pickle",
    "dogpile.cache",
    "dogpile.cache",
    functools.partial(_dogpile, "dogpile.cache.memory_pickle"),
    _empty,
)
MARIMO = Peer("marimo cache", "marimo", "marimo", _marimo, _cache_clear)
MARIMO_DISK = Peer("marimo persistent_cache", "marimo", "marimo", _marimo_disk, _cache_clear)

PEERS = (
    REPRISE,
    STREAMLIT,
    LRU,
    Peer("cachetools", "cachetools", "cachetools", _cachetools, _cache_clear),
    Peer("cachebox", "cachebox", "cachebox", _cachebox, _cache_clear),
    JOBLIB,
    DISKCACHE,
    DOGPILE,
    DOGPILE_PICKLE,
    MARIMO,
    MARIMO_DISK,
)
"""Those that cache plain functions; ours comes first."""

AWAITED = (
    Peer("Reprise", "", "reprise", _reprise, _clear, coroutines=True),
    Peer("cashews", "cashews", "cashews", _cashews, _cache_clear, coroutines=True),
    Peer("async-lru", "async-lru", "async_lru", _async_lru, _cache_clear, coroutines=True),
    Peer("marimo cache", "marimo", "marimo", _marimo, _cache_clear, coroutines=True),
)
"""Those that cache coroutine functions."""


def _menu(day: int) -> dict[str, list[int]]:
    return {"days": [day]}


async def _awaited_menu(day: int) -> dict[str, list[int]]:
    return {"days": [day]}


@functools.cache
def isolates(peer: Peer) -> bool:
    """Whether a caller may change what it was given without another caller seeing it.

    Tried, not taken from what the cache says of itself.
    """
    if peer.coroutines:
        return asyncio.run(_isolates_awaited(peer))
    cached = peer.decorate(_menu)
    cached(1)["days"].append(2)
    cached(1)["days"].append(3)
    return bool(cached(1) == _menu(1))


async def _isolates_awaited(peer: Peer) -> bool:
    cached = peer.decorate(_awaited_menu)
    (await cached(1))["days"].append(2)
    (await cached(1))["days"].append(3)
    return bool(await cached(1) == _menu(1))
