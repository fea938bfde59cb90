"""``reprise show``."""

from __future__ import annotations

import re

import numpy as np
import pytest
from cli_helpers import NOW

KEY = bytes.fromhex("ab" * 16 + "00" * 16)


class Bomb:
    """What tells if anybody unpickles it."""

    exploded = 0

    def __reduce__(self):
        return explode, ()


def explode():
    Bomb.exploded += 1
    return Bomb()


def test_all_facts_are_shown(shop):
    shop.keep(
        "app:load", [1, 2], key=KEY, arguments="x=1", created=NOW - 90, expires=NOW + 30, cost=1.5
    )
    done = shop.plain("show", "ab")
    assert done["key"] == KEY.hex()
    assert done["function"] == "app:load"
    assert done["arguments"] == "x=1"
    assert (done["created"], done["expires"], done["cost"]) == (NOW - 90, NOW + 30, 1.5)
    assert (done["codec"], done["parts"], done["file"]) == ("plain", [9], None)
    assert done["verified"] is True
    assert done["objection"] is None
    text = shop.run("show", KEY.hex().upper()).stdout
    for line in (
        r"function +app:load",
        r"arguments +x=1",
        rf"key +{KEY.hex()}",
        r"signature +right",
    ):
        assert re.search(line, text)
    assert re.search(r"created .*\(1m ago\)$", text, re.MULTILINE)
    assert re.search(r"expires .*\(in 30 s\)", text)


def test_a_large_value_has_a_file_and_parts(shop):
    shop.keep("app:load", np.arange(20_000.0), key=KEY)
    done = shop.plain("show", "ab")
    assert sum(done["parts"]) > 160_000
    assert shop.folder.joinpath(done["file"]).stat().st_size >= 160_000
    assert done["file"] in shop.run("show", "ab").stdout.replace("\n", "")


def test_an_expired_entry_is_said_to_be_expired(shop):
    shop.keep("app:load", 1, key=KEY, expires=NOW - 1)
    assert "(expired)" in shop.run("show", "ab").stdout
    assert shop.plain("show", "ab")["expired"] is True


@pytest.mark.parametrize("key", ["cd", "ab" * 16 + "01"])
def test_a_key_that_is_not_there_has_a_code(shop, key):
    shop.keep("app:load", 1, key=KEY)
    done = shop.run("show", key)
    assert done.exit_code == 1
    assert key in done.stderr


@pytest.mark.parametrize("key", ["", "xyz", "0" * 65, "12 ", "-", "\x1b[2J"])
def test_what_is_no_key_is_wrong_usage(shop, key):
    shop.keep("app:load", 1, key=KEY)
    done = shop.run("show", "--", key)
    assert done.exit_code == 2
    assert "digits" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_beginning_of_several_keys_lists_them(shop):
    for number in range(3):
        shop.keep("app:load", 1, key=KEY[:31] + bytes([number]), arguments=f"n={number}\x1b")
    done = shop.run("show", "a")
    assert done.exit_code == 2
    for number in range(3):
        key = (KEY[:31] + bytes([number])).hex()
        assert f"{key}  app:load(n={number}\\x1b)" in done.stderr
        assert shop.plain("show", key)["key"] == key


def test_the_value_is_shown_if_it_is_safe(shop):
    shop.keep("app:load", {"answer": 42, "steering": "\x1b[2J"}, key=KEY)
    text = shop.run("show", "ab", "--value").stdout
    assert "'answer': 42" in text
    assert "\x1b" not in text


def test_only_the_beginning_of_a_value_is_shown(shop):
    shop.keep("app:load", [["long " * 1000, number] for number in range(1000)], key=KEY)
    text = shop.run("show", "ab", "--value").stdout
    assert len(text.splitlines()) < 60
    assert len(text) < 10_000


def test_a_large_value_is_shown_from_its_file(shop):
    shop.keep("app:load", np.arange(2_000_000.0), key=KEY)
    assert "1.999999e+06" in shop.run("show", "ab", "--value").stdout


def test_a_pickled_value_is_never_unpickled(shop):
    shop.keep("app:load", Bomb(), key=KEY)
    Bomb.exploded = 0
    for options in ([], ["--value"], ["--json"]):
        done = shop.run("show", "ab", *options)
        assert done.exit_code == 0, done.output
        assert "pickle" in done.stdout
        assert ("would run code" in done.stdout) is (options == ["--value"])
    assert shop.run("check").exit_code == 0
    assert Bomb.exploded == 0


def test_what_another_secret_signed_shows_no_facts(shop):
    shop.keep("app:forged", 5, key=KEY, secret="quite another secret")
    done = shop.run("show", "ab", "--value")
    assert done.exit_code == 1
    assert "wrong" in done.stdout
    assert "forged" not in done.stdout
    plain = shop.plain("show", "ab", code=1)
    assert plain["verified"] is False
    assert set(plain) == {"key", "verified", "objection"}


def test_a_row_that_was_changed_is_damaged(shop):
    shop.keep("app:load", np.arange(20_000.0), key=KEY)
    shop.change("UPDATE entries SET content = randomblob(32)")
    done = shop.run("show", "ab", "--value")
    assert done.exit_code == 1
    assert "DAMAGED: its row was changed" in done.stdout
    assert shop.plain("show", "ab", code=1)["objection"].startswith("its row was changed")


def test_bytes_of_a_value_that_were_changed_are_not_shown(shop):
    shop.keep("app:load", {"a": 1, "b": 2}, key=KEY)
    shop.change("UPDATE entries SET inline = zeroblob(length(inline))")
    done = shop.run("show", "ab", "--value")
    assert done.exit_code == 3
    assert "damaged" in done.stderr


def test_a_value_and_json_exclude_each_other(shop):
    assert shop.run("show", "ab", "--value", "--json").exit_code == 2
