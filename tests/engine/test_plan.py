from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.contracts import MISSING, Entry
from reprise.engine.plan import Action, Backoff, lifetime, plan


class Plain:
    size = 1
    shared = MISSING

    def restore(self):
        return None


class Shown:
    realm, size, replayable, obstacle = "page", 0, True, ""

    def __init__(self, refreshable):
        self.refreshable = refreshable


def entry(fresh_until, expires, recording=None):
    return Entry(
        Plain(), "g", created=0, fresh_until=fresh_until, expires=expires, recording=recording
    )


@pytest.mark.parametrize(
    ("found", "now", "action"),
    [
        (None, 0, Action.COMPUTE),
        (entry(10, 10), 9.9, Action.SERVE),
        (entry(10, 10), 10, Action.COMPUTE),
        (entry(10, 20), 10, Action.SERVE_STALE),
        (entry(10, 20), 19.9, Action.SERVE_STALE),
        (entry(10, 20), 20, Action.COMPUTE),
        (entry(10, 20, Shown(refreshable=False)), 9, Action.SERVE),
        (entry(10, 20, Shown(refreshable=False)), 10, Action.COMPUTE),
        (entry(10, 20, Shown(refreshable=True)), 10, Action.SERVE_STALE),
        (entry(10, 20, Shown(refreshable=True)), 20, Action.COMPUTE),
        (entry(math.inf, math.inf), 1e300, Action.SERVE),
    ],
)
def test_times_decide(found, now, action):
    assert plan(found, now) is action


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.booleans(), st.floats(0, 3e6))
def test_nothing_is_served_past_its_lifetime(now, ttl, background, later):
    times = lifetime(now, ttl, background=background)
    action = plan(entry(times.fresh_until, times.expires), later)
    assert (action is Action.COMPUTE) == (later >= times.expires)
    assert (action is Action.SERVE) == (later < times.fresh_until)


def test_waits_double_up_to_the_ttl():
    backoff, delays = Backoff(), []
    for _ in range(6):
        backoff = backoff.after_failure(100, ttl=10)
        delays.append(backoff.delay)
        assert backoff.retry_at == 100 + backoff.delay
    assert delays == [1, 2, 4, 8, 10, 10]
