"""Widgets inside cached functions as apps use them: forms, callbacks, state, sessions, bounds."""

from __future__ import annotations

import inspect
import threading
from unittest.mock import MagicMock

import pytest
import streamlit as st
from differential import Session, again, differ, through

from reprise.composition import make_runtime
from reprise.engine.runtime import current, use
from reprise.errors import HostWarning, ManyBranchesWarning
from reprise.testing.clock import FakeClock


@pytest.fixture
def clock():
    """The clock of all functions of the test."""
    before, clock = current(), FakeClock()
    fresh = make_runtime(clock)
    use(fresh)
    yield clock
    fresh.close()
    use(before)


@pytest.fixture
def one_runtime(monkeypatch):
    """Let all apps of a test share a runtime: else each ends the one of all, with its own run."""
    from streamlit.runtime import Runtime
    from streamlit.testing.v1 import app_test

    class Own(Runtime):
        """Where AppTest puts the runtime that it makes."""

    shared = MagicMock(spec=Runtime)
    shared.media_file_mgr._file_metadata = {}
    monkeypatch.setattr(Runtime, "_instance", shared)
    monkeypatch.setattr(app_test, "Runtime", Own)


def send(index, once=False, **values):
    return lambda session: session.send(index, values, once=once)


def tick(index, value=True):
    return send(index, bool_value=value)


def slide(index, value):
    return send(index, double_array_value=[float(value)])


def press(index):
    return send(index, once=True, trigger_value=True)


CONDITIONAL = """
import streamlit as st

@cached(widgets=True)
def pick():
    if st.checkbox("more"):
        return st.slider("number", 0, 10, 3, key="n")
    return None

st.text(f"got {pick()}")
"""


def test_a_widget_that_appears_by_the_value_of_another(open_app, engine):
    steps = [again, tick(0), again, slide(1, 5), slide(1, 6), slide(1, 5), tick(0, False), tick(0)]
    differ(open_app, CONDITIONAL, steps, engine, rounds=3)
    assert engine.runs == {"pick": 4}


def test_two_sessions_see_their_own_values_only(open_app, engine):
    one, two = (Session(open_app(CONDITIONAL, engine)) for _ in range(2))
    through(one, [tick(0), slide(1, 7)])
    through(two, [tick(0), slide(1, 2)])
    assert one.run().page.elements != two.run().page.elements
    assert (one.app.text[0].value, two.app.text[0].value) == ("got 7", "got 2")


FORM = """
import streamlit as st

@cached(widgets=True)
def ask(n):
    with st.form("form"):
        name = st.text_input("name", key="name")
        cols = st.columns(2)
        age = cols[1].number_input("age", 0, 100, 3)
        sent = st.form_submit_button("send")
    if sent:
        st.text(f"sent {name} {age}")
    return name, age, sent

st.text(ask(1))
"""


def test_a_form(open_app, engine):
    steps = [again, send(0, string_value="Ada"), press(2), again, press(2), again]
    expected = differ(open_app, FORM, steps, engine, rounds=2)
    assert not any(after.page.exceptions for after in expected)
    assert engine.runs["ask"] <= 4


@pytest.mark.parametrize(
    "more",
    [
        'with st.form("form"): st.form_submit_button("b")',
        "ask(2)",
        'st.text_input("other", key="name")',
        'with st.form("outer"): ask(2)',
    ],
)
def test_what_is_there_twice_is_as_much_of_an_error_as_without_a_cache(open_app, engine, more):
    app = FORM + more
    expected = differ(open_app, app, [again, again], engine, rounds=2)
    assert all(len(after.page.exceptions) == 1 for after in expected)


def test_a_form_that_is_there_before_it(open_app, engine):
    before = 'import streamlit as st\nst.form("form").form_submit_button("b")\n'
    twice = before + FORM
    differ(open_app, FORM, [again], engine)
    expected = differ(open_app, twice, [again], engine)
    assert all(len(after.page.exceptions) == 1 for after in expected)


CALLBACKS = """
import streamlit as st

state = st.session_state
state.setdefault("log", [])
base = 10

def log(*args, **kwargs):
    st.session_state.log = [*st.session_state.log, (base, args, sorted(kwargs.items()))]

@cached(widgets=True)
def pick(n, _mine):
    def inside(more):
        log("inside", more, n, _mine["name"])
    st.slider("a", 0, 10, on_change=log, args=(1, n), kwargs={"k": _mine["name"]})
    st.checkbox("b", key="b", on_change=lambda: log("lambda", n))
    st.button("c", on_click=inside, args=("x",))
    st.text_input("d", on_change=_mine["tell"])
    return n

st.text(pick(1, {"name": NAME, "tell": lambda: log("mine", NAME)}))
st.text(state.log)
"""


@pytest.mark.parametrize("names", ["AA", "AB"])
def test_callbacks_reach_into_the_run_and_the_session_that_they_are_called_in(
    open_app, engine, names
):
    steps = [slide(0, 4), tick(1), press(2), send(3, string_value="x"), again, press(2), tick(1)]
    for name in names:
        app = f"NAME = {name!r}\n{CALLBACKS}"
        expected = differ(open_app, app, steps, engine, rounds=2)
        log = expected[-1].state["log"]
        assert all(word in log for word in ("inside", "lambda", "mine", f"'{name}'"))
    assert engine.runs["pick"] <= 7


WRITTEN = """
import streamlit as st

if st.button("set"):
    st.session_state.n = 9

@cached(widgets=True)
def pick():
    return st.slider("number", 0, 10, 3, key="n")

st.text(pick())
"""


def test_a_value_that_is_set_before_the_call(open_app, engine):
    steps = [again, press(0), again, slide(1, 4), press(0), again]
    differ(open_app, WRITTEN, steps, engine, rounds=2)


NESTED = """
import streamlit as st

@cached(widgets=True)
def inner(n):
    return st.slider("inner", 0, 10, 3) if st.checkbox("show") else n

@cached(widgets=True)
def outer(n):
    with st.sidebar:
        first = st.slider("outer", 0, 10, 1)
    return first, inner(n), st.toggle("last")

st.text(outer(1))
if st.checkbox("and plainly"):
    st.text(inner(1))
"""


def test_cached_functions_with_widgets_inside_of_one_another(open_app, engine):
    # The sidebar comes last on the page, and "and plainly" before it.
    steps = [again, tick(0), again, slide(1, 5), slide(4, 2), tick(2), again, tick(3), again]
    expected = differ(open_app, NESTED, steps, engine, rounds=2)
    assert [len(after.page.exceptions) for after in expected] == [0] * 8 + [1, 1]
    assert engine.runs["outer"] <= 5


def test_the_inner_function_is_answered_while_the_outer_one_runs(open_app, engine):
    app = NESTED.replace("outer(1)", "outer(st.session_state.n)").replace(
        ", inner(n)", ", inner(1)"
    )
    app = app.replace(
        "@cached", "st.session_state.n = st.session_state.get('n', 0) + 1\n@cached", 1
    )
    session = Session(open_app(app, engine))
    through(session, [again, tick(0), slide(1, 5), slide(4, 2), again, again])
    assert session.app.text[0].value == "(2, 5, False)"
    assert engine.runs == {"inner": 3, "outer": 7}


BOUNDED = """
import streamlit as st

@cached(widgets=True, max_entries=2)
def pick():
    return st.slider("number", 0, 1000, 3)

st.text(pick())
"""


def test_results_of_one_call_count_in_its_bounds(open_app, engine):
    steps = [slide(0, value) for value in (1, 2, 3, 3, 1, 1)]
    differ(open_app, BOUNDED, steps, engine)
    assert engine.runs == {"pick": 5}
    assert engine.function("pick").cache_info().entries == 2
    assert engine.leaves("pick") == 2


def test_nothing_is_left_of_a_tree_whose_results_have_left(open_app, engine):
    differ(open_app, CONDITIONAL, [tick(0), slide(1, 4)], engine)
    assert engine.leaves("pick") == 3
    engine.function("pick").clear()
    assert engine.leaves("pick") == 0


def test_clear_with_arguments_clears_all_results_of_that_call(open_app, engine):
    app = """
import streamlit as st

@cached(widgets=True)
def pick(n):
    return st.slider("number", 0, 10, 3, key=f"n{n}")

st.text((pick(1), pick(2)))
if st.button("clear"):
    pick.clear(1)
"""
    plain = app.replace("pick.clear(1)", "pass")
    differ(open_app, plain, [slide(0, 4), slide(1, 5)], engine)
    session = Session(open_app(app, engine))
    through(session, [slide(0, 4), slide(1, 5), press(2), again])
    assert engine.runs == {"pick": 5}


def test_a_result_expires_by_its_own_age(open_app, engine, clock):
    app = CONDITIONAL.replace("widgets=True", 'widgets=True, ttl="1 min"')
    session = Session(open_app(app, engine))
    through(session, [tick(0)])
    clock.advance(50)
    through(session, [slide(1, 4), again])
    clock.advance(20)
    through(session, [again, tick(0, False), again])
    assert engine.runs == {"pick": 4}


def test_more_than_a_hundred_results_are_told_of_once_by_the_names_of_the_widgets(open_app, engine):
    app = BOUNDED.replace(", max_entries=2", "")
    session = Session(open_app(app, engine))
    through(session, [slide(0, value) for value in range(4, 102)])
    with pytest.warns(ManyBranchesWarning, match=r"pick has more than 100 .*: a slider\.") as told:
        through(session, [slide(0, value) for value in range(102, 110)])
    assert len(told) == 1


def test_without_the_flag_the_function_runs_each_time_and_says_so(open_app, engine):
    app = CONDITIONAL.replace("widgets=True", "widgets=False")
    session = Session(open_app(app, engine))
    with pytest.warns(HostWarning, match="a widget"):
        through(session, [tick(0), slide(1, 4), again])
    assert session.app.text[0].value == "got 4"
    assert len(session.app.exception) == 1
    assert engine.runs == {"pick": 4}


def test_a_callback_that_holds_what_cannot_be_carried_runs_every_time(open_app, engine):
    app = """
import streamlit as st

@cached(widgets=True)
def pick():
    box = st.container()
    return st.slider("n", 0, 10, 3, on_change=lambda: box)

st.text(pick())
"""
    with pytest.warns(HostWarning, match="a widget whose callback holds"):
        differ(open_app, app, [again, slide(0, 4), again], engine)
    assert engine.runs == {"pick": 4}


def test_a_page_and_another_have_results_of_their_own(open_app, engine):
    app = """
import streamlit as st

@cached(widgets=True)
def pick():
    return st.slider("n", 0, 10, 3)

place = st.session_state.get("place", 0)
box = [st.container(), st.sidebar, st.form("f")][place]
with box:
    st.text(pick())
    if place == 2:
        st.form_submit_button()
if st.button("move"):
    st.session_state.place = (place + 1) % 3
"""

    def move(session):
        identity = next(w.id for w in session.widgets() if getattr(w, "label", "") == "move")
        session.send([w.id for w in session.widgets()].index(identity), {"trigger_value": True},
                     once=True)  # fmt: skip

    differ(open_app, app, [again, move, again, again, move, again, again, move, again, again],
           engine, rounds=2)  # fmt: skip
    assert engine.runs == {"pick": 3}


def test_in_a_fragment_widgets_belong_to_that(open_app, engine):
    app = """
import streamlit as st

@cached(widgets=True)
def pick(n):
    return st.slider(f"n{n}", 0, 10, 3)

@st.fragment
def part(n):
    st.text(pick(n))

part(1)
part(2)
st.text(pick(3))
if st.checkbox("elsewhere"):
    with st.sidebar:
        part(4)
"""
    steps = [again, slide(0, 4), slide(2, 5), again, tick(3), again]
    expected = differ(open_app, app, steps, engine, rounds=2)
    fragments = {v for k, v in expected[-1].state.items() if k.startswith("fragment of")}
    assert len(fragments) == 4


def test_a_widget_that_is_bound_to_the_address(open_app, engine):
    if "bind" not in inspect.signature(st.slider).parameters:
        pytest.skip("this release of Streamlit binds no widgets")
    app = """
import streamlit as st

@cached(widgets=True)
def pick():
    return st.slider("n", 0, 10, 3, key="n", bind="query-params")

st.text(pick())
st.text(st.query_params.to_dict())
"""

    def address(**values):
        return lambda session: session.app.query_params.update(values)

    steps = [again, slide(0, 4), again, address(n="7"), again, slide(0, 3)]
    differ(open_app, app, steps, engine, rounds=2)
    differ(open_app, app, steps[3:], engine)


def test_eight_sessions_at_the_same_time(open_app, engine, one_runtime):
    app = CONDITIONAL
    failures = []
    barrier = threading.Barrier(8)

    def visit(number):
        try:
            session = Session(open_app(app, engine))
            barrier.wait()
            for value in (number, number + 1, 1, number):
                through(session, [tick(0), slide(1, value)])
                assert session.app.text[0].value == f"got {value}"
        except BaseException as error:  # noqa: BLE001 - told in the main thread
            failures.append(error)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
