"""The frame that several questions are about: 1,000,000 rows, 4 columns of numbers, 32 MB."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

ROWS = 1_000_000


def load(seed: int) -> pd.DataFrame:
    """Make the frame; its first cell says when."""
    frame = pd.DataFrame(
        {
            "when": np.arange(ROWS, dtype=np.int64),
            "a": np.arange(ROWS, dtype=np.float64),
            "b": np.full(ROWS, float(seed)),
            "c": np.linspace(0.0, 1.0, ROWS),
        }
    )
    frame.iloc[0, 0] = time.perf_counter_ns()
    return frame


def stamp(frame: pd.DataFrame) -> int:
    """When the frame was made."""
    return int(frame.iat[0, 0])
