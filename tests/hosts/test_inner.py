"""Functions that a cached function defines, found again in code that was compiled anew."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from reprise.hosting import Call
from reprise.hosts.carrying import Carrier
from reprise.hosts.inner import Inner, digest_of
from reprise.keys import digest


def call(function, **arguments):
    return Call(function, arguments, digest=lambda question, value: digest((question, value)))


def defined(text, **names):
    """The function ``f`` of a script."""
    script = {"__name__": "__main__", **names}
    exec(compile(text, "script.py", "exec"), script)
    return script["f"]


def carried(function, value):
    return Carrier(call(function), lambda _: False, lambda _: False).carry(value)


BEFORE = """
def f(n):
    inside = lambda x, more=(1, {"a"}), *, last=2: (n, g(x), x in {"p", "q", "r"}, more, last)
    return inside
"""
AFTER = """
# The same, but for what does not count.

def f(n):
    "Words on it."

    # A comment.
    other = "another constant"

    def unused(x): return x

    inside = lambda x, more=(1, {"a"}), *, last=2: (
        n, g(x), x in {"p", "q", "r"}, more, last
    )
    return inside
"""


def test_it_is_found_in_other_lines_with_the_variables_of_then():
    one = defined(BEFORE, g=str)
    recipe = carried(one, one(1))
    assert type(recipe) is Inner
    assert recipe.make(call(one))("p") == (1, "p", True, (1, {"a"}), 2)
    other = defined(AFTER, g=repr)
    assert recipe.make(call(other))("p") == (1, "'p'", True, (1, {"a"}), 2)


@pytest.mark.parametrize(
    "other",
    [
        "def f(n): return lambda x: n - 1",
        "def f(n): return lambda y: n + 1",
        "def f(n): return lambda x=0: n + 1",
        "def f(n): return lambda x: n + True",
        "def f(n): return lambda x: n + 1.0",
        "def f(n): return lambda x: m + 1",
        "def f(m): return lambda x: m + 1",
        "def f(n): return lambda *x: n + 1",
        "def f(n): return lambda x, /: n + 1",
        "def f(n):\n  def inside(x): return n + 1\n  return inside",
        "def f(n):\n  async def inside(x): return n + 1\n  return inside",
        "def f(n): return n",
        "f = len",
    ],
)
def test_other_code_is_not_taken_for_it(other):
    one = defined("def f(n): return lambda x: n + 1")
    recipe = carried(one, one(1))
    assert recipe.make(call(one))(0) == 2
    if other.startswith("def f(n): return lambda x=0"):  # of which only the default is another
        assert recipe.make(call(defined(other)))(0) == 2
        return
    with pytest.raises(LookupError):
        recipe.make(call(defined(other)))


def test_another_name_is_other_code():
    one = defined("def f(n): return lambda x: g(x.real)", g=str)
    recipe = carried(one, one(1))
    assert recipe.make(call(one))(2) == "2"
    for text in ("lambda x: h(x.real)", "lambda x: g(x.imag)", "lambda x: g(x.real or 1)"):
        with pytest.raises(LookupError):
            recipe.make(call(defined(f"def f(n): return {text}", g=str, h=repr)))


def test_of_two_that_do_the_same_either_is_the_other():
    on_one_line = "def f():\n  return [lambda x: x, lambda x: x, lambda x: -x]"
    on_three = "def f():\n  return [lambda x: x,\n lambda x: x,\n lambda x: -x]"
    for before, after in [(on_one_line, on_three), (on_three, on_one_line)]:
        one, other = defined(before), defined(after)
        made = [carried(one, each).make(call(other))(3) for each in one()]
        assert made == [3, 3, -3]


def test_code_outside_of_the_function_is_not_found():
    helper = defined("def f(): return lambda: 1")
    one = defined("def f(n): return n")
    assert type(carried(one, helper())) is not Inner
    with pytest.raises(LookupError):
        Inner(digest_of(helper().__code__), (), carried(one, None), carried(one, None)).make(
            call(one)
        )


@pytest.mark.parametrize(("cells", "defaults"), [(0, None), (2, None), (1, [1]), (1, 1)])
def test_what_does_not_fit_the_code_is_a_lookup_error(cells, defaults):
    one = defined("def f(n): return lambda x: n")
    found = carried(one, one(1))
    none = carried(one, None)
    wrong = Inner(found.code, (none,) * cells, carried(one, defaults), none)
    with pytest.raises(LookupError):
        wrong.make(call(one))


def test_a_long_number_in_its_code_counts_to_the_last_digit():
    """Python writes none of more than 4,300 digits in decimal."""
    texts = [f"def f(): return lambda: 0x{'f' * 5000}{last}" for last in "12"]
    one, other = map(defined, texts)
    recipe = carried(one, one())
    assert recipe.make(call(one))() == one()()
    with pytest.raises(LookupError):
        recipe.make(call(other))


DIGESTS = """
from reprise.hosts.inner import digest_of
code = (lambda x: x in {"a", "b", "c", 1, None, (2.5, b"d")}).__code__
print(digest_of(code).hex())
"""


def test_a_digest_is_the_same_in_every_process():
    told = {
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
