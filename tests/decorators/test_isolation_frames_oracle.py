"""Whatever is done to frames of `cache_data` in whatever order, all is as without a cache."""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from reprise import cache_data

SMALL, LARGE = 6, 9_000
"""Rows of frames whose memory is copied, and of those whose memory is taken."""


def build(rows):
    """A frame of the kinds of columns whose memory is taken or copied."""
    numbers = np.arange(rows)
    return pd.DataFrame(
        {
            "a": numbers * 0.5,
            "b": np.where(numbers % 3 == 0, np.nan, numbers),
            "n": numbers,
            "t": pd.date_range("2024", periods=rows, freq="min"),
            "c": pd.Categorical(numbers % 3),
            "g": [f"g{n % 5}" for n in range(rows)],
            "o": pd.Series([f"o{n}" for n in range(rows)], dtype=object),
        },
        index=pd.Index(numbers * 1.5, name="key"),
    )


def swap(df, column):
    """Put the first cell of a column where the second is."""
    df.iloc[1, df.columns.get_loc(column)] = df.iloc[0, df.columns.get_loc(column)]


def set_columns(df):
    df.columns = [name.upper() for name in df.columns]


def set_index_name(df):
    df.index.name = "mine"
    df.columns.name = "columns"


def set_index(df):
    df.index = df.index + 1


def set_some(df):
    df.loc[df["n"] > 2, ["a", "b"]] = -1.0
    df.at[df.index[0], "n"] = 77
    df.iat[2, 0] = 78.0


def set_categories(df):
    df["c"] = df["c"].cat.rename_categories({0: 9})
    df["c"].cat.categories.name = "mine"


def add(df):
    df["a"] += 1
    df["n"] *= 2
    df["t"] += pd.Timedelta("1D")


def add_to_all(df):
    numbers = df[["a", "n"]]
    numbers += 1
    df[["a", "n"]] = numbers


def mask_in_place(df):
    numbers = df[["a", "b"]]
    numbers.mask(numbers > 2, inplace=True)
    df[["a", "b"]] = numbers


CHANGES = {
    **{f"swap {name}": lambda df, name=name: swap(df, name) for name in "abntcgo"},
    "columns": set_columns,
    "names": set_index_name,
    "index": set_index,
    "some": set_some,
    "categories": set_categories,
    "add": add,
    "add to all": add_to_all,
    "mask": mask_in_place,
    "insert": lambda df: df.insert(1, "new", 1),
    "pop": lambda df: df.pop("a"),
    "del": lambda df: df.__delitem__("b"),
    "drop": lambda df: df.drop(index=df.index[:2], inplace=True),
    "update": lambda df: df.update(pd.DataFrame({"a": [5.0]}, index=df.index[:1])),
    "fill": lambda df: df.fillna({"b": 0.0}, inplace=True),
    "sort": lambda df: df.sort_values("a", ascending=False, inplace=True),
    "reset": lambda df: df.reset_index(inplace=True),
    "rename": lambda df: df.rename(columns={"a": "A"}, inplace=True),
    "replace": lambda df: df.replace({"n": {1: 11}, "g": {"g1": "h1"}}, inplace=True),
    "eval": lambda df: df.eval("a = n + 1", inplace=True),
    "enlarge": lambda df: df.__setitem__("sum", df["a"] + df["n"]),
    "new row": lambda df: df.loc.__setitem__(-1.0, df.iloc[0]),
    "whole column": lambda df: df.loc.__setitem__((slice(None), "a"), 4.0),
    "all cells": lambda df: df.isetitem(0, 3.0),
}
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
        pd.testing.assert_frame_equal(mine, FRESH[rows])
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
            pd.testing.assert_frame_equal(mine, fresh)

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
