"""The syntax of one function, found without the rest of its file; the whole file is the oracle."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import functools
import inspect
import json.encoder
import linecache
import textwrap
import typing

import pytest

from reprise.keys import fingerprint, foresee
from reprise.keys.code import source
from reprise.keys.code.alone import alone, imported
from reprise.keys.code.source import parsed
from reprise.keys.code.syntax import syntax_digest


def lines_of(text):
    return textwrap.dedent(text).lstrip("\n").splitlines(keepends=True)


def codes_in(code):
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield constant
            yield from codes_in(constant)


def compiled(lines, name="f"):
    whole = compile("".join(lines), "app.py", "exec", dont_inherit=True)
    return next(code for code in codes_in(whole) if code.co_name == name)


MODULES = (argparse, ast, dataclasses, functools, inspect, json.encoder, linecache, typing)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_it_is_what_the_whole_file_says(module):
    file = parsed(module.__file__)
    lines = linecache.getlines(module.__file__)
    functions = [code for code in codes_in(file.code) if code.co_flags & inspect.CO_OPTIMIZED]
    found = {code: alone(code, lines) for code in functions}
    for code, node in found.items():
        if node is not None:
            assert syntax_digest(node) == syntax_digest(file.node(code))
            assert node.lineno == file.node(code).lineno
    at_the_margin = [node for node in file.tree.body if isinstance(node, ast.FunctionDef)]
    assert len([node for node in found.values() if node is not None]) >= 0.9 * len(at_the_margin)


FOUND = {
    "the only one": "def f(): return 1",
    "behind another": "A = 1\ndef f(): return A\ndef g(): return 2",
    "a coroutine": "A = 1\nasync def f(): return A",
    "decorated": "import a\n@a.b(\n  1,\n)\n@a.c\ndef f(x): return x\nA = 2",
    "brackets that close at the margin": "A = 1\ndef f(\n  x,\n):\n  return (\n    x\n)\nB = 2",
    "a comment at the margin": "A = 1\ndef f(x):\n  y = x\n# and then\n  return y\nB = 2",
    "a text at the margin": 'A = 1\ndef f(x):\n  return """\nSELECT x\nFROM y\n""" + x\nB = 2',
    "statements behind that make nothing": "A = 1\ndef f(x):\n  return x\n  'never'\n\nB = 2",
    "a method of an import": "import a\n\ndef f(x): return a.b(x).c(x)",
    "a method of a part of an import": "from a import (\n  b,  # c\n  d as e,\n)\ndef f(): b.e()",
    "a method of what it makes": "a = []\ndef f(x): return a.append(x)",
    "of the future": "from __future__ import annotations\ndef f():\n  def g(x: X): ...\n  return g",
    "functions inside": "A = 1\ndef f(x):\n  def g(): return x\n  return lambda: g()\nB = 2",
    "a lambda as default": "A = 1\ndef f(x, key=lambda y: y): return key(x)",
    "nothing behind it": "A = 1\ndef f(x):\n  return x",
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_the_rest_of_the_file_is_not_needed(text):
    lines = lines_of(text)
    node = alone(compiled(lines), lines)
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    tree = ast.parse("".join(lines))
    (whole,) = [one for one in tree.body if isinstance(one, functions) and one.name == "f"]
    assert node is not None
    assert syntax_digest(node) == syntax_digest(whole)


EDITED = {
    "another constant": ("def f(x): return x + 1", "def f(x): return x + 2"),
    "another line": ("def f(x): return x", "A = 1\ndef f(x): return x"),
    "another column": ("def f(x): return x", "def f(x):  return x"),
    "gone": ("A = 1\ndef f(x): return x", "A = 1"),
    "cut short": ("def f(x):\n  y = x\n  return y", "def f(x):\n  y = x"),
    "another way to import": ("import a\ndef f(): a.b()", "a = 1\ndef f(): a.b()"),
    "no Python": ("def f(x): return x", "def f(x): return ("),
    "a class of that name": ("def f(x): return x", "class f: x = 1"),
}


@pytest.mark.parametrize(("before", "now"), EDITED.values(), ids=EDITED)
def test_what_was_edited_and_not_loaded_again_is_not_believed(before, now):
    assert alone(compiled(lines_of(before)), lines_of(now)) is None


NOT_AT_THE_MARGIN = {
    "a lambda": "def f(x, key=lambda y: y): return key(x)",
    "the only lambda": "f = lambda x: x",
    "inside of another": "def g():\n  def f(x): return x\n  return f",
    "a method": "class C:\n  def f(self): return 1",
    "under a condition": "if True:\n  def f(x): return x",
}


@pytest.mark.parametrize("text", NOT_AT_THE_MARGIN.values(), ids=NOT_AT_THE_MARGIN)
def test_what_stands_elsewhere_is_left_to_the_whole_file(text):
    lines = lines_of(text)
    assert alone(compiled(lines, "<lambda>" if "lambda" in text else "f"), lines) is None


IMPORTS = {
    "import a": ["a"],
    "import a.b, c.d as e": ["a", "e"],
    "from a import b as c, d": ["c", "d"],
    "from . import a": ["a"],
    "from a import *": [],
    "from a import (b,\n  c as d,  # and e, f\n)": ["b", "d"],
    "import a; import b": ["a"],
    "import a  # as b": ["a"],
    "def f():\n  import a": [],
    "import a\nimport a": ["a"],
    "import lambda, 1, a": ["a"],
}


@pytest.mark.parametrize(("text", "names"), IMPORTS.items())
def test_what_a_file_imports_is_read_off_its_lines(text, names):
    assert imported(text.splitlines(keepends=True)) == names


def test_a_function_at_the_margin_does_not_have_its_file_parsed(project, monkeypatch):
    project.write("app.py", "import math\ndef g(x): return math.pi * x\ndef f(x): return g(x)\n")
    app = project.load()

    def refuse(filename):
        raise AssertionError(f"all of {filename} is parsed")

    monkeypatch.setattr(source, "parsed", refuse)
    noted = {part.name: part.note for part in fingerprint(app.f).parts}
    assert noted["code"] == ""


def test_what_was_foreseen_is_looked_at_again(project):
    project.write("app.py", "def g(x): return x\ndef f(x): return g(x)\n")
    before = fingerprint(project.load().f)
    app = project.load()
    foresee(app.f)
    project.edit("app.py", "return x\n", "return -x\n")
    app = project.reload("app")
    after = fingerprint(app.f)
    assert after.digest != before.digest
    assert [part.note for part in after.parts] == [part.note for part in before.parts]  # by source
