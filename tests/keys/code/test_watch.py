"""Whether a fingerprint notices that it no longer holds."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from reprise.keys import fingerprint


def script(source, **names):
    """The globals of a script."""
    names["__name__"] = "__main__"
    exec(compile(source, "<stdin>", "exec", dont_inherit=True), names)
    return names


CHANGES = {
    "a constant": ("A = 1\ndef f(): return A", "A = 2"),
    "a constant, by type": ("A = 1\ndef f(): return A", "A = True"),
    "a helper": ("def g(): return 1\ndef f(): return g()", "def g(): return 2"),
    "a helper of a helper": (
        "def h(): return 1\ndef g(): return h()\ndef f(): return g()",
        "def h(): return 2",
    ),
    "the code of a helper, in place": (
        "def g(): return 1\ndef f(): return g()",
        "g.__code__ = (lambda: 2).__code__",
    ),
    "the defaults of a helper, in place": (
        "def g(x=1): return x\ndef f(): return g()",
        "g.__defaults__ = (2,)",
    ),
    "a new attribute of a helper": (
        "def g(): return 1\ndef f(): return getattr(g, 'note', g())",
        "g.note = 5",
    ),
    "a new attribute of a method": (
        "class C:\n    def m(self): return 1\ndef f(): return getattr(C.m, 'note', C().m())",
        "C.m.note = 5",
    ),
    "an attribute of a class": ("class C: a = 1\ndef f(): return C.a", "C.a = 2"),
    "another attribute of a class": ("class C: a = 1\ndef f(): return C.a", "C.b = 2"),
    "a method of a class": (
        "class C:\n    def m(self): return 1\ndef f(): return C().m()",
        "C.m = lambda self: 2",
    ),
    "an item of a dict": ("A = {'a': 1}\ndef f(): return A['a']", "A['a'] = 2"),
    "an item deep in a dict": ("A = {'a': [1]}\ndef f(): return A['a']", "A['a'].append(2)"),
    "an item of a list of objects": (
        "from decimal import Decimal\nA = [Decimal(1)]\ndef f(): return A",
        "A.append(Decimal(2))",
    ),
    "an item of a mutable attribute": (
        "class C: a = [1]\ndef f(): return C.a",
        "C.a.append(2)",
    ),
    "an attribute of an object": (
        "from types import SimpleNamespace\nA = SimpleNamespace(a=1)\ndef f(): return A.a",
        "A.a = 2",
    ),
    "a mutable default": ("def g(x=[]): return x\ndef f(): return g()", "g()[:] = [1]"),
    "a name that was missing": ("def f(): return A", "A = 1"),
    "a name that stood for a builtin": ("def f(): return len('a')", "len = lambda x: 7"),
    "a name that goes": ("A = 1\ndef f(): return A", "del A"),
    "the shape of an array, in place": (
        "import numpy\nA = numpy.arange(4)\ndef f(): return A.shape",
        "A.shape = (2, 2)",
    ),
    "bytes that become a bytearray": ("A = [b'a']\ndef f(): return A", "A[0] = bytearray(b'a')"),
    "what a bound method of a container looks into": (
        "A = {'a': 1}\nget = A.get\ndef f(): return get('a')",
        "A['a'] = 2",
    ),
    "what a registered function of the same name does": (
        "A = {}\nn = 1\ndef g(): return n\nA['g'] = g\ndef f(): return A['g']()",
        "n = 2",
    ),
    "another function of the same name in a table": (
        (
            "A = {}\ndef make(n):\n    scope = {'n': n}\n"
            "    exec('def g(): return n', scope)\n    return scope['g']\n"
            "A['g'] = make(1)\ndef f(): return A['g']()"
        ),
        "A['g'] = make(2)",
    ),
    "a method in the place of a name that does not count": (
        (
            "class C:\n    __slotnames__ = []\n    def m(self): return getattr(self, 'n', 1)\n"
            "def f(): return C().m()"
        ),
        "del C.__slotnames__; C.n = 2",
    ),
    "the bases of a class": (
        (
            "class A:\n    def m(self): return 1\nclass B:\n    def m(self): return 2\n"
            "class C(A): pass\ndef f(): return C().m()"
        ),
        "C.__bases__ = (B,)",
    ),
    "a connection that is bound anew": (
        "import threading\nA = threading.Lock()\ndef f(): return A.locked()",
        "A = threading.Lock()",
    ),
    "a variable around a helper": (
        (
            "def make():\n    n = 1\n    def g(): return n\n    def set(m):\n        nonlocal n\n"
            "        n = m\n    return g, set\ng, put = make()\ndef f(): return g()"
        ),
        "put(2)",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noticed_and_makes_another_fingerprint(what):
    source, change = CHANGES[what]
    names = script(source)
    before = fingerprint(names["f"])
    assert before.unchanged()
    exec(change, names)
    assert not before.unchanged()
    after = fingerprint(names["f"])
    assert after.digest != before.digest or what == "another attribute of a class"
    assert after.unchanged()


UNCHANGED = {
    "a counter is counted up": (
        "n = 0\ndef f():\n    global n\n    n += 1\n    return 1",
        "f()",
    ),
    "a list is appended to": ("log = []\ndef f():\n    log.append(1)\n    return 1", "f()"),
    "an item of a counter is counted up": (
        "from collections import Counter\nn = Counter()\ndef f():\n    n['f'] += 1\n    return 1",
        "f()",
    ),
    "an attribute is counted up": (
        "class Stats: pass\nstats = Stats()\nstats.n = 0\ndef f():\n    stats.n += 1\n    return 1",
        "f()",
    ),
    "a nested list is appended to": (
        "log = {'f': []}\ndef f():\n    log['f'].append(1)\n    return 1",
        "f()",
    ),
    "a helper counts": (
        "n = 0\ndef count():\n    global n\n    n += 1\ndef f():\n    count()\n    return 1",
        "f()",
    ),
    "what comes of appending is nothing": ("log = []\nf = lambda x=1: log.append(x) or 1", "f()"),
    "a variable around counts": (
        (
            "def make():\n    n = 0\n    def f():\n        nonlocal n\n"
            "        n += 1\n        return 1\n"
            "    return f\nf = make()"
        ),
        "f()",
    ),
    "a list around is appended to": (
        (
            "def make():\n    log = []\n    def f():\n        log.append(1)\n        return 1\n"
            "    return f\nf = make()"
        ),
        "f()",
    ),
    "a name that nothing reads": ("A = 1\ndef f(): return 1", "A = 2"),
}


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_is_only_changed_is_no_input(what):
    source, change = UNCHANGED[what]
    names = script(source)
    before = fingerprint(names["f"])
    exec(change, names)
    assert before.unchanged()
    assert fingerprint(names["f"]).digest == before.digest


READS = {
    "noted by a method of the user's, which may do anything": (
        "class Log:\n    def __init__(self): self.lines = []\n"
        "    def note(self, x): self.lines.append(x)\n"
        "n = Log()\ndef f():\n    n.note(1)\n    return 1"
    ),
    "appended to on one way": (
        "n = []\ndef f(c=True):\n    n.append(1)\n    out = []\n"
        "    out.extend(n if c else ())\n    return out"
    ),
    "taken out of where it is caught": (
        "n = [1]\ndef f():\n    try:\n        n.pop()\n    except IndexError:\n"
        "        return 0\n    return 1"
    ),
    "counted up and returned": "n = 0\ndef f():\n    global n\n    n += 1\n    return n",
    "appended to and measured": "n = []\ndef f():\n    n.append(1)\n    return len(n)",
    "taken out of": "n = [1, 2]\ndef f():\n    return n.pop()",
    "read by a helper": (
        "n = []\ndef g():\n    return list(n)\ndef f():\n    n.append(1)\n    return g()"
    ),
    "read by another name": (
        "n = []\nothers = {'n': n}\ndef f():\n    n.append(1)\n    return others['n']"
    ),
    "remembered and looked up": (
        "n = {}\ndef f(x=1):\n    if x not in n:\n        n[x] = x\n    return n[x]"
    ),
    "kept in a variable first": (
        "n = {}\ndef f(x=1):\n    mine = n\n    mine[x] = len(mine)\n    return mine"
    ),
    "kept in a variable on one way": (
        "n = {}\ndef f(x=1):\n    if x:\n        mine = n\n    else:\n        mine = {}\n"
        "    n[x] = 1\n    return mine"
    ),
    "what a method of the user's gives": (
        "class Log:\n    def __init__(self): self.lines = []\n"
        "    def append(self, x):\n        self.lines.append(x)\n        return len(self.lines)\n"
        "n = Log()\ndef f():\n    return n.append(1)"
    ),
    "the method is passed on": "n = []\ndef f():\n    list(map(n.append, [1]))\n    return 1",
    "counted up by itself": "n = 1\ndef f():\n    global n\n    n = n + n\n    return 1",
    "in a condition": ("n = 0\ndef f():\n    global n\n    n += 1\n    return 1 if n > 1 else 2"),
}


@pytest.mark.parametrize("what", READS)
def test_what_is_changed_and_read_is_an_input(what):
    names = script(READS[what])
    before = fingerprint(names["f"])
    names["f"]()
    assert not before.unchanged()
    assert fingerprint(names["f"]).digest != before.digest


def test_what_is_left_out_is_named_with_its_place():
    (left_out,) = fingerprint(script("n = []\ndef f():\n    n.append(1)")["f"]).left_out
    assert left_out.name == "__main__.n"
    assert left_out.reason == "it is changed at <stdin>:2, and nothing is made of it"


def test_a_reloaded_module_is_noticed(project):
    project.write("other.py", "def g():\n    return 1")
    project.write("app.py", "from . import other\ndef f():\n    return other.g()")
    app = project.load()
    before = fingerprint(app.f)
    project.reload("other")
    assert not before.unchanged()
    assert fingerprint(app.f).digest == before.digest
    project.edit("other.py", "1", "2")
    project.reload("other")
    assert fingerprint(app.f).digest != before.digest


def test_a_module_that_was_edited_but_not_reloaded_counts_as_it_runs(project):
    project.write("app.py", "def g():\n    return 1\ndef f():\n    return g()")
    app = project.load()
    project.edit("app.py", "1", "2")
    edited = fingerprint(app.f)  # first asked for when the file says something else already
    fresh = fingerprint(project.load().f)
    assert edited.digest != fresh.digest


def test_a_class_keeps_its_digest_and_goes_with_it():
    import gc
    import weakref

    from reprise.keys import digest

    names = script("class C:\n    def m(self): return 1\ncs = C")
    first = digest(names["C"])
    kept = vars(names["C"])["__reprise_class__"]
    assert digest(names["C"]) == first
    assert vars(names["C"])["__reprise_class__"] is kept
    del kept
    gone = weakref.ref(names["C"])
    names.clear()
    gc.collect()
    assert gone() is None


def test_instances_count_by_the_code_of_their_class():
    from reprise.keys import digest

    sources = ["return 1", "return 2"]
    head = "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n"
    values = [script(f"{head}    def m(self): {body}\nc = C(1)")["c"] for body in sources]
    again = script(f"{head}    def m(self): return 1\nc = C(1)")["c"]
    assert digest(values[0]) != digest(values[1])
    assert digest(values[0]) == digest(again)
    assert dataclasses.is_dataclass(again)


def test_classes_of_a_factory_count_by_what_their_methods_close_over():
    from reprise.keys import digest

    def make(n):
        class C:
            @classmethod
            def get(cls):
                return n

        return C

    assert digest(make(1)) == digest(make(1)) != digest(make(2))


def test_a_lock_beside_data_counts_by_its_type(project):
    project.write(
        "app.py",
        "import threading\nA = {'lock': threading.Lock(), 'n': 1}\ndef f(): return A['n']",
    )
    one, other = fingerprint(project.load().f), fingerprint(project.load().f)
    assert one == other
    project.edit("app.py", "'n': 1", "'n': 2")
    assert fingerprint(project.load().f).digest != one.digest


def test_a_module_that_is_passed_on_counts_with_all_that_stands_in_it(project):
    project.write("other.py", "def g():\n    return 1")
    project.write(
        "app.py", "from . import other\ndef call(m): return m.g()\ndef f(): return call(other)"
    )
    app = project.load()
    before = fingerprint(app.f)
    project.edit("other.py", "1", "2")
    project.reload("other")
    assert not before.unchanged()
    assert fingerprint(app.f).digest != before.digest


def test_a_very_long_function_is_told_by_its_bytecode(project):
    branches = "\n".join(f"    elif x == {n}: return {n}" for n in range(1, 700))
    project.write("app.py", f"def f(x):\n    if x == 0: return 0\n{branches}\n")
    assert fingerprint(project.load().f).digest == fingerprint(project.load().f).digest


def test_two_threads_may_ask_at_the_same_time():
    names = script("A = {'a': [1]}\ndef g(): return A\ndef f(): return g()")
    digests = []
    threads = [
        threading.Thread(target=lambda: digests.append(fingerprint(names["f"]).digest))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(digests)) == 1
