"""What mypy and pyright, each at its strictest, make of code that uses Reprise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

CASES = Path(__file__).parent / "cases"
OWN_SETTINGS = Path(__file__).parent / "mypy.ini"
FILES = ("accepted.py", "refused.py")
MARK = "# error"

Place: TypeAlias = tuple[str, int]
"""A file's name and the number of a line in it."""


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments, *FILES],
        cwd=CASES,
        env=os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 means that there are errors, and in refused.py there are.
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


# The project's own settings must not soften the checkers: mypy gets others, which only say what it
# need not read, and the cases themselves ask pyright to be strict.


def mypy(cache: Path) -> Iterator[tuple[Place, str]]:
    options = ("--strict", f"--config-file={OWN_SETTINGS}", f"--cache-dir={cache}", "--output=json")
    for line in run("mypy", *options).splitlines():
        said = json.loads(line)
        if said["severity"] == "error":
            yield (Path(said["file"]).name, said["line"]), said["message"]


def pyright(_: Path) -> Iterator[tuple[Place, str]]:
    output: dict[str, Any] = json.loads(
        run("pyright", f"--pythonpath={sys.executable}", "--outputjson")
    )
    for said in output["generalDiagnostics"]:
        if said["severity"] == "error":
            line = said["range"]["start"]["line"] + 1  # counted from 0
            yield (Path(said["file"]).name, line), said["message"]


@pytest.fixture(scope="module", params=[mypy, pyright], ids=lambda checker: checker.__name__)
def said(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[Place, str]:
    return dict(request.param(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def mistakes() -> dict[Place, str]:
    return {
        (name, number): line
        for name in FILES
        for number, line in enumerate((CASES / name).read_text(encoding="utf-8").splitlines(), 1)
        if line.endswith(MARK)
    }


def test_every_mistake_is_found(said: dict[Place, str], mistakes: dict[Place, str]) -> None:
    assert mistakes
    assert [place for place in mistakes if place not in said] == []


def test_nothing_else_is_complained_of(said: dict[Place, str], mistakes: dict[Place, str]) -> None:
    assert {place: said[place] for place in said if place not in mistakes} == {}
