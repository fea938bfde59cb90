"""The suite of benchmarks is no package: its files are found as when one of them is run."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import reprise
from reprise.engine import runtime as runtimes

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    """Import a file of the suite by its name."""
    monkeypatch.syspath_prepend(BENCH)
    return importlib.import_module


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    reprise.cache_data.clear()
    # It would wait for what no longer is there, while others count the threads.
    runtimes.current().sweeper.stop()
