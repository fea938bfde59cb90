"""``reprise ls``."""

from __future__ import annotations

import re

import numpy as np
import pytest
from cli_helpers import NOW


def names(done):
    return [one["function"] for one in done["functions"]]


@pytest.fixture
def filled(shop):
    shop.keep("app:big", np.arange(20_000.0), created=NOW - 7200, arguments="n=1")
    shop.keep(
        "app:many", 1, created=NOW - 60, expires=NOW + 600, arguments="x=1", cost=0.5, hits=12
    )
    shop.keep(
        "app:many", 2, created=NOW - 90, expires=NOW + 60, arguments="x=2", cost=0.25, hits=1300
    )
    shop.keep("app:many", 3, created=NOW - 99, expires=NOW - 1, arguments="x=3")
    shop.keep("app:new", "text", created=NOW - 1)
    return shop


def test_functions_are_summed_up(filled):
    done = filled.plain("ls")
    assert done["entries"] == 5
    assert done["folder"] == str(filled.folder)
    assert done["unverified"] == {"entries": 0, "size": 0}
    (many,) = [one for one in done["functions"] if one["function"] == "app:many"]
    assert many["label"] == "many"
    assert many["entries"] == 3
    assert many["hits"] == 1312
    assert (many["youngest"], many["oldest"]) == (NOW - 60, NOW - 99)
    assert many["expires"] == NOW + 60
    assert many["expired"] == 1
    assert many["cost"] == 2.75
    assert sum(one["size"] for one in done["functions"]) == done["size"]
    assert done["functions"][0]["expires"] is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("size", ["app:big", "app:many", "app:new"]),
        ("age", ["app:new", "app:many", "app:big"]),
        ("entries", ["app:many", "app:big", "app:new"]),
        ("hits", ["app:many", "app:big", "app:new"]),
        ("name", ["app:big", "app:many", "app:new"]),
    ],
)
def test_functions_come_in_the_order_that_was_asked_for(filled, order, expected):
    assert names(filled.plain("ls", "--sort", order)) == expected


def test_the_table_says_the_same(filled):
    text = filled.run("ls").stdout
    assert re.search(r"app:big +1 +0 +168 kB +2h +never +2 s", text)
    assert re.search(r"app:many +3 +1,312 +\d+ B +1m +1 expired, in 1m +2.75 s", text)
    assert re.search(rf"5 entries, \d+ kB of at most \d.*, in {filled.folder}", text)


def test_entries_of_a_function_are_listed(filled):
    entries = filled.plain("ls", "many", "--sort", "name")["entries"]
    assert [one["arguments"] for one in entries] == ["x=1", "x=2", "x=3"]
    assert [one["expired"] for one in entries] == [False, False, True]
    assert {one["codec"] for one in entries} == {"plain"}
    assert [one["arguments"] for one in filled.plain("ls", "many", "--sort", "age")["entries"]] == [
        "x=1",
        "x=2",
        "x=3",
    ]
    hits = filled.plain("ls", "many", "--sort", "hits")["entries"]
    assert [one["hits"] for one in hits] == [1300, 12, 0]
    text = filled.run("ls", "many").stdout
    short = entries[0]["key"][:12]
    assert re.search(rf"{short} +x=1 +12 +\d+ B +1m +in 10m +plain +500 ms", text)
    assert "expired" in text
    assert "app:big" not in text
    assert not re.search(" $", text, re.MULTILINE)


def test_short_keys_that_are_listed_can_be_shown(filled):
    text = filled.run("ls", "*").stdout
    keys = re.findall(r"^([0-9a-f]{12,}) ", text, re.MULTILINE)
    assert len(keys) == 5
    for key in keys:
        assert filled.run("show", key).exit_code == 0


def test_what_another_secret_signed_is_counted_and_its_facts_are_not_shown(filled):
    filled.keep("app:forged", 5, secret="quite another secret", arguments="believe=me")
    done = filled.plain("ls")
    assert done["unverified"]["entries"] == 1
    assert done["entries"] == 6
    assert "app:forged" not in names(done)
    text = filled.run("ls").stdout
    assert "1 entry cannot be trusted" in text
    assert "forged" not in text
    assert filled.run("ls", "forged").exit_code == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET header = x'00' WHERE key = ?",
        "UPDATE entries SET header = 5 WHERE key = ?",
        "UPDATE entries SET grp = 'app:other' WHERE key = ?",
        "UPDATE entries SET grp = x'ff' WHERE key = ?",
        "UPDATE entries SET created = 1.0 WHERE key = ?",
        "UPDATE entries SET expires = 9e99 WHERE key = ?",
        "UPDATE entries SET key = randomblob(32) WHERE key = ?",
        "UPDATE entries SET key = 'text' WHERE key = ?",
        "UPDATE entries SET size = 'much' WHERE key = ?",
    ],
)
def test_what_was_changed_is_not_believed(filled, change):
    filled.change(change, filled.keep("app:victim", 5))
    assert filled.plain("ls")["unverified"]["entries"] == 1
    assert "app:victim" not in filled.run("ls").stdout
    assert filled.run("ls", "*").exit_code == 0


def test_without_a_secret_nothing_is_believed_and_none_is_made(filled):
    done = filled.run("ls", secret=None)
    assert done.exit_code == 0
    assert "there is no secret here" in done.stdout
    assert "app:" not in done.stdout
    assert not (filled.folder.parent / "settings").exists()


def test_nothing_of_a_function_is_told_and_has_a_code(filled):
    done = filled.run("ls", "gone")
    assert done.exit_code == 1
    assert "'gone'" in done.stderr
    assert filled.plain("ls", "gone", code=1)["entries"] == []


def test_a_name_of_two_functions_lists_them(filled):
    filled.keep("other:many", 1)
    done = filled.run("ls", "many")
    assert done.exit_code == 2
    assert "reprise ls app:many\n" in done.stderr
    assert "reprise ls other:many\n" in done.stderr


def test_entries_cannot_be_sorted_by_their_number(filled):
    done = filled.run("ls", "many", "--sort", "entries")
    assert done.exit_code == 2
    assert "size, age, hits, name" in done.stderr


def test_values_that_are_equal_are_counted_once_in_all(shop):
    shop.keep("a:f", np.arange(50_000.0))
    shop.keep("b:f", np.arange(50_000.0))
    done = shop.plain("ls")
    assert done["size"] < 500_000 < sum(one["size"] for one in done["functions"])
    assert "what is equal is kept once" in shop.run("ls").stdout


def test_text_of_others_neither_steers_the_terminal_nor_is_markup(shop):
    shop.keep("app:[red]f\x1b[2J", 1, arguments="x='\x1b]0;title\x07\u202e[bold]\n'")
    for command in (["ls"], ["ls", "*"], ["ls", "--json"]):
        text = shop.run(*command).stdout
        assert not set(text) & set("\x1b\x07\u202e")
    assert "app:[red]f\\x1b[2J" in shop.run("ls").stdout
    assert "\\u202e[bold]\\n" in shop.run("ls", "*").stdout


def test_a_terminal_that_knows_only_ascii_gets_ascii(shop, ended, monkeypatch):
    shop.keep("app:größe", 1)
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("REPRISE_SECRET", "the secret of these tests")
    done = ended("ls")
    assert done.returncode == 0, done.stderr
    assert "app:gr\\xf6\\xdfe" in done.stdout
