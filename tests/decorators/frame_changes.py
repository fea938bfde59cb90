"""Frames of many kinds of columns, and what a caller may do to one."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

assert_same = functools.partial(pd.testing.assert_frame_equal, check_exact=True)
"""To the last bit, and so a column at a time: what is nearly equal pandas finds cell by cell."""

SMALL, LARGE = 6, 12_000
"""Rows of frames whose memory is copied, and of those whose memory is taken."""


def build(rows):
    """A frame of the kinds of columns whose memory is taken or copied."""
    numbers = np.arange(rows)
    return pd.DataFrame(
        {
            "a": numbers * 0.5,
            "b": np.where(numbers % 3 == 0, np.nan, numbers),
            "n": numbers,
            "y": numbers % 2 == 0,
            "t": pd.date_range("2024", periods=rows, freq="min"),
            "z": pd.date_range("2024", periods=rows, freq="min", tz="UTC"),
            "d": pd.timedelta_range("1s", periods=rows, freq="s"),
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
    **{f"swap {name}": lambda df, name=name: swap(df, name) for name in "abnytzdcgo"},
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
