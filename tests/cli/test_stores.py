"""What all commands about stores have in common: which store, how they fail, what they touch."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest
from cli_helpers import SECRET

from reprise.cli.places import printable

COMMANDS = [
    ["ls"],
    ["ls", "f"],
    ["show", "ab"],
    ["clear", "--yes"],
    ["check"],
    ["check", "--repair"],
]

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import shelf
for number in range(3):
    assert shelf.square(number) == [number * number]
assert shelf.zeros(3000).nbytes == 3000 * 8 * 10
"""

MODULE = """
import numpy
from reprise import cache_data

@cache_data(persist="disk", ttl="1h")
def square(number):
    return [number * number]

@cache_data(persist="disk")
def zeros(rows):
    return numpy.zeros((rows, 10))
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_where_there_is_no_store_none_is_made(shop, command):
    done = shop.run(*command)
    assert done.exit_code == (1 if command in (["ls", "f"], ["show", "ab"]) else 0)
    assert not shop.folder.parent.exists()
    assert shop.run(*command, secret=None).exit_code == done.exit_code
    assert not shop.folder.parent.exists()


def test_where_there_is_no_store_programs_get_an_empty_list(shop):
    plain = shop.plain("ls")
    assert plain["functions"] == []
    assert plain["entries"] == plain["size"] == 0
    assert shop.plain("check")["sound"] is True
    assert shop.plain("clear", "--yes")["entries"] == 0
    assert "There is no store in" in shop.run("ls").stdout


@pytest.mark.parametrize(
    "command", [["ls"], ["ls", "load"], ["show", "ab"], ["show", "ab", "--value"], ["check"]]
)
def test_looking_leaves_no_trace(shop, command):
    shop.keep("app:load", 1, key=bytes.fromhex("ab" * 32))
    shop.keep("app:load", 2, secret="quite another secret")
    before = shop.files()
    shop.run(*command)
    shop.run(*command, secret=None)
    assert shop.files() == before
    assert shop.plain("ls")["entries"] == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_another_program_is_left_alone(shop, command):
    shop.folder.mkdir(parents=True)
    connection = sqlite3.connect(shop.folder / "index.sqlite3")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = shop.files()
    done = shop.run(*command)
    assert done.exit_code == 3
    assert "another program" in done.stderr
    assert shop.files() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_an_index_of_another_version_is_left_alone(shop, command):
    shop.keep("app:load", 1)
    shop.change("PRAGMA user_version = 77")
    before = shop.files()
    done = shop.run(*command)
    assert done.exit_code == 3
    assert "format 77" in done.stderr
    assert shop.files() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_a_file_cannot_be_used(shop, command):
    shop.folder.parent.mkdir()
    shop.folder.write_text("not a folder")
    done = shop.run(*command)
    assert done.exit_code == 3
    assert str(shop.folder) in done.stderr


@pytest.mark.parametrize("command", [["ls"], ["show", "ab"], ["clear", "--yes"]])
def test_a_damaged_index_is_left_alone(shop, command):
    shop.folder.mkdir(parents=True)
    (shop.folder / "index.sqlite3").write_bytes(b"no database at all" * 1000)
    before = shop.files()
    done = shop.run(*command)
    assert done.exit_code == 3
    assert "damaged" in done.stderr
    assert shop.files() == before


@pytest.mark.parametrize("command", [*COMMANDS, ["path"]])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("memory://", "memory"),
        ("nonsense", "disk:///var/cache/app"),
        ("redis://x", "redis"),
        ("disk://?x=1", "no option 'x'"),
    ],
)
def test_a_url_that_names_no_store_on_disk_is_wrong_usage(shop, command, url, said):
    done = shop.run(*command, "--store", url)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REPRISE_STORE", "nonsense", "disk:///var/cache/app"),
        ("REPRISE_STOER", "disk://", "Did you mean REPRISE_STORE?"),
        ("REPRISE_SECRET", "tooshort", "16 bytes"),
    ],
)
def test_a_wrong_setting_is_wrong_usage(ended, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    done = ended("ls")
    assert done.returncode == 2
    assert said in done.stderr
    assert "tooshort" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_secret_that_others_can_read_is_not_used(shop):
    shop.keep("app:load", 1)
    secret = shop.folder.parent / "settings" / "reprise" / "secret"
    secret.parent.mkdir(parents=True, mode=0o700)
    secret.write_text(SECRET)
    secret.chmod(0o644)
    done = shop.run("ls", secret=None)
    assert done.exit_code == 3
    assert str(secret) in done.stderr
    secret.chmod(0o600)
    assert shop.plain("ls", secret=None)["unverified"]["entries"] == 0


def test_the_path_is_all_that_is_printed(shop, ended, monkeypatch):
    assert shop.run("path").stdout == f"{shop.folder}\n"
    assert shop.run("path", "--store", "disk:///a%25b c").stdout == "/a%b c\n"
    assert not shop.folder.parent.exists()
    monkeypatch.delenv("REPRISE_STORE")
    done = ended("path")
    assert done.stdout == f"{shop.folder.parent / '.cache' / 'reprise'}\n"
    assert done.stderr == ""


def test_the_path_is_printed_without_any_library_of_the_user(shop):
    program = (
        "import sys; sys.argv[1:] = ['path']\n"
        "from reprise.cli import main\n"
        "main(standalone_mode=False)\n"
        "heavy = {'pandas', 'numpy', 'streamlit', 'polars', 'pyarrow', 'rich'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == f"{shop.folder}\n\n"


def test_a_store_of_a_real_program(shop, ended, tmp_path, monkeypatch):
    (tmp_path / "shelf.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("REPRISE_SECRET", SECRET)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    found = {one["function"]: one for one in shop.plain("ls")["functions"]}
    module = tmp_path / "shelf.py"
    assert found[f"{module}:square"]["entries"] == 3
    assert found[f"{module}:zeros"]["size"] > 240_000
    entries = shop.plain("ls", "square", "--sort", "name")["entries"]
    assert [one["arguments"] for one in entries] == ["number=0", "number=1", "number=2"]
    assert all(one["expires"] - one["created"] == pytest.approx(3600) for one in entries)
    done = ended("show", entries[2]["key"][:12], "--value")
    assert done.returncode == 0, done.stderr
    assert "[4]" in done.stdout
    assert ended("check").returncode == 0
    assert ended("clear", "square").returncode == 0
    assert [one["function"] for one in shop.plain("ls")["functions"]] == [f"{module}:zeros"]
    subprocess.run(command, check=True, timeout=60)
    assert shop.plain("ls")["entries"] == 4


def test_commands_work_while_another_process_writes(shop, ended, monkeypatch):
    shop.keep("app:load", 1)
    monkeypatch.setenv("REPRISE_SECRET", SECRET)
    connection = sqlite3.connect(shop.folder / "index.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")  # a change that is under way
    for command in (["ls"], ["ls", "load"], ["check"], ["check", "--repair"]):
        assert ended(*command).returncode == 0
    connection.execute("ROLLBACK")
    connection.close()


def test_a_reader_that_has_seen_enough_ends_it_quietly(shop, monkeypatch):
    for number in range(300):
        shop.keep(f"app:function_{number}", 1)
    monkeypatch.setenv("REPRISE_SECRET", SECRET)
    done = subprocess.run(
        f"{sys.executable} -m reprise ls --json | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "{\n"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain größe 日本", "plain größe 日本"),
        ("\x1b[31m\x07\x9b\x7f", "\\x1b[31m\\x07\\x9b\\x7f"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\u202e\u2066\u200b\u2028", "\\u202e\\u2066\\u200b\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_a_printable_text_has_nothing_that_steers_a_terminal(text, expected):
    assert printable(text) == expected


def test_help_lists_the_commands_and_their_codes(shop):
    text = shop.run("--help").stdout
    for command in ("ls", "show", "clear", "check", "path", "run"):
        assert f"\n  {command} " in text
        if command != "run":
            assert "Exit codes: 0" in shop.run(command, "--help").stdout
