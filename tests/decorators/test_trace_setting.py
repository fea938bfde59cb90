"""The setting ``trace``: one line a call for a whole process."""

from __future__ import annotations

import subprocess
import sys

import pytest

import reprise
from reprise import cache_data
from reprise.observe.trace import board

PROGRAM = """
from reprise import cache_data

@cache_data
def load(x):
    return x

load(1)
load(1)
"""


@pytest.mark.parametrize(("value", "expected"), [("1", ["miss", "hit "]), ("0", []), ("", [])])
def test_a_variable_traces_a_whole_process(value, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_TRACE", value)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert [line[:4] for line in done.stderr.splitlines()] == expected
    assert done.stdout == ""


def test_the_setting_can_be_changed_at_any_time(capsys):
    @cache_data
    def load(x):
        return x

    reprise.configure(trace=True)
    try:
        load(1)
        reprise.configure(spinner_delay=0.3)
        load(1)
        reprise.configure(trace="off")
        load(1)
    finally:
        reprise.config.reset()
    assert [line[:4] for line in capsys.readouterr().err.splitlines()] == ["miss", "hit "]
    assert not board.listening
