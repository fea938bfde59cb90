from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reprise.values import snapshots
from reprise.values.pages import Limits, PagePool


def load_things() -> None:
    """The cached function that the values of these tests come from."""


@pytest.fixture
def function() -> Callable[..., object]:
    return load_things


@pytest.fixture
def take(function: Callable[..., object]) -> Callable[[object], Any]:
    return lambda value: snapshots.take_snapshot(value, function)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> PagePool:
    """A pool of the test's own, in place of the process's."""
    pool = PagePool(lambda: Limits(files=10, mappings=20))
    monkeypatch.setattr(snapshots, "POOL", pool)
    return pool
