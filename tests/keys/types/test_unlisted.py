"""Objects of classes that stand in no table: by what they hold, if Python can see all of that."""

from __future__ import annotations

import asyncio
import collections
import copyreg
import csv
import decimal
import io
import mmap
import queue
import socket
import sqlite3
import subprocess
import sys
import textwrap
import threading
import types
import weakref
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.errors import UnhashableParamError, UserHashError
from reprise.keys import digest, fingerprint
from reprise.keys.types.layout import hides_state


class Plain:
    def __init__(self, **attributes):
        vars(self).update(attributes)

    @cached_property
    def total(self):
        return len(vars(self))


class Twin(Plain):
    pass


class Slots:
    __slots__ = ("__private", "x")

    def __init__(self, x, private):
        self.x, self.__private = x, private


class Mixed(Slots):
    __slots__ = ("__dict__", "x")

    def __init__(self, base, own, **attributes):
        super().__init__(own, 0)
        Slots.x.__set__(self, base)
        vars(self).update(attributes)


class Odd:
    """Equal to everything."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return True

    __hash__ = None


class State:
    def __init__(self, x, noise):
        self.x, self.noise = x, noise

    def __getstate__(self):
        return self.x


class Made:
    def __new__(cls, x):
        made = super().__new__(cls)
        made.hidden = {"x": x}
        return made

    def __getnewargs__(self):
        return (self.hidden["x"],)

    def __getstate__(self):
        return None


class Reducing:
    def __init__(self, form):
        self.form = form

    def __reduce__(self):
        return self.form(self) if callable(self.form) else self.form


class AnswerError(Exception):
    def __init__(self, code, note=""):
        super().__init__(code)
        self.note = note


def chained(cause):
    error = ValueError("a")
    error.__cause__ = cause
    return error


def os_error(name):
    return OSError(2, "gone", name)


def with_message(text):
    error = SyntaxError("a")
    error.msg = text
    return error


DIFFER = [
    ("attributes", Plain(x=1), Plain(x=2)),
    ("names of attributes", Plain(x=1), Plain(y=1)),
    ("more attributes", Plain(x=1), Plain(x=1, y=None)),
    ("classes", Plain(x=1), Twin(x=1)),
    ("an object is not its attributes", Plain(x=1), {"x": 1}),
    ("slots", Slots(1, 2), Slots(2, 2)),
    ("private slots", Slots(1, 2), Slots(1, 3)),
    ("a slot behind another of its name", Mixed(1, 2), Mixed(3, 2)),
    ("a slot before another of its name", Mixed(1, 2), Mixed(1, 3)),
    ("attributes beside slots", Mixed(1, 2, y=1), Mixed(1, 2, y=2)),
    ("what equality overlooks", Odd(1), Odd(2)),
    ("states", State(1, 0), State(2, 0)),
    ("arguments of new", Made(1), Made(2)),
    ("arguments of exceptions", ValueError("a"), ValueError("b")),
    ("types of exceptions", ValueError("a"), KeyError("a")),
    ("attributes of exceptions", AnswerError(1, "a"), AnswerError(1, "b")),
    ("causes", chained(None), chained(KeyError("a"))),
    ("causes by content", chained(KeyError("b")), chained(KeyError("a"))),
    ("files of errors", os_error("a"), os_error("b")),
    ("messages changed later", with_message("a"), with_message("b")),
    ("groups", ExceptionGroup("a", [ValueError(1)]), ExceptionGroup("a", [ValueError(2)])),
    ("unions", int | str, int | bytes),
    ("one in another", Plain(x=Plain(x=1)), Plain(x=Plain(x=2))),
    ("classes inside", Plain(x=Plain), Plain(x=Twin)),
    ("functions inside", Plain(x=lambda: 1), Plain(x=lambda: 2)),
]

SAME = [
    ("attributes", Plain(x=[1]), Plain(x=[1])),
    ("order of attributes", Plain(x=1, y=2), Plain(y=2, x=1)),
    ("slots", Slots(1, 2), Slots(1, 2)),
    ("mixed", Mixed(1, 2, y=3), Mixed(1, 2, y=3)),
    ("states that leave something out", State(1, 0), State(1, 9)),
    ("arguments of new", Made(1), Made(1)),
    ("nothing in it", Plain(), Plain()),
    ("exceptions", AnswerError(1, "a"), AnswerError(1, "a")),
    ("causes", chained(KeyError("a")), chained(KeyError("a"))),
    ("unions", int | str, int | str),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_what_differs_has_another_key(why, one, other):
    assert digest(one) != digest(other)
    assert digest([one]) != digest([other])


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_what_is_the_same_shares_a_key(why, one, other):
    assert digest(one) == digest(other)


content = st.recursive(
    st.none() | st.integers() | st.text() | st.floats(),
    lambda inner: (
        st.lists(inner) | st.builds(Plain, x=inner, y=inner) | st.builds(Slots, inner, inner)
    ),
    max_leaves=8,
)


def copied(value):
    """The same once more, by other means than pickle."""
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, Plain):
        return Plain(**{name: copied(item) for name, item in reversed(vars(value).items())})
    if isinstance(value, Slots):
        return Slots(copied(value.x), copied(value._Slots__private))
    return value


@given(content)
def test_a_copy_shares_the_key(value):
    assert digest(copied(value)) == digest(value)


@given(content, st.integers())
def test_one_attribute_more_makes_another_key(value, number):
    assert digest(Plain(x=value, y=number)) != digest(Plain(x=value, y=number + 1))
    assert digest(Plain(x=value)) != digest(Plain(x=value, y=number))


def test_a_mutation_is_seen_and_so_is_its_undoing():
    value = Plain(x=[1])
    before = digest(value)
    value.x.append(2)
    assert digest(value) != before
    value.x.pop()
    assert digest(value) == before


def test_looking_at_a_cached_property_changes_nothing():
    value = Plain(x=1)
    before = digest(value)
    assert value.total == 1
    assert digest(value) == before


def test_neither_does_it_where_the_class_says_how_it_is_pickled():
    class Sized(Plain):
        def __getnewargs__(self):
            return ()

    one, other = Sized(x=1), Sized(x=1)
    assert one.total == 1
    assert digest(one) == digest(other) != digest(Sized(x=2))


def test_cycles():
    def pair(name):
        one, other = Plain(name=name), Plain()
        one.other, other.other = other, one
        return one

    assert digest(pair("a")) == digest(pair("a"))
    assert digest(pair("a")) != digest(pair("b"))
    assert digest(pair("a")) != digest(pair("a").other)


def test_an_object_that_stands_for_another_is_not_taken_for_it():
    class Proxy:
        def __init__(self, target):
            object.__setattr__(self, "target", target)

        def __getattribute__(self, name):
            return getattr(object.__getattribute__(self, "target"), name)

    assert digest(Proxy(Plain(x=1))) != digest(Proxy(Plain(x=2)))
    assert digest(Proxy(Twin(x=1))) != digest(Proxy(Plain(x=1)))


def test_what_a_metaclass_makes_up_is_not_there():
    class Endless(type):
        def __getattr__(cls, name):
            return 5

    class Model(metaclass=Endless):
        def __init__(self, x):
            self.x = x

    assert digest(Model(1)) == digest(Model(1)) != digest(Model(2))


def test_a_method_that_was_edited_makes_another_key():
    def run(body):
        names = {"__name__": "app"}
        exec(f"class Model:\n    def predict(self): return {body}", names)
        return names["Model"]()

    assert digest(run(1)) == digest(run(1))
    assert digest(run(1)) != digest(run(2))


def test_a_reducer_registered_for_pickle_is_asked(monkeypatch):
    class Meter:
        def __init__(self, x):
            self.x, self.lock = x, threading.Lock()

    with pytest.raises(UnhashableParamError, match=r"'value.lock' \(of type _thread.lock\)"):
        digest(Meter(1))
    monkeypatch.setitem(copyreg.dispatch_table, Meter, lambda value: (Meter, (value.x,)))
    assert digest(Meter(1)) == digest(Meter(1))
    assert digest(Meter(1)) != digest(Meter(2))


# What cannot be seen, or must not be touched, is refused.


def subclass(base):
    return type("Sub", (base,), {})


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


HIDDEN = {
    "object": object,
    "lock": threading.Lock,
    "RLock": threading.RLock,
    "event": threading.Event,
    "thread": lambda: threading.Thread(target=print),
    "local": threading.local,
    "subclass of local": subclass(threading.local),
    "weak reference": lambda: weakref.ref(Plain),
    "connection": lambda: sqlite3.connect(":memory:"),
    "subclass of connection": lambda: subclass(sqlite3.Connection)(":memory:"),
    "queue in C": queue.SimpleQueue,
    "subclass of it": subclass(queue.SimpleQueue),
    "queue": queue.Queue,
    "queue of asyncio": asyncio.Queue,
    "lock of asyncio": asyncio.Lock,
    "memory map": lambda: mmap.mmap(-1, 1),
    "property": lambda: property(len),
    "subclass of property": lambda: subclass(property)(len),
    "socket": socket.socket,
    "generator": lambda: (x for x in [1]),
    "iterator": lambda: iter([1]),
    "zip": lambda: zip([1], [2], strict=True),
    "map": lambda: map(len, []),
    "reader": lambda: csv.reader(["a"]),
    "view": {"a": 1}.keys,
    "frame": sys._getframe,
    "raised exception": lambda: raised(ValueError("a")),
    "exception that came of a raised one": lambda: chained(raised(ValueError("a"))),
}


@pytest.mark.parametrize("make", HIDDEN.values(), ids=HIDDEN)
def test_what_python_cannot_see_or_read_twice_is_refused(make):
    value = make()
    with pytest.raises(UnhashableParamError):
        digest(value)
    with pytest.raises(UnhashableParamError, match=r"'value.inner"):
        digest(Plain(inner=value))
    if isinstance(value, sqlite3.Connection | socket.socket):
        value.close()


def test_an_iterator_of_the_users_is_refused_and_not_moved():
    class Countdown:
        def __init__(self):
            self.left = 3

        def __iter__(self):
            return self

        def __next__(self):
            self.left -= 1
            return self.left

    countdown = Countdown()
    with pytest.raises(UnhashableParamError, match="can be read only once"):
        digest(countdown)
    assert countdown.left == 3


def test_a_dataclass_on_top_of_something_hidden_is_refused():
    @dataclass
    class Local(threading.local):
        x: int

    with pytest.raises(UnhashableParamError, match="Python cannot see"):
        digest(Local(1))


def test_a_raised_exception_says_how_to_pass_it():
    with pytest.raises(UnhashableParamError, match=r"with_traceback\(None\)"):
        digest(raised(ValueError("a")))
    assert digest(raised(ValueError("a")).with_traceback(None)) == digest(ValueError("a"))


BASES = [
    *(int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset),
    *(collections.OrderedDict, collections.defaultdict, collections.deque, decimal.Decimal),
    *(types.SimpleNamespace, PurePosixPath, io.BytesIO, ValueError, OSError),
]


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_a_subclass_of_a_known_type_hides_nothing(base):
    class Sub(base):
        pass

    class Inner(Sub):
        __slots__ = ()

    assert not hides_state(Sub, below=base)
    assert not hides_state(Inner, below=base)


def test_classes_of_all_layouts_hide_nothing():
    class WithDict:
        __slots__ = ("__dict__", "a")

    class WithReferences:
        __slots__ = ("__weakref__", "a", "b")

    class Both(WithDict):
        __slots__ = ("__weakref__",)

    for cls in (Plain, Slots, Mixed, WithDict, WithReferences, Both, subclass(WithReferences)):
        assert not hides_state(cls)


# What a class says of itself, wrongly.


def look_up(value):
    raise AssertionError("never called")


def test_an_object_that_reduces_to_itself_is_refused():
    with pytest.raises(UserHashError, match="returned the object itself"):
        digest(Reducing(lambda value: (look_up, (value,))))


@pytest.mark.parametrize("form", [None, 1, (), (len,)], ids=repr)
def test_a_reduction_that_is_none_is_refused(form):
    with pytest.raises(UnhashableParamError):
        digest(Reducing(form))


def test_two_objects_of_one_name_in_two_modules_differ(monkeypatch):
    modules = []
    for name in ("lib_a", "lib_b"):
        module = types.ModuleType(name)
        module.MISSING = Reducing("MISSING")
        monkeypatch.setitem(sys.modules, name, module)
        modules.append(module)
    one, other = (module.MISSING for module in modules)
    assert digest(one) == digest(one) != digest(other)
    with pytest.raises(UnhashableParamError, match="no module has it under its name 'MISSING'"):
        digest(Reducing("MISSING"))


def test_keys_are_the_same_in_every_process(in_new_process):
    script = textwrap.dedent("""
        from reprise.keys import digest
        class Model:
            def __init__(self):
                self.words, self.kind = {"a", "b", "c"}, Model
        print(digest(Model()).hex(), digest(ValueError({"x", "y"})).hex(), digest(int | str).hex())
    """)
    assert len({in_new_process(script, seed) for seed in ("0", "1", "4242")}) == 1


def test_a_class_of_a_finished_run_is_let_go():
    import gc

    class Gone(Plain):
        pass

    digest(Gone(x=1))
    gone = weakref.ref(Gone)
    del Gone
    gc.collect()
    assert gone() is None


def test_a_process_as_an_argument_is_refused():
    with (
        subprocess.Popen([sys.executable, "-c", ""]) as process,
        pytest.raises(UnhashableParamError),
    ):
        digest(process)


# In code: what a function closes over.


class Client:
    def __init__(self):
        self.asked, self.lock = [], threading.Lock()


def closing_over(value):
    def function():
        return value

    return function


def test_what_an_object_without_an_encoding_holds_leaves_no_trace_in_code():
    client = Client()
    function = closing_over(client)
    before = fingerprint(function)
    client.asked += [Plain(x=1), Twin, closing_over(1)]
    after = fingerprint(function)
    assert after.digest == before.digest
    assert [part.name for part in after.parts] == [part.name for part in before.parts]


def test_what_an_object_with_an_encoding_holds_counts_in_code():
    value = Plain(x=1)
    function = closing_over(value)
    before = fingerprint(function)
    assert before.unchanged()
    value.x = Plain(x=[2])
    assert not before.unchanged()
    assert fingerprint(function).digest != before.digest
    value.x = 1
    assert fingerprint(function).digest == before.digest


def test_an_object_that_knows_the_functions_that_know_it():
    app = Plain(routes=[])
    app.routes += [closing_over(app), closing_over(app)]
    assert fingerprint(app.routes[0]).digest == fingerprint(app.routes[1]).digest
    assert digest(app) == digest(app)
