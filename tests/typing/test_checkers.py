"""What mypy and pyright, each at its strictest, make of code that uses Reprise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
MARK = "# error"


def run(*arguments: str, expected: set[int]) -> str:
    # The tests' own configuration must not soften the checkers, so they run where there is none.
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=CASES,
        env=os.environ
        | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PYRIGHT_PYTHON_FORCE_VERSION": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in expected, done.stdout + done.stderr
    return done.stdout


def mypy(file: str, cache: Path) -> dict[int, str]:
    output = run(
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={cache}",
        "--output=json",
        file,
        expected={0, 1},
    )
    messages = [json.loads(line) for line in output.splitlines()]
    return {said["line"]: said["message"] for said in messages if said["severity"] == "error"}


def pyright(file: str, _: Path) -> dict[int, str]:
    output = run("pyright", f"--pythonpath={sys.executable}", "--outputjson", file, expected={0, 1})
    messages = json.loads(output)["generalDiagnostics"]
    return {
        said["range"]["start"]["line"] + 1: said["message"]
        for said in messages
        if said["severity"] == "error"
    }


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("check", [mypy, pyright])
@pytest.mark.parametrize("file", ["accepted.py", "refused.py"])
def test_checkers_find_every_mistake_and_nothing_else(
    file: str, check: Callable[[str, Path], dict[int, str]], cache: Path
) -> None:
    lines = (CASES / file).read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith(MARK)}
    said = check(file, cache)
    surplus = {number: said[number] for number in said.keys() - marked}
    missed = {number: lines[number - 1] for number in marked - said.keys()}
    assert (surplus, missed) == ({}, {})


def test_the_mistakes_are_marked() -> None:
    text = (CASES / "refused.py").read_text(encoding="utf-8")
    assert text.count(MARK) > 20
