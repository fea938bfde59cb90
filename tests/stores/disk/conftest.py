from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reprise.testing import FakeClock

sys.path.insert(0, str(Path(__file__).parent))

from disk_helpers import open_store


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def clock():
    return FakeClock(time=1_000_000.0)


@pytest.fixture
def troubles():
    """What the store told of; a test that expects some empties it."""
    told = []
    yield told
    assert told == []


@pytest.fixture
def make(folder, clock, troubles):
    """Opens the store of the test, again and again if wanted, as other processes would."""
    made = []

    def make(**options):
        options.setdefault("clock", clock)
        options.setdefault("on_trouble", troubles.append)
        made.append(open_store(folder, **options))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make):
    return make()
