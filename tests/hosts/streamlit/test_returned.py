"""Containers that go into a cached function, come out of it, or are left in the session's state."""

from __future__ import annotations

import pytest
from differential import again, differ

import reprise
from reprise.errors import HostWarning

ALONE = """
import streamlit as st

@cached
def panel():
    box = st.container(border=True)
    box.text("of the function")
    return box

box = panel()
box.text("of the caller")
with box:
    st.text("of the caller's with")
panel().text("in the second")
st.text("after")
"""

IN_TUPLES = """
from typing import NamedTuple
import streamlit as st

class Parts(NamedTuple):
    inner: object
    number: int

@cached
def panel(n):
    left, right = st.columns(2)
    with left:
        inner = st.container()
    place = st.empty()
    place.text("replaced")
    place.text("by the function")
    return left, (right, place), Parts(inner, n), st.text("element")

left, (right, place), parts, element = panel(1)
right.text("right")
left.text("left")
parts.inner.text(f"inner {parts.number}")
place.text("by the caller")
element.markdown("*other*").text("element again")
panel(1)[2].inner.text("in the second")
panel(1)[1][1].container().text("many")
st.text("after")
"""

REMEMBERING = """
import streamlit as st

@cached
def begin():
    status = st.status("begin")
    status.update(label="going", state="running", expanded=True)
    with status:
        st.text("inside")
    again = st.status("another", state="error")
    early = st.progress(0).progress(10)
    early.progress(20)
    return status, again, early

status, another, bar = begin()
with another:
    another.update(state="running")
    st.text("in another")
status.update(label="done")
status.text("more")
bar.progress(90)
st.text("after")
"""

OTHERS = """
import streamlit as st

@cached
def same(_box, n):
    _box.text("of the function")
    return _box

@cached
def silent(_box):
    return _box

@cached
def aside():
    return st.sidebar

@cached
def nested():
    inner = deeper()
    inner.text("of the outer")
    return inner

@cached
def deeper():
    return st.expander("more")

for n, box in enumerate([st.container(), st.columns(2)[1], st.sidebar]):
    assert same(box, n) is box
    assert silent(box) is box
    box.text(n)
aside().text("aside")
with aside():
    st.text("with")
nested().text("of the caller")
deeper().text("another")
"""

MUTABLE = """
from dataclasses import dataclass
import streamlit as st

@dataclass
class Report:
    body: object
    title: str

@dataclass(slots=True)
class Slim:
    body: object

@cached
def report(n):
    with st.sidebar:
        side = st.container()
    return {"report": Report(st.container(), "title"), "parts": [side, Slim(st.empty())], "n": n}

for _ in range(2):
    made = report(2)
    made["report"].body.text(made["report"].title)
    made["parts"][0].text("side")
    made["parts"][1].body.text("slim")
    made["n"] = made["parts"] = None
st.text("after")
"""

IN_STATE = """
from dataclasses import dataclass
import streamlit as st

@dataclass
class Report:
    body: object

state = st.session_state

@cached
def leave():
    state.box = st.container()
    state["more"] = {"status": [st.status("left")], "side": st.sidebar}

@cached
def fill(n):
    state.box.text(n)
    with state.more["status"][0] as status:
        status.update(label="filled", state="error")
    state.report.body.text("report")

leave()
state.report = Report(st.empty())
fill(1)
fill(2)
state.more["side"].text("side")
state.more["status"][0].update(label="by the caller")
"""

PASSED = """
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple
import streamlit as st

@dataclass
class Report:
    box: object
    more: object = None

@dataclass(slots=True)
class Slim(Report):
    other: object = None

class Pair(NamedTuple):
    box: object
    n: int

fallback = st.container()

@cached
def loosely(_box, *_boxes, _named=None, **_more):
    _box.text("box")
    for n, box in enumerate(_boxes):
        box.text(n)
    _named["deep"][0].box.text("named")
    for name in sorted(_more):
        _more[name].text(name)

@cached
def keyed(report, pair, boxes, slim, where=fallback):
    for box in (report.box, pair.box, boxes[0], slim.box, slim.other, where):
        with box:
            st.text("keyed")

left, right = st.columns(2)
one, two = st.tabs(["one", "two"])
for a, b, c, d in ((left, right, one, two), (two, left, right, one)):
    loosely(a, b, c, _named={"deep": (Report(d),)}, e=st.expander("e"), p=st.popover("p"))
    keyed(Report(a, [1]), Pair(b, 1), [c], Slim(d, other=a))
    keyed(Report(a, [1]), Pair(b, 1), [c], slim=Slim(d, other=a), where=st.sidebar)

@cached
def plainly(_box):
    _box.text("box")

with st.form("form"):
    plainly(st.container())
    st.form_submit_button("send")

@st.dialog("title")
def dialog():
    plainly(st.container())
    plainly(fallback)

dialog()
"""

APPS = {
    "alone": ALONE,
    "in tuples": IN_TUPLES,
    "remembering": REMEMBERING,
    "others": OTHERS,
    "in the session's state": IN_STATE,
    "passed in": PASSED,
}
DATA_ONLY = {"in what can be changed": MUTABLE}


@pytest.fixture
def resource():
    """``cache_resource``, with how often each function ran."""
    functions = {}

    def decorate(function):
        cached = reprise.cache_resource(show_spinner=False)(function)
        functions[function.__name__] = cached
        return cached

    decorate.runs = lambda: {name: one.cache_info().misses for name, one in functions.items()}
    reprise.cache_resource.clear()
    yield decorate
    reprise.cache_resource.clear()


@pytest.mark.parametrize("app", [*APPS.values(), *DATA_ONLY.values()], ids=[*APPS, *DATA_ONLY])
def test_data_with_containers_is_as_if_nothing_were_cached(open_app, engine, app):
    expected = differ(open_app, app, [again], engine)
    assert not expected[0].page.exceptions
    runs = engine.runs
    differ(open_app, app, [again], engine, rounds=2)
    assert engine.runs == runs, "later sessions were to run nothing"


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_resources_with_containers_are_as_if_nothing_were_cached(open_app, resource, app):
    differ(open_app, app, [again], resource)
    runs = resource.runs()
    differ(open_app, app, [again], resource, rounds=2)
    assert resource.runs() == runs, "later sessions were to run nothing"


def test_what_all_share_is_the_same_beside_a_container(open_app, resource):
    def app(resource):
        import streamlit as st

        @resource
        def connect():
            return object(), st.container()

        (first, box), (second, other) = connect(), connect()
        st.text(first is second)
        st.text(box is other)

    opened = open_app(app, resource)
    for _ in range(2):
        assert [each.value for each in opened.run().text] == ["True", "False"]


def test_an_object_for_all_to_share_with_a_container_inside_is_not_kept(open_app, resource):
    with pytest.warns(HostWarning, match="it returns a dict with a container inside") as warned:
        differ(open_app, MUTABLE, [again], resource)
    assert len([one for one in warned if one.category is HostWarning]) == 1
    assert resource.runs() == {"report": 4}


def test_a_container_that_no_later_call_can_find_is_not_handed_out(run, plainly, engine):
    def app(engine):
        import functools

        import streamlit as st

        @functools.cache
        def box():
            return st.container()

        box()

        @engine
        def find():
            return box()

        find().text("here")

    plain = plainly(app)
    with pytest.warns(HostWarning, match="it hands out a container that is not its own"):
        assert [run(app, engine), run(app, engine)] == [plain, plain]


def test_a_peek_gives_containers_that_lead_nowhere(run, engine):
    def app(engine):
        import streamlit as st

        @engine
        def panel():
            st.text("of the function")
            return st.container()

        panel()
        with st.container():
            panel.peek().text("unseen")
            with panel.peek():
                st.text("unseen")

    page = run(app, engine)
    assert page.exceptions == ()
    assert not [content for _, content in page.elements if b"unseen" in content]


def test_a_peek_into_what_all_share_gives_no_container_of_another_session(run, resource):
    def app(resource):
        import streamlit as st

        @resource
        def panel():
            st.text("of the function")
            return st.container(), [1]

        _, shared = panel()
        box, peeked = panel.peek()
        box.text("unseen")
        with box:
            st.text("unseen")
        st.text(peeked is shared)

    for _ in range(2):
        page = run(app, resource)
        assert page.exceptions == ()
        assert not [content for _, content in page.elements if b"unseen" in content]
        assert b"True" in page.elements[-1][1]


def test_a_plain_script_gets_containers_too(engine):
    import streamlit as st

    @engine
    def panel():
        return {"box": st.container()}

    for _ in range(2):
        panel()["box"].text("seen by nobody")
    assert engine.runs == {"panel": 1}


def test_what_a_plain_script_was_given_is_no_answer_in_an_app(run, engine):
    def aside():
        import streamlit as st

        return [st.sidebar]

    def app(function):
        function()[0].text("here")

    cached = engine(aside)
    app(cached)
    assert run(app, cached) == run(app, aside)
    assert engine.runs == {"aside": 2}


def test_those_who_waited_for_a_container_have_their_own(run, engine):
    """Two threads of one run ask for the same at the same time."""

    def app(engine):
        import threading

        import streamlit as st
        from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

        from reprise.engine.runtime import current

        begun, go = threading.Event(), threading.Event()

        def somebody_waits():
            return any(flight.shared for flight in list(current().flights._flights.values()))

        @engine
        def panel():
            begun.set()
            go.wait(30)
            box = st.container()
            box.text("of the function")
            return box

        def work(box):
            with box:
                panel().text("of the caller")

        threads = [threading.Thread(target=work, args=(st.container(),)) for _ in range(2)]
        for thread in threads:
            add_script_run_ctx(thread, get_script_run_ctx()).start()
            begun.wait(30)
        while not somebody_waits():
            assert threads[1].is_alive()
        go.set()
        for thread in threads:
            thread.join()

    page = run(app, engine)
    assert [path for path, content in page.elements if b"of the caller" in content] == [
        (0, 0, 0, 1),
        (0, 1, 0, 1),
    ]
    assert engine.runs == {"panel": 1}
