"""The frames and arrays that questions are about: four columns of numbers, 32 bytes a row.

Each carries when its function began and when it was done, in nanoseconds: what a cache adds to the
function is the rest of the call, without a second run to subtract.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

ROWS = 1_000_000
ROW_BYTES = 32


def _columns(rows: int, empty: Callable[[int], Any]) -> dict[str, Any]:
    columns = {name: empty(rows) for name in "abcd"}
    for number, column in enumerate(columns.values()):
        # Filled in place: what a function uses while it runs is not what a cache adds.
        column[:] = number
        column[::1000] = np.arange(len(column[::1000]))
    return columns


def _own(rows: int) -> Any:
    return np.empty(rows, dtype=np.int64)


def _foreign(rows: int) -> Any:
    return np.frombuffer(bytearray(rows * 8), dtype=np.int64)


def load(rows: int) -> pd.DataFrame:
    """Make the frame; nobody else has its memory."""
    begun = time.perf_counter_ns()
    return _stamped(pd.DataFrame(_columns(rows, _own), copy=False), begun)


def load_numbered(rows: int, number: int) -> pd.DataFrame:
    """Make a frame that has a number, so that there can be several of one size."""
    begun = time.perf_counter_ns()
    frame = pd.DataFrame(_columns(rows, _own), copy=False)
    frame.iloc[2, 1] = number
    return _stamped(frame, begun)


def load_foreign(rows: int) -> pd.DataFrame:
    """Make the same frame in memory that is not numpy's own: others may hold it and write to it."""
    begun = time.perf_counter_ns()
    return _stamped(pd.DataFrame(_columns(rows, _foreign), copy=False), begun)


def _stamped(frame: pd.DataFrame, begun: int) -> pd.DataFrame:
    frame.iloc[0, 0] = begun
    frame.iloc[1, 0] = time.perf_counter_ns()
    return frame


def load_columns(rows: int) -> dict[str, Any]:
    """Make the same columns as a dict of arrays, which callers may write to as they are."""
    begun = time.perf_counter_ns()
    columns = _columns(rows, _own)
    columns["a"][:2] = begun, time.perf_counter_ns()
    return columns


def load_array(rows: int) -> Any:
    """Make an array as large as the frame."""
    begun = time.perf_counter_ns()
    array = np.ones(rows * 4, dtype=np.int64)
    array[:2] = begun, time.perf_counter_ns()
    return array


def load_polars(rows: int) -> Any:
    """Make the same frame in polars; it is not stamped at the end."""
    import polars as pl

    columns = _columns(rows, _own)
    columns["a"][0] = time.perf_counter_ns()
    return pl.DataFrame(columns)


def frame_times(frame: Any) -> tuple[int, int]:
    """When the function began and when it was done, in nanoseconds; of columns, too."""
    return array_times(frame["a"])


def array_times(array: Any) -> tuple[int, int]:
    """The same of an array or a column."""
    return int(array[0]), int(array[1])


def polars_time(frame: Any) -> int:
    """When a polars frame was made."""
    return int(frame["a"][0])


def added(call: Callable[[], Any], times: Callable[[Any], tuple[int, int]]) -> float:
    """Seconds that a call took beyond the function that it ran.

    Args:
        call: Calls a cached function that has no result yet.
        times: Reads from the result when the function began and was done.

    Raises:
        AssertionError: the function did not run.
    """
    start = time.perf_counter_ns()
    result = call()
    stop = time.perf_counter_ns()
    begun, done = times(result)
    if not start <= begun <= done <= stop:
        raise AssertionError("the function did not run: this was a hit")
    return (stop - start - (done - begun)) / 1e9
