"""Reruns of a script: the same code objects again, and what they reach may be another."""

from __future__ import annotations

import pytest

from reprise.keys import fingerprint


def runs(source):
    """A function that runs the same compiled script again, with names that differ each time."""
    code = compile(source, "<stdin>", "exec", dont_inherit=True)

    def run(**names):
        names["__name__"] = "__main__"
        exec(code, names)
        return fingerprint(names["f"]).digest

    return run


SCRIPTS = {
    "a global": "A = now\ndef f(): return A",
    "a default": "def f(x=now): return x",
    "a default of a helper": "def g(x=now): return x\ndef f(): return g()",
    "an attribute of the function": "def f(): return getattr(f, 'note')\nf.note = now",
    "an attribute of a helper": "def g(): return g.note\ng.note = now\ndef f(): return g()",
    "an attribute by its name": "def g(): ...\ng.note = now\ndef f(): return getattr(g, 'note')",
    "an item": "A = {'a': [now]}\ndef f(): return A['a']",
    "a class": "class C: a = now\ndef f(): return C.a",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_what_is_another_in_a_rerun_makes_another_fingerprint(source):
    run = runs(source)
    first = run(now=1)
    assert run(now=1) == first
    assert run(now=2) != first
    assert run(now=1) == first


def test_an_attribute_that_only_some_runs_set_counts():
    run = runs("def g(): return 1\nif now: g.note = 5\ndef f(): return getattr(g, 'note', g())")
    without = run(now=0)
    assert run(now=1) != without
    assert run(now=0) == without
