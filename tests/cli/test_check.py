"""``reprise check``."""

from __future__ import annotations

import os
import sqlite3

import numpy as np
import pytest
from cli_helpers import SECRET

KEY = bytes.fromhex("ab" * 32)


@pytest.fixture
def filled(shop):
    shop.keep("app:small", {"a": 1}, arguments="1")
    shop.keep("app:large", np.arange(20_000.0), key=KEY)
    return shop


def overwrite_part(shop):
    """Change one byte of the large value, and nothing that a store could notice."""
    (path,) = [path for path in shop.folder.glob("parts/*/*") if path.is_file()]
    there = path.stat()
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(there.st_size // 2)
        old = file.read(1)
        file.seek(there.st_size // 2)
        file.write(bytes([old[0] ^ 1]))
    os.utime(path, ns=(there.st_atime_ns, there.st_mtime_ns))


def damage_index(shop):
    """Overwrite the middle of the database."""
    index = shop.folder / "index.sqlite3"
    shop.change("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(index.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    index.write_bytes(data)


def damage_order(shop):
    """Have a row that is missing where rows are found by their function."""
    name = "name = 'entries_group'"
    connection = sqlite3.connect(shop.folder / "index.sqlite3", isolation_level=None)
    kept = connection.execute(f"SELECT * FROM sqlite_master WHERE {name}").fetchone()
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(f"DELETE FROM sqlite_master WHERE {name}")
    connection.close()
    shop.keep("app:third", 1)
    connection = sqlite3.connect(shop.folder / "index.sqlite3", isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept)
    connection.close()


DAMAGES = {
    "a byte of a file": overwrite_part,
    "a value in the index": lambda shop: shop.change("UPDATE entries SET inline = zeroblob(8)"),
    "a header": lambda shop: shop.change("UPDATE entries SET header = x'00' WHERE key = ?", KEY),
    "a row": lambda shop: shop.change("UPDATE entries SET created = 1.0 WHERE key = ?", KEY),
    "a file that is gone": lambda shop: [
        path.unlink() for path in shop.folder.glob("parts/*/*") if path.is_file()
    ],
    "a sum": lambda shop: shop.change("UPDATE totals SET size = 77"),
    "an entry of another secret": lambda shop: shop.keep(
        "app:forged", 1, secret="quite another secret"
    ),
    "the index": damage_index,
    "an order of the index": damage_order,
}


def test_a_sound_store_is_sound(filled):
    done = filled.run("check")
    assert done.exit_code == 0
    assert "All is as it was written: 2 entries" in done.stdout
    plain = filled.plain("check")
    assert plain["sound"] is True
    assert plain["entries"] == 2
    assert plain["problems"] == plain["left"] == []
    assert filled.run("check", "--repair").exit_code == 0
    assert len(filled.left()) == 2


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_left_alone_and_repaired(filled, damage):
    DAMAGES[damage](filled)
    before = filled.files()
    done = filled.run("check")
    assert done.exit_code == 1, done.output
    assert "reprise check --repair" in done.stdout
    plain = filled.plain("check", code=1)
    assert plain["sound"] is False
    assert plain["problems"]
    assert not any(problem["repaired"] for problem in plain["problems"])
    assert filled.files() == before
    assert all(
        problem["repaired"] for problem in filled.plain("check", "--repair", code=1)["problems"]
    )
    assert filled.plain("check")["sound"] is True


def test_a_table_names_what_is_damaged(filled):
    overwrite_part(filled)
    done = filled.run("check")
    assert "entry abababababab" in done.stdout
    assert "the bytes of a part are not those that were put" in done.stdout
    done = filled.run("check", "--repair", "--store", filled.url)
    assert done.exit_code == 1
    assert str(filled.folder / "aside") in done.stdout
    assert "abababababab" not in filled.run("check").stdout
    assert KEY not in filled.left()


def test_files_that_killed_programs_left_are_no_damage(filled):
    left = filled.folder / "parts" / "ab" / "tmp-1"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    done = filled.run("check")
    assert done.exit_code == 0
    assert "1 file that killed programs left behind will be swept" in done.stdout
    assert filled.plain("check")["left"] == [str(left)]
    assert left.exists()
    filled.run("check", "--repair")
    assert not left.exists()


def test_with_the_wrong_secret_a_repair_moves_nothing(filled):
    before = filled.files()
    done = filled.run("check", "--repair", secret="quite another secret")
    assert done.exit_code == 3
    assert "None of 2 entries" in done.stderr
    assert filled.files() == before
    assert filled.run("check", secret="quite another secret").exit_code == 1


@pytest.mark.parametrize("options", [[], ["--repair"]])
def test_without_a_secret_nothing_can_be_checked(filled, options):
    before = filled.files()
    done = filled.run("check", *options, secret=None)
    assert done.exit_code == 3
    assert "REPRISE_SECRET is not set" in done.stderr
    assert filled.files() == before


def test_the_exit_code_is_that_of_the_process(filled, ended, monkeypatch):
    monkeypatch.setenv("REPRISE_SECRET", SECRET)
    assert ended("check").returncode == 0
    overwrite_part(filled)
    done = ended("check")
    assert done.returncode == 1
    assert done.stderr == ""
