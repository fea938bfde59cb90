"""``reprise clear``."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import numpy as np
import pytest
from cli_helpers import NOW, SECRET

from reprise.stores.disk import DiskStore


@pytest.fixture
def keys(shop):
    return {
        "old": shop.keep("app:load", 1, created=NOW - 8 * 86_400, arguments="x=1"),
        "new": shop.keep("app:load", 2, created=NOW - 60, arguments="x=2"),
        "expired": shop.keep("app:rate", 3, expires=NOW - 1, arguments="x=3"),
        "at": shop.keep("app:rate", 4, expires=NOW, arguments="x=4"),
        "fresh": shop.keep("app:rate", 5, expires=NOW + 1, arguments="x=5"),
        "closed": shop.keep("lib:f.<locals>.g|1234567890abcdef", 6),
        "forged": shop.keep("app:load", 7, secret="quite another secret", arguments="x=7"),
    }


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        (["--yes"], "old new expired at fresh closed forged"),
        (["load"], "old new forged"),
        (["app:load"], "old new forged"),
        (["load", "--older", "7d"], "old"),
        (["--older", "7d", "--yes"], "old"),
        (["--older", "9d", "--yes"], ""),
        (["--older", "0", "--yes"], "old new expired at fresh closed forged"),
        (["--expired"], "expired at"),
        (["rate", "--expired"], "expired at"),
        (["load", "--expired"], ""),
        (["g"], "closed"),
        (["app:*"], "old new expired at fresh forged"),
    ],
)
def test_what_is_cleared(shop, keys, arguments, gone):
    expected = {keys[name] for name in gone.split()}
    done = shop.plain("clear", *arguments)
    assert shop.left() == set(keys.values()) - expected
    assert done["entries"] == len(expected)
    assert (done["size"] > 0) is bool(expected)


def test_it_says_what_went(shop):
    shop.keep("app:load", np.arange(20_000.0))
    done = shop.run("clear", "load")
    assert done.exit_code == 0
    assert done.stdout == f"app:load\nCleared 1 entry, 168 kB, in {shop.folder}.\n"
    assert not [path for path in shop.folder.glob("parts/*/*") if path.is_file()]


def test_nothing_of_a_function_is_told_and_has_a_code(shop, keys):
    done = shop.run("clear", "gone")
    assert done.exit_code == 1
    assert "'gone'" in done.stderr
    assert shop.plain("clear", "gone", code=1)["entries"] == 0
    assert shop.left() == set(keys.values())


def test_a_name_of_two_functions_clears_neither(shop, keys):
    shop.keep("other:load", 1)
    done = shop.run("clear", "load")
    assert done.exit_code == 2
    assert "nothing was cleared" in done.stderr
    assert "reprise clear other:load\n" in done.stderr
    assert len(shop.left()) == len(keys) + 1


@pytest.mark.parametrize("older", ["7x", "-1d", "", "1M"])
def test_an_age_that_cannot_be_read_is_wrong_usage(shop, keys, older):
    done = shop.run("clear", "--yes", f"--older={older}")
    assert done.exit_code == 2
    assert "duration" in done.stderr
    assert len(shop.left()) == len(keys)


def test_older_and_expired_exclude_each_other(shop, keys):
    assert shop.run("clear", "--yes", "--older", "1d", "--expired").exit_code == 2
    assert len(shop.left()) == len(keys)


@pytest.mark.parametrize("arguments", [[], ["--older", "7d"], ["--store"]])
def test_without_a_terminal_nobody_can_confirm(shop, keys, monkeypatch, arguments):
    if arguments == ["--store"]:
        arguments = ["--store", shop.url]
        monkeypatch.setenv("REPRISE_STORE", "disk:///somewhere/else")
    done = shop.run("clear", *arguments)
    assert done.exit_code == 2
    command = done.stderr.strip().splitlines()[-1].split()
    assert len(shop.left()) == len(keys)
    assert shop.run(*command[1:]).exit_code == 0  # what it says to type is what works
    assert len(shop.left()) < len(keys)


@pytest.mark.parametrize(("answer", "left"), [("n", 7), ("", 7), ("y", 0)])
def test_at_a_terminal_the_user_is_asked(shop, keys, answer, left):
    command = [sys.executable, "-m", "reprise", "clear"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "REPRISE_SECRET": SECRET},
    )
    os.write(ours, f"{answer}\n".encode())
    output = process.communicate(timeout=60)[0].decode()
    os.close(ours)
    os.close(theirs)
    assert f"All of 7 entries in {shop.folder} will be cleared. Go on?" in output
    assert process.returncode == (0 if answer == "y" else 1)
    assert len(shop.left()) == left


def test_a_program_that_runs_notices(shop, keys):
    store = shop.opened()
    before = store.moment("app:load").clears
    assert store.version(keys["new"]) is not None
    shop.run("clear", "load")
    assert store.version(keys["new"]) is None
    assert store.moment("app:load").clears != before
    store.close()


def test_what_was_computed_anew_meanwhile_stays(shop, monkeypatch):
    key = shop.keep("app:rate", 1, key=bytes(32), expires=NOW - 1)
    listed = DiskStore.entries

    def entries(store, group=None):
        found = listed(store, group)
        shop.keep("app:rate", 2, key=key, expires=NOW + 60)
        return found

    monkeypatch.setattr(DiskStore, "entries", entries)
    assert shop.plain("clear", "--expired")["entries"] == 0
    monkeypatch.undo()
    assert shop.left() == {key}


def test_clearing_needs_no_secret(shop, keys):
    assert shop.run("clear", "--yes", secret=None).exit_code == 0
    assert shop.left() == set()
    assert not (shop.folder.parent / "settings").exists()
