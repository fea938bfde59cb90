"""Whatever is done to frames of `cache_data` in whatever order, all is as without a cache."""

from __future__ import annotations

import gc

import pytest
from frame_changes import CHANGES, LARGE, SMALL, assert_same, build
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from reprise import cache_data

FRESH = {rows: build(rows) for rows in (SMALL, LARGE, LARGE + 1)}


class Frames(RuleBasedStateMachine):
    """Hits are held, shared and changed, entries come and go."""

    def __init__(self):
        super().__init__()
        self.load = cache_data(max_entries=2)(build)
        self.pass_frame = cache_data(lambda number, _df: _df)
        self.passed = 0
        self.pairs = []

    @initialize()
    def start(self):
        self.call(SMALL)

    @rule(rows=st.sampled_from(sorted(FRESH)))
    def call(self, rows):
        mine = self.load(rows)
        assert_same(mine, FRESH[rows])
        self.pairs = [*self.pairs[-3:], (mine, build(rows))]

    @rule(change=st.sampled_from(sorted(CHANGES)), which=st.integers(0, 3))
    def change(self, change, which):
        mine, fresh = self.pairs[which % len(self.pairs)]
        outcomes = [attempt(CHANGES[change], df) for df in (fresh, mine)]
        assert outcomes[0] == outcomes[1]

    @rule(which=st.integers(0, 3))
    def share(self, which):
        mine, fresh = self.pairs[which % len(self.pairs)]
        self.pairs.append((mine.copy(deep=False), fresh.copy(deep=False)))

    @rule(which=st.integers(0, 3))
    def pass_on(self, which):
        mine, fresh = self.pairs[which % len(self.pairs)]
        self.passed += 1
        passed = self.pass_frame(self.passed, mine)
        self.pairs.append((passed, fresh.copy()))

    @rule()
    def clear(self):
        self.load.clear()

    @rule()
    def let_go(self):
        del self.pairs[1:]
        gc.collect()

    @rule()
    def check(self):
        for mine, fresh in self.pairs:
            assert_same(mine, fresh)

    def teardown(self):
        self.load.clear()
        self.pass_frame.clear()
        self.check()


def attempt(change, df):
    """The kind of error that a change ends in; a change may not fit a frame that was changed."""
    try:
        change(df)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        return type(error)
    return None


TestFrames = pytest.mark.filterwarnings(
    "ignore:The inplace keyword", "ignore:Setting an item of incompatible dtype"
)(Frames.TestCase)
TestFrames.settings = settings(max_examples=20, stateful_step_count=12)
