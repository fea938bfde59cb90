from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reprise import config
from reprise.testing import FakeClock

sys.path.insert(0, str(Path(__file__).parent))

from cli_helpers import NOW, Shop


@pytest.fixture
def shop(tmp_path, monkeypatch):
    clock = FakeClock(time=NOW)
    folder = tmp_path / "place" / "store"
    monkeypatch.setenv("REPRISE_STORE", f"disk://{folder}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "place" / "settings"))
    monkeypatch.setenv("HOME", str(tmp_path / "place"))
    yield Shop(folder, clock, monkeypatch)
    monkeypatch.undo()
    config.reset()


@pytest.fixture
def ended():
    """Runs the command in a process of its own."""

    def ended(*arguments):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "reprise", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return ended
