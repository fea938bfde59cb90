"""Custom components inside cached functions: their values are inputs as those of widgets are."""

from __future__ import annotations

import importlib.util

import pytest
from differential import again, differ

V2 = importlib.util.find_spec("streamlit.components.v2") is not None

FIRST = """
import tempfile
import pandas as pd
import streamlit as st
import streamlit.components.v1 as components

def note(*args):
    st.session_state.noted = [*st.session_state.get("noted", []), args]

far = components.declare_component("far", url="https://example.com")
near = components.declare_component("near", path=tempfile.gettempdir())

@cached(widgets=True)
def pick(n):
    st.text("above")
    said = far(label="far", n=n, default="nothing"{key})
    box = st.container(border=True)
    with box:
        more = near(frame=pd.DataFrame({{"a": [1]}}), raw=b"bytes")
    if said == "more":
        st.text(f"more {{near(label='third')}}")
    st.text(f"inside {{said!r}} {{more!r}}")
    return said, more

st.text(f"outside {{pick(1)}}")
st.text(st.session_state.get("noted"))
"""

SECOND = """
import streamlit as st

def note():
    st.session_state.noted = st.session_state.get("noted", 0) + 1

counter = st.components.v2.component("counter", html="<b></b>", js="export default () => {{}}")

@cached(widgets=True)
def pick(n):
    with st.container():
        said = counter(
            data={{"n": n}}, default={{"count": 0}}, on_count_change=note,
            on_press_change=lambda: None{key},
        )
    st.text(f"inside {{said.count!r}} {{said.press!r}}")
    return said.count, said.press

st.text(f"outside {{pick(1)}}")
st.text(st.session_state.get("noted"))
"""


def say(index, value):
    """A component of the first kind sends a value."""
    return lambda session: session.send(index, {"json_value": value})


@pytest.mark.parametrize("key", ["", ", key='k'", ", key='k', on_change=note"])
def test_a_component_is_as_if_nothing_were_cached(open_app, engine, key):
    steps = [again, say(0, '"more"'), again, say(2, "[1]"), say(1, '{"a": 1}'), say(0, '"less"')]
    expected = differ(open_app, FIRST.format(key=key), [*steps, again], engine, rounds=2)
    assert not any(after.page.exceptions for after in expected)
    # The page is another after each that sent something.
    assert len({after.page.elements for after in expected}) == 5
    assert engine.runs == {"pick": 5}


@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
def test_a_component_without_permission_runs_every_time(open_app, engine):
    app = FIRST.format(key="").replace("(widgets=True)", "")
    opened = open_app(app, engine)
    for _ in range(2):
        [warning] = opened.run().exception
        assert "experimental_allow_widgets=True" in warning.value


@pytest.mark.skipif(not V2, reason="this release of Streamlit has no such components")
@pytest.mark.parametrize("key", ["", ", key='k'"])
def test_a_component_of_the_second_kind_is_as_if_nothing_were_cached(open_app, engine, key):
    def send(widget_id, field, value, once):
        def step(session):
            [component] = session.widgets()
            session.send_to(widget_id(component.id), {field: value}, once=once)

        return step

    def count(value):
        return send(lambda one: one, "json_value", f'{{"count": {value}}}', once=False)

    def press(value):
        event = f'[{{"event": "press", "value": {value}}}]'
        return send(trigger, "json_trigger_value", event, once=True)

    def trigger(component):
        from streamlit.components.v2.bidi_component.main import _make_trigger_id

        return _make_trigger_id(component, "events")

    steps = [again, count(1), again, press(7), again, count(2), press(8), count(1)]
    expected = differ(open_app, SECOND.format(key=key), steps, engine)
    runs = engine.runs
    differ(open_app, SECOND.format(key=key), steps, engine, rounds=2)
    assert not any(after.page.exceptions for after in expected)
    assert any("inside 2 8" in str(after.page) for after in expected)
    assert engine.runs == runs, "later sessions were to run nothing"
