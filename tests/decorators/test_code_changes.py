"""What a change of code does to results that are kept."""

from __future__ import annotations

import linecache

import pytest

from reprise import cache_data, cache_resource
from reprise.errors import InvalidOptionError


class Script:
    """A script that is run again and again in a namespace of its own, as Streamlit does."""

    def __init__(self, path, source):
        self.path, self.runs = path, []
        self.edit(source)

    def edit(self, source):
        self.path.write_text(source)
        linecache.clearcache()
        self.code = compile(source, str(self.path), "exec", dont_inherit=True)

    def rerun(self):
        names = {"__name__": "__main__", "__file__": str(self.path), "runs": self.runs}
        names |= {"cache_data": cache_data, "cache_resource": cache_resource}
        exec(self.code, names)
        return names


SOURCE = """
import math
from dataclasses import dataclass

LIMIT = 10
TABLE = {"a": [1, 2]}

@dataclass
class Point:
    x: int
    def twice(self):
        return 2 * self.x

def helper(x):
    return x + LIMIT

@cache_data
def f(x):
    runs.append(x)
    return helper(x) + math.floor(1.5) + TABLE["a"][0] + Point(x).twice()
"""


@pytest.fixture
def script(tmp_path):
    return Script(tmp_path / "app.py", SOURCE)


def test_a_rerun_hits(script):
    results = [script.rerun()["f"](1) for _ in range(5)]
    assert results == [15] * 5
    assert script.runs == [1]


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ("LIMIT = 10", "LIMIT = 20", 25),
        ("return x + LIMIT", "return x - LIMIT", -5),
        ("[1, 2]", "[3, 2]", 17),
        ("2 * self.x", "3 * self.x", 16),
    ],
)
def test_an_edit_of_what_it_names_misses_and_back_again_hits(script, old, new, result):
    assert script.rerun()["f"](1) == 15
    script.edit(SOURCE.replace(old, new))
    assert script.rerun()["f"](1) == script.rerun()["f"](1) == result
    assert script.runs == [1, 1]
    script.edit("# back again\n" + SOURCE)
    assert script.rerun()["f"](1) == 15
    assert script.runs == [1, 1]


def test_a_change_between_two_calls_is_seen_at_once(script):
    names = script.rerun()
    assert names["f"](1) == names["f"](1) == 15
    names["LIMIT"] = 20
    assert names["f"](1) == 25
    names["TABLE"]["a"][0] = 5
    assert names["f"](1) == 29
    names["helper"] = lambda x: 0
    assert names["f"](1) == 8
    names["Point"].twice = lambda self: 0
    assert names["f"](1) == 6
    assert len(script.runs) == 5


def test_sessions_run_the_same_script_with_globals_of_their_own(script):
    one, other = script.rerun(), script.rerun()
    other["LIMIT"] = 20
    assert [one["f"](1), other["f"](1), one["f"](1), other["f"](1)] == [15, 25, 15, 25]
    assert len(script.runs) == 2


def test_counters_and_logs_of_the_function_are_no_inputs():
    counts, log = {"f": 0}, []

    @cache_data
    def f(x):
        counts["f"] += 1
        log.append(x)
        return x

    assert [f(1), f(1), f(2), f(1)] == [1, 1, 2, 1]
    assert counts["f"] == 2
    assert log == [1, 2]


def test_functions_that_only_share_their_code_share_no_results():
    def make(factor):
        @cache_data
        def f(x):
            return x * factor

        return f

    assert [make(2)(1), make(3)(1), make(2)(1)] == [2, 3, 2]


def test_another_version_misses():
    runs = []

    def made(version):
        @cache_data(version=version)
        def f(x):
            runs.append(version)
            return x

        return f

    assert [made(v)(1) for v in ("a", "a", "b", 1, True, None)] == [1] * 6
    assert runs == ["a", "b", 1, True, None]


def test_what_it_depends_on_counts_besides_its_code(script):
    source = """
def g():
    return 1

@cache_data(depends_on=[g])
def f(name):
    runs.append(name)
    return globals()[name]()
"""
    script.edit(source)
    assert script.rerun()["f"]("g") == script.rerun()["f"]("g") == 1
    script.edit(source.replace("return 1", "return 2"))
    assert script.rerun()["f"]("g") == 2
    assert script.runs == ["g", "g"]


def test_its_own_code_only(script):
    source = SOURCE.replace("@cache_data", '@cache_data(fingerprint="own")')
    script.edit(source)
    assert script.rerun()["f"](1) == 15
    script.edit(source.replace("LIMIT = 10", "LIMIT = 20"))
    assert script.rerun()["f"](1) == 15
    script.edit(source.replace("helper(x) +", "helper(x) -"))
    assert script.rerun()["f"](1) == 13
    assert script.runs == [1, 1]


def test_resources_are_made_anew_when_what_makes_them_is_edited(script):
    source = """
class Client:
    url = "a"

@cache_resource
def client():
    return Client()
"""
    script.edit(source)
    first = script.rerun()["client"]()
    assert script.rerun()["client"]() is first
    script.edit(source.replace('"a"', '"b"'))
    assert script.rerun()["client"]().url == "b"


def test_a_cached_helper_counts_by_its_code(script):
    source = """
@cache_data
def g(x):
    return x + 1

@cache_data
def f(x):
    runs.append(x)
    return g(x)
"""
    script.edit(source)
    assert script.rerun()["f"](1) == script.rerun()["f"](1) == 2
    script.edit(source.replace("x + 1", "x + 2"))
    assert script.rerun()["f"](1) == 3
    assert script.runs == [1, 1]


def test_a_method_without_its_object_in_the_key_counts_by_its_class(script):
    source = """
class Client:
    def __init__(self):
        self.connection = open

    @cache_data
    def fetch(_self, x):
        runs.append(x)
        return _self.shift(x)

    def shift(self, x):
        return x + 1
"""
    script.edit(source)
    assert script.rerun()["Client"]().fetch(1) == script.rerun()["Client"]().fetch(1) == 2
    script.edit(source.replace("x + 1", "x + 2"))
    assert script.rerun()["Client"]().fetch(1) == 3


@pytest.mark.parametrize("options", [{"fingerprint": "none"}, {"depends_on": len}])
def test_bad_options_are_refused(options):
    with pytest.raises(InvalidOptionError, match=next(iter(options))):
        cache_data(**options)(lambda: 1)


def autoreload(old, new):
    """What IPython's autoreload does to functions that somebody imported by name."""
    for name in ("__code__", "__defaults__", "__doc__", "__dict__"):
        setattr(old, name, getattr(new, name))


@pytest.mark.parametrize("body", ["x + y", "len(str(x)) + y"])
def test_a_function_that_was_reloaded_in_place_is_the_new_one(script, body):
    source = f"""
@cache_data
def f(x, y=1):
    runs.append(y)
    return {body}
"""
    script.edit(source)
    held = script.rerun()["f"]
    assert held(1) == held(1) == 2
    script.edit(source.replace("+ y", "- y").replace("y=1", "y=5"))
    autoreload(held, script.rerun()["f"])
    assert held(1) == held(1) == -4
    assert held.explain(1).would_hit
    assert script.runs == [1, 5]
    held.clear()
    assert held(1) == -4
    assert script.runs == [1, 5, 5]
