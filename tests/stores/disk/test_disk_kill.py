"""Processes that are killed while they write, at every step there is and at any moment."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from disk_helpers import (
    UNBOUNDED,
    envelope,
    expected,
    key,
    objection,
    open_store,
    payload_of,
)
from disk_worker import Worker

from reprise.contracts import Bounds, Removal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")

LARGE = 100_000


def in_child(work):
    """Runs ``work`` in a forked child; returns the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def filled(folder):
    store = open_store(folder)
    for number, size in enumerate((LARGE, 50, LARGE, 70_000)):
        store.put(key(number), envelope(size, seed=number), UNBOUNDED)
    store.close()


def put_new(store):
    """Replaces a file by another one, and two others leave, one with a file."""
    store.put(key(0), envelope(LARGE, 10, LARGE, seed="new"), Bounds(entries=2))


def put_small(store):
    store.put(key(0), envelope(10, seed="new"), UNBOUNDED)


def put_shared(store):
    store.put(key("another"), envelope(LARGE, seed=2), UNBOUNDED)


def remove(store):
    store.remove(key(2), Removal.CLEARED)


def clear(store):
    store.clear("group")


def set_aside(store):
    store.set_aside(key(2), store.version(key(2)), "a reason")


CHANGES = [put_new, put_small, put_shared, remove, clear, set_aside]


def steps_of(folder, change):
    filled(folder)
    steps = []
    store = open_store(folder, steps=steps.append)
    change(store)
    store.close()
    return steps


def kill_at(folder, change, step):
    """Ends a process that makes the change once it has done so many steps."""

    def work():
        done = []

        def count(name):
            done.append(name)
            if len(done) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        change(open_store(folder, steps=count))

    return in_child(work)


def test_each_step_of_a_write_is_told(tmp_path):
    steps = steps_of(tmp_path / "cache", put_new)
    assert (
        steps
        == [
            "gate entered",
            "file made",
            "part written",
            "part written",
            "part written",
            "file filled",
            "file flushed",
            "file stamped",
            "file named",
            "folder flushed",
            "transaction begun",
            "old row removed",
            "row inserted",
            "room made",
            "transaction complete",
            "transaction committed",
            "file removed",
            "file removed",
        ]
        or steps.count("file removed") > 1
    )


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_kill_at_any_step_leaves_all_as_it_was_or_all_done(tmp_path, change):
    steps = steps_of(tmp_path / "undisturbed", change)
    undisturbed = open_store(tmp_path / "undisturbed")
    after = {found: undisturbed.get(found).header for found, _ in undisturbed.entries()}
    undisturbed.close()
    outcomes = set()
    for step in range(1, len(steps) + 1):
        folder = tmp_path / str(step)
        filled(folder)
        assert kill_at(folder, change, step) == signal.SIGKILL
        store = open_store(folder, on_trouble=pytest.fail)
        before = {key(number) for number in range(4)}
        there = {found: store.get(found) for found, _ in store.entries()}
        assert all(payload_of(found) == expected(found) for found in there.values())
        done = {name: found.header for name, found in there.items()} == after
        assert done or set(there) == before, steps[step - 1]
        outcomes.add(done)
        assert done == ("transaction committed" in steps[:step]), steps[step - 1]
        assert store.check(repair=False, verify=objection).sound
        for _ in range(32):
            store.sweep(0.0)
        report = store.check(repair=False, verify=objection)
        assert report.left == ()
        # And nothing of the killed process is in the way.
        change(store)
        assert store.check(repair=False, verify=objection).sound
        del there
        store.close()
    assert outcomes == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", [200, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
def test_writers_killed_at_any_moment_do_no_damage(tmp_path, kills):
    folder, order = tmp_path / "cache", random.Random(kills)

    def start():
        name = f"shared-{order.randrange(10**9)}"
        child = os.fork()
        if child == 0:
            try:
                worker = Worker(open_store(folder), name)
                while True:
                    worker.shared()
            finally:
                os._exit(1)
        return child

    running = [start() for _ in range(4)]
    for _ in range(kills):
        time.sleep(order.uniform(0.0, 0.03))
        place = order.randrange(len(running))
        os.kill(running[place], signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(running[place], 0)[1]), "it ended on its own"
        running[place] = start()
    for child in running:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    store = open_store(folder, on_trouble=pytest.fail)
    report = store.check(repair=False, verify=objection)
    assert report.sound
    assert report.entries > 0
    for found, kept in store.entries():
        name = kept.header[len('{"seed": "') :].partition(b":")[0].decode()
        assert found == key(name)
    for _ in range(32):
        store.sweep(0.0)
    report = store.check(repair=False, verify=objection)
    assert report.sound
    assert report.left == ()
    store.close()
