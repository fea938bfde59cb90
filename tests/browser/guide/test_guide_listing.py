"""The page about the guide names what there is: chapters, and tests that click through them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "examples" / "guide"
PAGE = (ROOT / "docs" / "streamlit-guide.md").read_text(encoding="utf-8")
LISTING = (GUIDE / "guide.py").read_text(encoding="utf-8")
LISTED = set(re.findall(r'^        "(\w+)": "', LISTING, re.MULTILINE))


def test_every_chapter_is_listed_and_explained():
    begins = re.compile(r"^BEGAN = begin\(", re.MULTILINE)
    chapters = {path.stem for path in GUIDE.glob("*.py") if begins.search(path.read_text("utf-8"))}
    assert chapters == LISTED
    assert chapters == set(re.findall(r"\| `(\w+)\.py` \|", PAGE))


@pytest.mark.parametrize(("file", "name"), re.findall(r"`(data|behaviour|widgets)::(\w+)`", PAGE))
def test_the_test_of_a_claim_exists(file, name):
    tests = Path(__file__).with_name(f"test_guide_{file}.py").read_text(encoding="utf-8")
    assert f"def test_{name}(" in tests


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::\w+)?`", PAGE))))
def test_other_tests_that_are_named_exist(path):
    assert (ROOT / path).is_file()


def test_functions_of_two_chapters_are_never_counted_as_one():
    names = re.findall(
        r'^    ran\("(\w+)"\)',
        "".join(path.read_text("utf-8") for path in GUIDE.glob("*.py")),
        re.MULTILINE,
    )
    assert len(names) > 40
    assert len(names) == len(set(names))
