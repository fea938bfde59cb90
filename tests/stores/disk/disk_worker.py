"""Random operations on one store, by the threads of one process of many.

Run as a program: ``python disk_worker.py FOLDER NUMBER THREADS SECONDS``. Prints what was wrong.
"""

from __future__ import annotations

import random
import sys
import threading
import time

from disk_helpers import UNBOUNDED, envelope, expected, key, open_store, payload_of

from reprise.contracts import Bounds, Removal

SIZES = (0, 10, 5000, 70_000, 200_000)


class Worker:
    """Has keys of its own, of which it knows everything, and keys that it shares with all."""

    def __init__(self, store, name):
        self.store = store
        self.name = name
        self.order = random.Random(name)
        self.kept = {}
        self.operations = 0

    def step(self):
        self.operations += 1
        self.order.choice([self.put, self.put, self.get, self.get, self.remove, self.shared])()
        if self.order.random() < 0.02:
            self.order.choice([self.clear, self.sweep])()

    def own(self):
        return f"{self.name}/{self.order.randrange(6)}"

    def new(self, name, group):
        seed = f"{name}:{self.order.randrange(10**9)}"
        return envelope(self.order.choice(SIZES), 7, seed=seed, group=group)

    def put(self):
        name, wanted = self.own(), self.order.random() < 0.9
        put = self.new(name, self.name)
        assert self.store.put(key(name), put, UNBOUNDED, when=lambda: wanted) is wanted
        if wanted:
            self.kept[name] = put

    def get(self):
        name = self.own()
        found, kept = self.store.get(key(name)), self.kept.get(name)
        assert (found is None) == (kept is None), f"{name} is lost, or there again"
        if found is not None:
            assert found.header == kept.header, f"{name} is another"
            assert payload_of(found) == expected(kept), f"{name} has other bytes"
            assert self.store.version(key(name)) == found.version

    def remove(self):
        name = self.own()
        there = self.kept.pop(name, None) is not None
        assert self.store.remove(key(name), Removal.INVALID) is there

    def clear(self):
        assert self.store.clear(self.name) == len(self.kept)
        self.kept.clear()
        assert self.store.usage(self.name).entries == 0

    def sweep(self):
        self.store.sweep(0.0)
        assert self.store.usage(self.name).entries == len(self.kept)

    def shared(self):
        """Puts and evicts where all others do, and finds whatever somebody put there."""
        name = f"shared/{self.order.randrange(20)}"
        found = self.store.get(key(name))
        if found is not None:
            assert found.header.startswith(b'{"seed": "' + name.encode() + b":"), name
            assert payload_of(found) == expected(found), f"{name} has other bytes"
        self.store.put(key(name), self.new(name, "shared"), Bounds(entries=10))


def work(store, name, seconds):
    worker = Worker(store, name)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        worker.step()
    return worker.operations


def main(folder, number, threads, seconds):
    troubles = []
    store = open_store(folder, on_trouble=troubles.append)

    def run(name):
        try:
            done.append(work(store, name, seconds))
        except BaseException as error:
            troubles.append(f"{name}: {error!r}")
            raise

    done = []
    running = [threading.Thread(target=run, args=(f"{number}.{one}",)) for one in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    store.close()
    print(*troubles, sep="\n")
    print(sum(done), file=sys.stderr)
    return bool(troubles)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
