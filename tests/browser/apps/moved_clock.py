"""A clock that a test moves by writing into a file, for all of the server's caches."""

from __future__ import annotations

import os
from pathlib import Path

from reprise.composition import make_runtime
from reprise.engine import runtime as runtimes
from reprise.testing import FakeClock

# The sweeper of old entries waits for longer than a test takes.
CLOCK = FakeClock(limit=3600)
BEGAN = CLOCK.monotonic()
runtimes.use(make_runtime(CLOCK))


def move() -> None:
    """Move the clock to as many seconds after its beginning as the file says."""
    wanted = float(Path(os.environ["CLOCK"]).read_text(encoding="utf-8"))
    CLOCK.advance(BEGAN + wanted - CLOCK.monotonic())
