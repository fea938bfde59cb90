"""Random operations on cached functions, by the threads of one process of many.

Run as a program: ``python persist_worker.py NUMBER TRUTH THREADS SECONDS``. The setting ``store``
names the store. What a result depends on besides its arguments stands in files of the folder TRUTH,
one a key, which only count up: a value from before the last clear that was over is a wrong one.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np

import reprise

SIZES = (3, 1000, 20_000)
KEYS = 6
NOTICED = 1.0
"""Seconds within which all processes notice a clear."""


def truth(key):
    return int((FOLDER / str(key)).read_text() or 0) if (FOLDER / str(key)).exists() else 0


@reprise.cache_data(version=1)
def shared(_number, key, size):
    """What several processes clear: a file tells how often the truth has changed."""
    return {"key": key, "truth": _number(key), "data": np.full(size, key)}


@reprise.cache_data(max_entries=10)
def bounded(key, size):
    return np.full(size, key), shared(truth, key % KEYS, size)["key"]


class Worker:
    def __init__(self, name):
        self.order = random.Random(name)
        self.operations = 0
        self.least = {}
        """The truth that each key has at least, and from when on that must be seen."""

    def step(self):
        self.operations += 1
        choice = self.order.random()
        key, size = self.order.randrange(KEYS), self.order.choice(SIZES)
        if choice < 0.55:
            self.look(key, size)
        elif choice < 0.85:
            key = self.order.randrange(30)
            values, inner = bounded(key, size)
            assert values.shape == (size,), "another size"
            assert (values == key).all(), "another key, or somebody else's change"
            assert inner == key % KEYS
            values[:] = -1
        elif choice < 0.93:
            self.change(key, size)
        elif choice < 0.96:
            bounded.clear(key, size)
        elif choice < 0.97:
            shared.clear()
        else:
            assert shared.refresh(truth, key, size)["truth"] >= 0

    def look(self, key, size):
        before, now = NOTES.get(key, (0, 0.0)), time.monotonic()
        found = shared(truth, key, size)
        assert found["key"] == key, "another key"
        assert found["data"].shape == (size,), "another size"
        assert (found["data"] == key).all(), "somebody else's change"
        least, cleared = before
        if now >= cleared:
            assert found["truth"] >= least, (key, size, found["truth"], before)
        found["data"][:] = -1
        found["truth"] = -1

    def change(self, key, size):
        """Count the truth of a key of this process's own up, and clear what stood for the old."""
        with LOCK:
            path = FOLDER / str(key)
            if key % 8 == NUMBER % KEYS:
                number = truth(key) + 1
                draft = path.with_name(f"{key}.{NUMBER}.draft")
                draft.write_text(str(number))
                draft.replace(path)
                shared.clear()
                NOTES[key] = (number, time.monotonic())


def run(name, seconds):
    worker = Worker(name)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            worker.step()
    except Exception:  # noqa: BLE001 - told, and counted
        traceback.print_exc()
        FAILED.append(name)
    DONE.append(worker.operations)


if __name__ == "__main__":
    NUMBER, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
    NOTES, LOCK, FAILED, DONE = {}, threading.Lock(), [], []
    seconds = float(sys.argv[4])
    threads = [
        threading.Thread(target=run, args=(f"{NUMBER}.{one}", seconds))
        for one in range(int(sys.argv[3]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(DONE))
    sys.exit(bool(FAILED))
