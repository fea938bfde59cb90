"""Edits of the user's code: which make another fingerprint, and which do not."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from reprise.keys import fingerprint


@dataclass(frozen=True)
class Edit:
    what: str
    app: str
    old: str
    new: str
    other: str | None = None
    needs_source: bool = False

    def __str__(self) -> str:
        return self.what


CASES = tomllib.loads(Path(__file__).with_name("edits.toml").read_text())
DIFFERENT = [Edit(**case) for case in CASES["different"]]
SAME = [Edit(**case) for case in CASES["same"]]


def alone(edits):
    """Those of a single module that need no source."""
    return [edit for edit in edits if edit.other is None and not edit.needs_source]


def wrapped(function):
    return getattr(function, "__wrapped__", function)


def write(project, edit):
    if edit.other is not None:
        project.write("other.py", edit.other)
    project.write("app.py", edit.app)


def taken(module):
    return fingerprint(wrapped(module.f))


@pytest.mark.parametrize("edit", DIFFERENT, ids=str)
def test_an_edit_that_makes_another_fingerprint(project, edit):
    write(project, edit)
    before = taken(project.load())
    assert taken(project.load()).digest == before.digest
    project.edit("app.py" if edit.other is None else "other.py", edit.old, edit.new)
    assert taken(project.load()).digest != before.digest


@pytest.mark.parametrize("edit", SAME, ids=str)
def test_an_edit_that_makes_no_other_fingerprint(project, edit):
    write(project, edit)
    before = taken(project.load())
    project.edit("app.py" if edit.other is None else "other.py", edit.old, edit.new)
    assert taken(project.load()).parts == before.parts


@pytest.mark.parametrize("edit", alone(DIFFERENT), ids=str)
def test_without_source_the_same_edits_are_seen(edit):
    assert edit.old in edit.app
    assert bare(edit.app).digest != bare(edit.app.replace(edit.old, edit.new)).digest


@pytest.mark.parametrize("edit", alone(SAME), ids=str)
def test_without_source_the_same_edits_make_no_difference(edit):
    assert edit.old in edit.app
    assert bare(edit.app).digest == bare(edit.app.replace(edit.old, edit.new)).digest


def bare(source):
    """As typed into an interpreter: there is no file to read the source from."""
    names = {"__name__": "__main__"}
    exec(compile(source, "<stdin>", "exec", dont_inherit=True), names)
    return fingerprint(wrapped(names["f"]))
