"""Tells the test what ran: one line a call, in a file that the test reads."""

from __future__ import annotations

import os
from pathlib import Path


def note(call: str) -> None:
    """Add a line."""
    with Path(os.environ["CALLS"]).open("a", encoding="utf-8") as file:
        file.write(f"{call}\n")
