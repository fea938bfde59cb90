"""What the tests of keys share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest


@pytest.fixture
def in_new_process() -> Callable[[str, str], str]:
    """Runs a script in a new interpreter with a given PYTHONHASHSEED; returns what it prints."""

    def run(script: str, seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
