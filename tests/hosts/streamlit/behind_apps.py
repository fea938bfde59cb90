"""What the tests of refreshes behind in apps share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import reprise
from reprise.testing import FakeClock

APP = """
import streamlit as st
shared = cached
runs = shared.runs
{before}

@shared.cached
def show({parameters}):
    n = runs()
    {body}
    return n

st.text("above")
st.text(f"returned {{{call}}}")
shared.work()
st.text("below")
{after}
"""


def app_of(body, call="show()", parameters="", before="", after=""):
    """The script of an app with a function that is refreshed behind."""
    return APP.format(body=body, call=call, parameters=parameters, before=before, after=after)


def texts(opened):
    assert not opened.exception, [each.value for each in opened.exception]
    return [each.value for each in opened.text]


class Counted:
    """Counts, and counts itself as the object that it is: a lock has no encoding."""

    __hash__ = None

    def __init__(self) -> None:
        self.noted = 0
        self.lock = threading.Lock()

    def __call__(self) -> int:
        with self.lock:
            self.noted += 1
            return self.noted


class Behind:
    """What an app needs to have refreshes begin and end when its test says so."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.runs = Counted()
        self.jobs: list[Callable[[], object]] = []
        self.decorate: dict[str, Any] = {"ttl": 10, "refresh_mode": "background"}

    def cached(self, function: Any = None, **options: Any) -> Any:
        """The real decorator."""
        decorate = reprise.cache_data(**{"show_spinner": False, **self.decorate, **options})
        return decorate if function is None else decorate(function)

    def work(self) -> None:
        """Do what waits, in another thread. Called by the script: only then is there a runtime."""
        while self.jobs:
            with ThreadPoolExecutor(1) as executor:
                executor.submit(self.jobs.pop(0)).result()
