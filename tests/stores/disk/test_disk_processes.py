"""Many processes and threads on one folder, each against what it knows must be there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from disk_helpers import objection, open_store

WORKER = Path(__file__).with_name("disk_worker.py")


@pytest.mark.parametrize(
    ("processes", "threads", "seconds"),
    [
        (3, 4, 2),
        pytest.param(8, 4, 60, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
    ],
)
def test_processes_and_threads_find_what_they_put(tmp_path, processes, threads, seconds):
    folder = tmp_path / "cache"
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                WORKER,
                folder,
                str(number),
                str(threads),
                str(seconds),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for worker in running:
        out, err = worker.communicate(timeout=seconds + 100)
        assert worker.returncode == 0, out + err
        assert int(err) > 0
    store = open_store(folder)
    for _ in range(32):
        store.sweep(0.0)
    report = store.check(repair=False, verify=objection)
    assert report.sound
    assert report.left == ()
    store.close()
