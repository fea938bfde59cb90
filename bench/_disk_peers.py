"""The caches that keep results on disk, each in a folder of its own, as its documentation shows."""

from __future__ import annotations

import datetime
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]

SECONDS = 3600
"""How long results are good, where a cache takes a time to live."""


@dataclass(frozen=True, slots=True)
class DiskPeer:
    """One cache, and how it decorates a function whose results it keeps in a folder."""

    name: str
    distribution: str
    """What pip calls it; empty for ours."""
    decorate: Callable[[Function, str], Any]


def _reprise(function: Function, folder: str) -> Any:
    from reprise import cache_data

    # Unbound, for all of a run are compared, and the default depends on how full the disk is.
    store = f"disk://{folder}?max_size=1TB"
    return cache_data(show_spinner=False, persist=store, ttl=SECONDS)(function)


def _streamlit(function: Function, folder: str) -> Any:
    import streamlit as st
    from streamlit.logger import set_log_level
    from streamlit.runtime.caching import cache_data_api
    from streamlit.runtime.caching.storage import local_disk_cache_storage as on_disk

    # Outside `streamlit run` it keeps results in memory only, says so in its log, and writes below
    # the user's own folder.
    set_log_level("ERROR")
    manager = on_disk.LocalDiskCacheStorageManager()
    vars(cache_data_api)["MemoryCacheStorageManager"] = lambda: manager
    vars(on_disk)["get_streamlit_file_path"] = lambda *path: os.path.join(folder, *path)  # noqa: PTH118 - as theirs
    # With persist="disk" it takes no time to live.
    return st.cache_data(show_spinner=False, persist="disk")(function)


def _joblib(function: Function, folder: str) -> Any:
    from joblib import Memory

    return Memory(folder, verbose=0).cache(function)


def _diskcache(function: Function, folder: str) -> Any:
    from diskcache import Cache

    # Its default is a gigabyte.
    return Cache(folder, size_limit=10**12).memoize(expire=SECONDS)(function)


def _cachier(function: Function, folder: str) -> Any:
    from cachier import cachier

    # By default all results of a function are one pickle, which is read and written as a whole.
    keep = cachier(
        backend="pickle",
        cache_dir=folder,
        separate_files=True,
        stale_after=datetime.timedelta(seconds=SECONDS),
    )
    return keep(function)


def _marimo(function: Function, folder: str) -> Any:
    import marimo

    # It works in plain modules too, and warns of it on every decoration.
    logging.getLogger("marimo").setLevel(logging.ERROR)
    return marimo.persistent_cache(save_path=folder)(function)


DISK_PEERS = (
    DiskPeer("Reprise", "", _reprise),
    DiskPeer("st.cache_data persist", "streamlit", _streamlit),
    DiskPeer("joblib", "joblib", _joblib),
    DiskPeer("diskcache", "diskcache", _diskcache),
    DiskPeer("cachier", "cachier", _cachier),
    DiskPeer("marimo persistent_cache", "marimo", _marimo),
)
"""Ours comes first."""
