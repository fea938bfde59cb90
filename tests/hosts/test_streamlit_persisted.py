"""What was displayed outlives the server: a fresh one shows the page, and no function runs.

A fresh runtime on the same folder stands for a fresh server. The uncached app is the oracle.
"""

from __future__ import annotations

import pytest
from differential import Session, again, differ, lines, through
from test_streamlit_replay import APPS, same_key_twice
from test_streamlit_replay_compared import CASES

from reprise.errors import StoreWarning

# Streamlit 1.40 calls what newer releases of Altair want to be called otherwise.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_a_fresh_server_shows_the_page_and_runs_nothing(app, run, plainly, persisting):
    plain = plainly(app)
    assert len(plain.exceptions) == (app is same_key_twice)
    assert run(app, persisting) == plain
    assert any(persisting.runs.values())
    persisting.renew()
    assert run(app, persisting) == plain
    assert run(app, persisting) == plain
    assert persisting.runs
    assert not any(persisting.runs.values())


MEMORY_ONLY = {
    "a_container_that_is_returned",
    "a_container_in_a_list_that_is_returned",
    "a_bar_that_is_returned",
}


@pytest.mark.parametrize(
    "app", [app for app, _, kind in CASES if kind == "data"], ids=lambda app: app.__name__
)
@pytest.mark.filterwarnings("ignore::reprise.errors.StoreWarning")
def test_where_streamlits_own_cache_is_wrong_a_fresh_server_is_right(
    app, open_app, persisting
):
    def pages(decorate):
        opened = open_app(app, decorate)
        return [opened.run().page(), opened.run().page()]

    plain = lambda function: function
    pages(plain)
    expected = pages(plain)
    for _ in range(3):
        assert pages(persisting) == expected
        fresh = sum(persisting.runs.values())
        persisting.renew()
    assert bool(fresh) == (app.__name__ in MEMORY_ONLY)


APP = """
import streamlit as st

@cached(widgets=True)
def compute(n):
    {body}

st.text(compute(1))
"""


def put(**values):
    def step(session):
        for name, value in values.items():
            session.app.session_state[name] = value

    return step


def query(**values):
    def step(session):
        session.app.query_params.clear()
        for name, value in values.items():
            session.app.query_params[name] = value

    return step


READS = {
    "item": 'return st.session_state["a"] if "a" in st.session_state else None',
    "all": "return sorted(st.session_state.items(), key=str)",
    "conditional": 'return st.session_state.get("b") if st.session_state.get("a") else 0',
    "shown": 'st.text(st.session_state.get("a")); return n',
    "query": 'return st.query_params.get("a"), sorted(st.query_params.to_dict())',
    "list": 'return st.query_params.get_all("a")',
    "context": "return str(st.context.headers.to_dict())",
    "user": 'return (st.user if hasattr(st, "user") else st.experimental_user).get("email")',
}


@pytest.mark.parametrize("body", READS.values(), ids=READS)
def test_what_is_read_leads_to_the_right_result_in_a_fresh_server(open_app, persisting, body):
    steps = [put(a=1), put(b=2), put(a=2, b=[3]), query(a="1", b="2"), put(a=1, b=2), put(a=0)]
    app = APP.format(body=body)
    differ(open_app, app, steps, persisting)
    persisting.renew()
    differ(open_app, app, steps, persisting, rounds=2)
    assert persisting.runs == {"compute": 0}


def test_a_server_that_comes_back_between_any_two_steps(open_app, persisting):
    app = APP.format(body=READS["conditional"])
    steps = [put(a=1), put(b=2), put(a=2, b=[3]), put(a=1, b=2), put(a=0)]
    renewed = [renewing(step, persisting) for step in steps]
    expected = differ(open_app, app, renewed, persisting, rounds=2)
    assert len({after.page.elements for after in expected}) > 2
    assert persisting.runs == {"compute": 0}


def renewing(step, persisting):
    def renewed(session):
        persisting.renew()
        step(session)

    return renewed


WRITES = {
    "plain data": 'st.session_state.held = {{"a": [1, (2.5, None)], "b": {{"x"}}}}',
    "large numbers": "st.session_state.held = [2 ** 70, True, '\\ud800', b'b']",
    "a frame": "import pandas; st.session_state.held = str(pandas.DataFrame({{'a': [n]}}))",
    "a date": "import datetime; st.session_state.held = [datetime.date(2026, 1, n)]",
    "an array": "import numpy; st.session_state.held = numpy.arange(3)",
    "an argument": "st.session_state.held = n",
    "the address": 'st.query_params.a = "1"; st.query_params.from_dict({{"b": ["2", "3"]}})',
    "deleted": 'st.session_state.held = 1; del st.session_state["held"]',
    "a container": 'st.session_state.held_box = st.container(); st.text("x"); return 2',
}


@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES)
def test_what_was_written_to_the_session_is_written_by_a_fresh_server(open_app, persisting, body):
    shown = 'st.text({k: str(v) for k, v in st.session_state.items() if "box" not in k})\n'
    app = APP.format(body=body.format()) + shown
    if "box" in body:
        app += 'st.session_state.held_box.text("into it")\n'

    def visible(session):
        return [lines(after)[: len(after.page.elements)] for after in through(session, [again])]

    plain = lambda function=None, **_: function if function is not None else plain
    expected = visible(Session(open_app(app, plain)))
    for _ in range(2):
        assert visible(Session(open_app(app, persisting))) == expected
        ran = dict(persisting.runs)
        persisting.renew()
    assert ran == {"compute": 0}


KEPT_IN_MEMORY = {
    "a widget": 'return st.checkbox("tick")',
    "a container that is returned": 'st.text("x"); return st.container()',
    "a function": "st.session_state.held = lambda: n",
}


@pytest.mark.parametrize("what", KEPT_IN_MEMORY)
def test_what_cannot_be_written_down_is_kept_in_memory_and_told_once(
    open_app, persisting, what, recwarn
):
    app = APP.format(body=KEPT_IN_MEMORY[what]).replace("st.text(compute(1))", "compute(1)")
    for _ in range(3):
        assert not open_app(app, persisting).run().exception
    assert persisting.runs == {"compute": 1}
    [told] = [one for one in recwarn if issubclass(one.category, StoreWarning)]
    assert what in str(told.message)
    assert "compute" in str(told.message)
    assert "only in memory" in str(told.message)
    assert list(persisting.store.entries()) == []
