"""What was read and hit, until it is written."""

from __future__ import annotations

import pytest

from reprise.stores.disk import visits
from reprise.stores.disk.visits import Visits
from reprise.testing import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


def test_what_a_finaliser_notes_while_something_is_written_is_kept(clock, monkeypatch):
    """Python may run one at any step, in the very thread that goes through what was noted."""
    noted = Visits(clock)
    for version in (1, 2):
        noted.note(version, 1)
    noted.due()
    noted.note(1, 10)

    class Written(dict):
        def get(self, version, default=None):
            noted.note(1, 100)
            noted.note(version + 2, 100)
            return super().get(version, default)

    monkeypatch.setattr(noted, "_written", Written(noted._written))
    assert noted.due() == {}
    monkeypatch.setattr(noted, "_written", dict(noted._written))
    assert noted.all() == {1: 110, 3: 100}


def test_no_more_is_noted_than_there_is_room_for(clock, monkeypatch):
    monkeypatch.setattr(visits, "_MOST", 3)
    noted = Visits(clock)
    for version in range(10):
        noted.note(version, 1)
    noted.note(1, 1)
    assert noted.all() == {0: 1, 1: 2, 2: 1}
