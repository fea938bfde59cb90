"""What cached functions read of their session, and write to it: uncached, the app is the oracle."""

from __future__ import annotations

import pytest
from differential import Session, again, differ, put, query, through

from reprise.errors import HostWarning
from reprise.hosts.streamlit.host import StreamlitHost


def press(index):
    return lambda session: session.send(index, {"trigger_value": True}, once=True)


APP = """
import streamlit as st

@cached
def compute(n):
    {body}

st.text(compute(1))
"""

READS = {
    "item": 'return st.session_state["a"] if "a" in st.session_state else None',
    "attribute": 'return getattr(st.session_state, "a", None)',
    "get": 'return st.session_state.get("a", "none")',
    "has": 'return "a" in st.session_state',
    "all": "return sorted(st.session_state.items(), key=str)",
    "to_dict": 'return sorted(k for k in st.session_state.to_dict() if k in "ab")',
    "length": "return len(st.session_state)",
    "shown": 'st.text(st.session_state.get("a")); return n',
    "conditional": 'return st.session_state.get("b") if st.session_state.get("a") else 0',
    "query item": 'return st.query_params["a"] if "a" in st.query_params else None',
    "query attribute": 'return getattr(st.query_params, "a", None)',
    "query list": 'return st.query_params.get_all("a")',
    "query all": "return sorted(st.query_params.to_dict().items())",
    "query length": "return len(st.query_params)",
}


@pytest.mark.parametrize("body", READS.values(), ids=READS)
def test_what_is_read_counts(open_app, engine, body):
    steps = [again, put(a=1), again, put(b=2), put(a=2, b=[3]), put(a=1, b=2), put(a=0)]
    if "query" in body:
        steps = [again, query(a="1"), again, query(b="2"), query(a=["2", "3"]), query(a="1")]
    expected = differ(open_app, APP.format(body=body), steps, engine, rounds=2)
    assert not any(after.page.exceptions for after in expected)
    assert len({after.page.elements for after in expected}) > 1
    assert engine.runs["compute"] < 2 * len(expected)
    before = engine.runs["compute"]
    differ(open_app, APP.format(body=body), steps, engine)
    assert engine.runs["compute"] == before


def test_what_is_not_read_does_not_count(open_app, engine):
    app = APP.format(body='return st.session_state.get("a")')
    differ(open_app, app, [put(b=1), put(b=2, c=3), query(a="1")], engine)
    assert engine.runs == {"compute": 1}


WRITES = {
    "set": 'st.session_state["w"] = [n]; return n',
    "attribute": "st.session_state.w = n; return n",
    "default": 'return st.session_state.setdefault("w", [n, 2])',
    "count": 'st.session_state.w = st.session_state.get("w", 0) + 1; return n',
    "then read": "st.session_state.w = n; return st.session_state.w",
    "all after": "st.session_state.w = n; return sorted(map(str, st.session_state.items()))",
    "filled later": 'l = []; st.session_state.w = l; l.append(n); return "x"',
    "delete": 'return st.session_state.pop("a", None)',
    "clear": "st.session_state.clear(); return len(st.session_state)",
    "update": "st.session_state.update(w=1, v=(2, 3)); return n",
    "query": 'st.query_params["w"] = str(n); return st.query_params["w"]',
    "query attribute": "st.query_params.w = [str(n), '2']; return n",
    "query update": 'st.query_params.update({"w": "1"}); return st.query_params.w',
    "query delete": 'return st.query_params.pop("a", None)',
    "query clear": "st.query_params.clear(); return len(st.query_params)",
    "query from_dict": 'st.query_params.from_dict({"w": "1"}); return n',
}


@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES)
def test_what_is_written_is_written_again(open_app, engine, body):
    app = APP.format(body=body) + "\nst.text(dict(st.query_params))"
    app += '\nst.text(st.session_state.get("w"))'
    steps = [again, put(a=1), again, put(w=7), again, query(a="1"), again, put(a=2)]
    expected = differ(open_app, app, steps, engine, rounds=2)
    assert not any(after.page.exceptions for after in expected)
    before = engine.runs["compute"]
    differ(open_app, app, steps, engine)
    assert engine.runs["compute"] == before


def test_what_is_written_belongs_to_each_session(open_app, engine):
    app = APP.format(body="st.session_state.w = [n]; return n")
    one, two = (Session(open_app(app, engine)) for _ in range(2))
    one.run()
    two.run()
    one.app.session_state["w"].append(2)
    assert two.app.session_state["w"] == [1]
    assert engine.runs == {"compute": 1}


@pytest.mark.parametrize(
    ("body", "obstacle"),
    [
        ('st.session_state["a"].append(n); return n', r"changes st\.session_state\['a'\] in place"),
        ('return repr(st.session_state["lock"])[:8]', r"\['lock'\], whose value has no encoding"),
        (
            "import threading; st.session_state.w = threading.Lock(); return n",
            "it writes a _thread",
        ),
    ],
)
def test_what_cannot_be_followed_runs_every_time(open_app, engine, body, obstacle):
    app = f"""
import threading
import streamlit as st
st.session_state.setdefault("a", [])
st.session_state.setdefault("lock", threading.Lock())
{APP.format(body=body)}
st.text(st.session_state.a)
"""
    with pytest.warns(HostWarning, match=obstacle):
        Session(open_app(app, engine)).run()
    session = Session(open_app(app, engine))
    through(session, [again, again])
    assert engine.runs == {"compute": 4}


def test_a_widget_of_another_part_of_the_page_counts_by_its_key(open_app, engine):
    app = """
import streamlit as st

@cached
def compute():
    return st.session_state.n * 2

st.slider("n", 0, 10, 3, key="n")
st.text(compute())
"""
    steps = [lambda s, v=v: s.send(0, {"double_array_value": [v]}) for v in (4.0, 5.0, 4.0)]
    differ(open_app, app, [again, *steps], engine, rounds=2)
    assert engine.runs == {"compute": 3}


PATTERN = """
import streamlit as st

@cached(widgets=True)
def pick(n):
    if "k" not in st.session_state:
        st.session_state.k = 5
    value = st.slider("number", 0, 10, key="k")
    st.text(st.session_state.k)
    return value

st.text(pick(1))
"""


def test_a_widget_whose_value_the_function_sets_first(open_app, engine):
    def slide(value):
        return lambda session: session.send(0, {"double_array_value": [value]})

    differ(open_app, PATTERN, [again, slide(4.0), again, slide(6.0), slide(4.0)], engine, rounds=3)
    assert engine.runs["pick"] <= 5


@pytest.fixture
def user(monkeypatch):
    """What Streamlit takes for the user."""
    told = {"email": "ada@a.example"}
    monkeypatch.setattr("streamlit.user_info._get_user_info", lambda: told)
    return told


@pytest.mark.parametrize(
    "body",
    [
        'return {st}["email"]',
        "return {st}.email",
        'return {st}.get("email")',
        "return dict({st})",
        "return {st}.to_dict()",
    ],
)
def test_a_user_never_sees_what_is_anothers(open_app, engine, user, body):
    import streamlit

    name = "st.user" if hasattr(streamlit, "user") else "st.experimental_user"
    app = APP.format(body=body.format(st=name))
    for email in ("ada@a.example", "eve@a.example") * 2:
        user["email"] = email
        session = Session(open_app(app, engine))
        session.run()
        assert email in session.app.text[0].value
    assert engine.runs == {"compute": 2}


@pytest.mark.parametrize(
    ("facts", "same", "other"),
    [
        ({"email": "a@a.example"}, {"exp": 1}, {"email": "b@a.example"}),
        ({"is_logged_in": True, "iss": "i", "sub": "s"}, {"email": "x"}, {"sub": "t"}),
        ({"is_logged_in": True, "iss": "i", "sub": "s"}, {"exp": 2}, {"iss": "j"}),
    ],
)
def test_each_user_who_is_logged_in_has_results_of_their_own(open_app, user, facts, same, other):
    host = StreamlitHost()
    app = "import streamlit as st\nst.session_state.user = cached.user()"
    seen = []
    for told in (facts, {**facts, **same}, {**facts, **other}):
        user.clear()
        user.update(told)
        session = Session(open_app(app, host))
        session.run()
        seen.append(session.app.session_state["user"])
    assert seen[0] == seen[1] != seen[2]
    assert None not in seen


@pytest.mark.parametrize(
    "facts", [{}, {"email": "test@example.com"}, {"is_logged_in": False, "email": "a@a.example"}]
)
def test_nobody_is_no_user(open_app, user, facts):
    app = "import streamlit as st\nst.session_state.user = cached.user()"
    user.clear()
    user.update(facts)
    session = Session(open_app(app, StreamlitHost()))
    session.run()
    assert session.app.session_state["user"] is None
    assert StreamlitHost().user() is None


def test_other_facts_of_a_user_do_not_count(open_app, engine, user):
    import streamlit

    name = "st.user" if hasattr(streamlit, "user") else "st.experimental_user"
    app = APP.format(body=f"return [{name}.email]")
    for expires in range(3):
        user["exp"] = expires
        Session(open_app(app, engine)).run()
    assert engine.runs == {"compute": 1}


@pytest.mark.parametrize(
    "body",
    [
        'return st.context.cookies["c"]',
        'return dict(getattr(st.context, "cookies"))',
        "cookies = st.context.cookies; return [cookies[k] for k in cookies]",
    ],
)
def test_a_browser_never_sees_what_is_anothers(open_app, engine, monkeypatch, body):
    from streamlit.runtime import context

    told = {}
    cookies = property(lambda _: context.StreamlitCookies(told))
    monkeypatch.setattr(context.ContextProxy, "cookies", cookies)
    app = APP.replace("compute(1))", "dict(x) if hasattr(x := compute(1), 'items') else x)")
    for value in ("one", "two") * 2:
        told["c"] = value
        session = Session(open_app(app.format(body=body), engine))
        session.run()
        assert value in session.app.text[0].value
    assert engine.runs == {"compute": 2}


def test_the_innermost_and_the_outer_function_both_depend_on_what_is_read(open_app, engine):
    app = """
import streamlit as st

@cached
def inner():
    return st.session_state.get("a", 0)

@cached
def outer(n):
    return inner() + n

st.text((inner(), outer(1), outer(2)))
"""
    steps = [put(a=1), put(a=2), put(a=1), again]
    differ(open_app, app, steps, engine, rounds=2)
    assert engine.runs == {"inner": 3, "outer": 6}


def test_what_was_computed_without_a_session_is_not_served_in_one(open_app, engine):
    @engine
    def compute():
        import streamlit

        return streamlit.session_state.get("a", "nothing")

    app = """
import streamlit as st
st.session_state.a = "something"
st.text(cached())
"""
    assert [compute(), compute()] == ["nothing"] * 2
    assert engine.runs == {"compute": 1}
    session = Session(open_app(app, compute))
    session.run()
    assert session.app.text[0].value == "something"


def test_explain_names_what_is_not_as_it_was(open_app, engine):
    app = APP.format(body='return ["explained", st.session_state.get("a")]')
    app = app.replace("st.text(compute(1))", 'if "quiet" not in st.session_state: compute(1)')
    app += "\nst.session_state.why = str(compute.explain(1))"
    session = Session(open_app(app, engine))
    through(session, [put(a=1)])
    assert "would hit" in session.app.session_state["why"]
    through(session, [put(a=9, quiet=True)])
    told = session.app.session_state["why"]
    assert "would miss: st.session_state['a'] has a value that it was not computed with" in told
