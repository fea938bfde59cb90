"""Fingerprints: what changes a function, and what does not."""

from __future__ import annotations

import functools
import gc
import math
import sqlite3
import textwrap
import threading
import weakref

import pytest

from reprise.errors import UserHashError
from reprise.keys import digest, fingerprint


def made(source, **names):
    """The function ``f`` that ``source`` defines, as a script would."""
    names["__name__"] = "__main__"
    exec(compile(textwrap.dedent(source), "app.py", "exec", dont_inherit=True), names)
    return names["f"]


BASE = """
def f(x, y=2):
    total = x + y
    return [total for _ in range(3)]
"""

SAME = [
    (
        "comments and empty lines",
        BASE,
        "\n\n# why\n" + BASE.replace("    total", "    # what\n    total"),
    ),
    ("formatting", BASE, BASE.replace("x + y", "(x   +   y)")),
    ("docstring", BASE, BASE.replace("    total = x", '    "Adds."\n    total = x')),
    ("annotations", BASE, BASE.replace("f(x, y=2)", "f(x: int, y: int = 2) -> list")),
    ("annotated variable", BASE, BASE.replace("total =", "total: int =")),
    ("annotations as text", BASE, "from __future__ import annotations\n" + BASE),
    (
        "docstring, constants after it",
        "def f():\n    return None",
        'def f():\n    "Doc."\n    return None',
    ),
    (
        "docstring of a class inside",
        "def f():\n    class A:\n        x = 1\n    return A",
        'def f():\n    class A:\n        "Doc."\n        x = 1\n    return A',
    ),
    (
        "docstring of a function inside",
        "def f():\n    def g():\n        return 1\n    return g",
        'def f():\n    def g():\n        "Doc."\n        return 1\n    return g',
    ),
    (
        "order of a set",
        "def f(x):\n    return x in {'a', 'b'}",
        "def f(x):\n    return x in {'b', 'a'}",
    ),
]

DIFFER = [
    ("body", BASE, BASE.replace("x + y", "x - y")),
    ("constant", BASE, BASE.replace("range(3)", "range(4)")),
    ("default", BASE, BASE.replace("y=2", "y=3")),
    ("default by type", BASE, BASE.replace("y=2", "y=2.0")),
    ("no default", BASE, BASE.replace("y=2", "y")),
    ("which parameter has it", "def f(x=1, y=1): pass", "def f(x, y=1): pass"),
    ("keyword-only", "def f(x, y=2): return x", "def f(x, *, y=2): return x"),
    ("keyword-only default", "def f(*, y=2): return y", "def f(*, y=3): return y"),
    ("positional-only", "def f(x, y): return x", "def f(x, /, y): return x"),
    ("name of a parameter", "def f(x): return 1", "def f(y): return 1"),
    ("global name", "def f(): return a", "def f(): return b"),
    ("attribute", "def f(x): return x.a", "def f(x): return x.b"),
    ("1 is not True", "def f(): return 1", "def f(): return True"),
    ("1 is not 1.0", "def f(): return 1", "def f(): return 1.0"),
    ("sign of zero", "def f(): return 0.0", "def f(): return -0.0"),
    ("in a tuple", "def f(): return (1, 2)", "def f(): return (True, 2)"),
    ("deep in tuples", "def f(): return (1, (0.0,))", "def f(): return (1, (-0.0,))"),
    ("text is not bytes", "def f(): return 'a'", "def f(): return b'a'"),
    ("in a frozenset", "def f(x): return x in {1, 2}", "def f(x): return x in {1, 3}"),
    (
        "a function inside",
        "def f():\n    def g(): return 1\n    return g",
        "def f():\n    def g(): return 2\n    return g",
    ),
    ("a lambda inside", "def f(): return lambda: 1", "def f(): return lambda: 2"),
    (
        "a class inside",
        "def f():\n    class A:\n        x = 1\n    return A",
        "def f():\n    class A:\n        x = 2\n    return A",
    ),
    ("async", "def f(): return 1", "async def f(): return 1"),
    ("generator", "def f():\n    yield 1", "def f():\n    return 1"),
    (
        "except",
        "def f():\n    try:\n        g()\n    except ValueError:\n        pass",
        "def f():\n    try:\n        g()\n    except KeyError:\n        pass",
    ),
    ("operator", "def f(x): return x < 1", "def f(x): return x <= 1"),
    ("branch", "def f(x):\n    if x: return 1", "def f(x):\n    if not x: return 1"),
    ("text that is returned", "def f():\n    return 'a'", "def f():\n    return 'b'"),
]


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_what_makes_no_new_fingerprint(why, one, other):
    assert fingerprint(made(one)) == fingerprint(made(other))


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_what_makes_a_new_fingerprint(why, one, other):
    assert fingerprint(made(one)).digest != fingerprint(made(other)).digest


def test_the_name_counts():
    def one():
        return 1

    def other():
        return 1

    assert fingerprint(one).digest != fingerprint(other).digest


def test_parts_say_what_changed():
    def outer(rate):
        def inner(x, limit=10, *, deep=False):
            return x * rate

        return inner

    one, other = fingerprint(outer(1)), fingerprint(outer(2))
    names = ["name", "code", "default limit", "default deep", "closure rate"]
    assert [part.name for part in one.parts] == names
    changed = [a.name for a, b in zip(one.parts, other.parts, strict=True) if a != b]
    assert changed == ["closure rate"]
    assert one.digest != other.digest


def closing_over(value):
    def f():
        return value

    return f


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0.0, -0.0), ([1], [2]), ({"a": 1}, {"a": 2}), (math.nan, None), (len, print)],
)
def test_closure_values_count_by_value(one, other):
    assert fingerprint(closing_over(one)) == fingerprint(closing_over(one))
    assert fingerprint(closing_over(one)) != fingerprint(closing_over(other))


class Handle:
    def __init__(self):
        self.lock = threading.Lock()


class Slotted:
    __slots__ = ("lock",)

    def __init__(self):
        self.lock = threading.Lock()


@pytest.mark.parametrize(
    "make",
    [
        Handle,
        Slotted,
        threading.Lock,
        lambda: sqlite3.connect(":memory:"),
        lambda: {"db": object()},
    ],
)
def test_what_has_no_encoding_counts_as_the_very_object(make):
    one, other = make(), make()
    assert fingerprint(closing_over(one)) == fingerprint(closing_over(one))
    assert fingerprint(closing_over(one)) != fingerprint(closing_over(other))
    assert fingerprint(closing_over([one])) == fingerprint(closing_over([one]))


def test_what_stands_beside_it_counts_by_value():
    handle = Handle()
    assert fingerprint(closing_over({"h": handle, "n": 1})) == fingerprint(
        closing_over({"h": handle, "n": 1})
    )
    assert fingerprint(closing_over({"h": handle, "n": 1})) != fingerprint(
        closing_over({"h": handle, "n": 2})
    )


def test_what_cannot_be_read_counts_as_the_very_object():
    view = memoryview(b"a")
    view.release()
    one, same, other = (closing_over({"view": view, "n": n}) for n in (1, 1, 2))
    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(one) != fingerprint(other)


def test_a_new_object_at_an_old_address_is_another():
    seen = set()
    for _ in range(200):
        handle = Handle()
        seen.add(fingerprint(closing_over(handle)).digest)
        del handle
    assert len(seen) == 200


def test_a_fingerprint_keeps_nothing_alive():
    handle = Handle()
    function = closing_over(handle)
    fingerprint(function)
    watched = [weakref.ref(handle), weakref.ref(function)]
    del handle, function
    gc.collect()
    assert [watch() for watch in watched] == [None, None]


def test_a_default_without_encoding_counts_as_the_very_object():
    handles = [Handle(), Handle()]
    functions = [
        made("def f(x=HANDLE): return x", HANDLE=handle) for handle in (*handles, handles[0])
    ]
    one, other, again = map(fingerprint, functions)
    assert one == again
    assert one != other


def test_a_function_may_close_over_itself():
    def outer(step):
        def down(n):
            return n and down(n - step)

        return down

    assert fingerprint(outer(1)) == fingerprint(outer(1))
    assert fingerprint(outer(1)) != fingerprint(outer(2))


def test_functions_may_close_over_one_another():
    def outer(step):
        def even(n):
            return n == 0 or odd(n - 1)

        def odd(n):
            return n != 0 and even(n - step)

        return even, odd

    assert [fingerprint(f) for f in outer(1)] == [fingerprint(f) for f in outer(1)]
    assert fingerprint(outer(1)[0]) != fingerprint(outer(2)[0])


def test_a_variable_that_is_not_assigned_yet():
    def outer():
        def inner():
            return later

        before = fingerprint(inner)
        later = 1
        return before, fingerprint(inner)

    before, after = outer()
    assert before != after


def test_a_helper_in_the_closure_counts_by_its_code():
    one = made("def g(f): return lambda: f()\nf = g(lambda: 1)")
    same = made("\n\ndef g(f): return lambda: f()\nf = g(lambda: 1)")
    other = made("def g(f): return lambda: f()\nf = g(lambda: 2)")
    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(one) != fingerprint(other)


CLASS = """
def make():
    class Model:
        def fit(self): return {}
        @property
        def name(self): return 'a'
        @staticmethod
        def load(): return 1
    def f(): return Model
    return f
f = make()
"""


def test_a_class_in_the_closure_counts_by_the_code_of_its_methods():
    one = fingerprint(made(CLASS.format(1)))
    assert one == fingerprint(made(CLASS.format(1)))
    assert one != fingerprint(made(CLASS.format(2)))
    assert one != fingerprint(made(CLASS.format(1).replace("'a'", "'b'")))
    assert one != fingerprint(made(CLASS.format(1).replace("return 1", "return 2")))


def test_modules_and_installed_classes_count_by_name():
    assert fingerprint(closing_over(math)) == fingerprint(closing_over(math))
    assert fingerprint(closing_over(math)) != fingerprint(closing_over(functools))
    assert fingerprint(closing_over(sqlite3.Connection)) != fingerprint(
        closing_over(sqlite3.Cursor)
    )


def wrapping(function):
    @functools.wraps(function)
    def wrapper(*args):
        return found(*args)

    found = len  # not by the closure, as a generated wrapper
    return wrapper


def test_a_wrapper_counts_with_what_it_wraps():
    one, other = made("def f(): return 1"), made("def f(): return 2")
    assert fingerprint(wrapping(one)) == fingerprint(wrapping(one))
    assert fingerprint(wrapping(one)) != fingerprint(wrapping(other))
    cached = [functools.lru_cache(function) for function in (one, one, other)]
    digests = [fingerprint(closing_over(function)).digest for function in cached]
    assert digests[0] == digests[1] != digests[2]


def test_cached_functions_count_as_what_they_wrap():
    from reprise import cache_data

    one, same, other = (
        cache_data(made(f"def f(x=1): return x + {number}")) for number in (1, 1, 2)
    )
    assert digest(one) == digest(same)
    assert digest(one) != digest(other)
    assert fingerprint(closing_over(one)) == fingerprint(closing_over(same))
    assert fingerprint(closing_over(one)) != fingerprint(closing_over(other))


def test_functions_as_arguments():
    functions = [lambda x: x, lambda x: x + 1, lambda x, y=1: x, len, str.upper, "a".upper]
    functions += [functools.partial(function, 1) for function in functions]
    assert len({digest(function) for function in functions}) == len(functions)
    assert digest(closing_over([1])) == digest(closing_over([1]))
    assert digest(closing_over([1])) != digest(closing_over([2]))


def test_other_callables_have_fingerprints_too():
    bound = [fingerprint(functools.partial(made(BASE), y)) for y in (1, 1, 2)]
    assert bound[0] == bound[1] != bound[2]
    assert [part.name for part in bound[0].parts] == ["callable"]


def test_the_same_code_is_taken_apart_once(monkeypatch):
    import dis

    function = made("def f(x): return x * 12345")
    first = fingerprint(function)
    monkeypatch.setattr(dis, "get_instructions", None)
    assert fingerprint(function) == first


def test_code_objects_are_let_go():
    function = made("def f(x): return x * 54321")
    fingerprint(function)
    watched = weakref.ref(function.__code__)
    del function
    gc.collect()
    assert watched() is None


class Failing:
    def __reprise_key__(self):
        raise ValueError("no key")


def test_a_failing_key_in_the_closure_is_named():
    with pytest.raises(
        UserHashError, match=r"__reprise_key__' .* raised ValueError: no key"
    ) as caught:
        fingerprint(closing_over(Failing()))
    assert (
        "a global, a default or the closure of the cached function 'closing_over.<locals>.f'"
        in str(caught.value)
    )


def test_a_closure_that_is_nested_too_deeply_counts_as_the_very_object():
    deep, other = [], []
    for _ in range(10_000):
        deep, other = [deep], [other]
    assert fingerprint(closing_over(deep)) == fingerprint(closing_over(deep))
    assert fingerprint(closing_over(deep)) != fingerprint(closing_over(other))


def test_calls_with_keywords_have_a_digest_and_the_keywords_count():
    def defined(source):
        namespace = {}
        exec(source, namespace)
        return fingerprint(namespace["f"]).digest

    assert defined("def f(): return dict(a=1)") == defined("def f():\n    return dict(a=1)")
    assert defined("def f(): return dict(a=1)") != defined("def f(): return dict(b=1)")


def test_an_object_of_a_class_made_at_runtime_counts_by_what_it_holds():
    # What makes the class may leave its own module as that of the class.
    def settings(limit):
        made_class = type("Settings", (), {"__module__": "abc", "__init__": lambda self: None})
        one = made_class()
        one.limit = limit
        return one

    source = "def f(): return SETTINGS.limit"
    prints = [fingerprint(made(source, SETTINGS=settings(limit))) for limit in (3, 3, 6)]
    assert prints[0] == prints[1] != prints[2]


def test_functions_of_compiled_packages_can_be_globals():
    import pyarrow

    prints = [
        fingerprint(made("def f(): return make(1)", make=make))
        for make in (pyarrow.table, pyarrow.table, len)
    ]
    assert prints[0] == prints[1] != prints[2]
