"""The caches that are compared, each used as its own documentation shows."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """One cache: how it decorates a function, and how what it decorated is emptied."""

    name: str
    package: str
    """The import name; empty for what comes with Python."""
    decorate: Callable[[Function], Any]
    clear: Callable[[Any], object]


def _reprise(function: Function) -> Any:
    from reprise import cache_data

    return cache_data(show_spinner=False)(function)


def _streamlit(function: Function) -> Any:
    import streamlit as st
    from streamlit.logger import set_log_level

    # Outside `streamlit run`, it would log a line on every decoration.
    set_log_level("ERROR")
    return st.cache_data(show_spinner=False)(function)


def _cachetools(function: Function) -> Any:
    from cachetools import TTLCache, cached

    return cached(TTLCache(maxsize=1024, ttl=3600), lock=threading.RLock())(function)


def _joblib(function: Function) -> Any:
    from joblib import Memory

    directory = tempfile.mkdtemp(prefix="reprise-bench-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Memory(directory, verbose=0).cache(function)


PEERS = (
    Peer("Reprise", "reprise", _reprise, lambda cached: cached.clear()),
    Peer("st.cache_data", "streamlit", _streamlit, lambda cached: cached.clear()),
    Peer("cachetools", "cachetools", _cachetools, lambda cached: cached.cache_clear()),
    Peer("lru_cache", "", functools.lru_cache(maxsize=None), lambda cached: cached.cache_clear()),
    Peer("joblib", "joblib", _joblib, lambda cached: cached.clear(warn=False)),
)


def _menu(day: int) -> dict[str, list[int]]:
    return {"days": [day]}


def isolates(peer: Peer) -> bool:
    """Whether a caller may change what it was given without another caller seeing it."""
    cached = peer.decorate(_menu)
    cached(1)["days"].append(2)
    cached(1)["days"].append(3)
    return bool(cached(1) == _menu(1))
