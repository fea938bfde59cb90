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
    said = [worker.communicate(timeout=seconds + 100) for worker in running]
    assert [worker.returncode for worker in running] == [0] * processes, said
    assert all(int(operations) > 0 for _, operations in said)
    store = open_store(folder)
    for _ in range(32):
        store.sweep(0.0)
    report = store.check(repair=False, verify=objection)
    assert report.sound
    assert report.left == ()
    store.close()


def test_a_second_connection_of_a_process_does_not_unlock_the_first(store, make, folder):
    """Which it would if it opened the file besides, and others would write at the same time."""
    program = (
        "import sqlite3, sys\n"
        "index = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "index.execute('PRAGMA locking_mode = EXCLUSIVE')\n"
        "try:\n"
        "    index.execute('PRAGMA journal_mode = DELETE')\n"
        "    print('nobody is there')\n"
        "except sqlite3.OperationalError as error:\n"
        "    print(error)\n"
    )
    store.usage()
    make().usage()
    done = subprocess.run(
        [sys.executable, "-c", program, folder / "index.sqlite3"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "database is locked\n"
