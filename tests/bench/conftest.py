"""The suite of benchmarks is no package: its files are found as when one of them is run."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    """Import a file of the suite by its name."""
    monkeypatch.syspath_prepend(BENCH)
    return importlib.import_module
