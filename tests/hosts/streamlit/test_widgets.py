"""Widgets inside cached functions: the same app, uncached, is the oracle."""

from __future__ import annotations

import importlib.util
import inspect
from dataclasses import dataclass
from typing import Any

import pytest
import streamlit as st
from differential import Step, again, differ

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@dataclass(frozen=True)
class Case:
    """One kind of widget.

    Args:
        name: Its function in ``st``.
        arguments: How it is called.
        values: What the browser may send, each by the field of ``WidgetState`` it may go into.
        once: Whether the browser sends each value once, as with a button.
        settable: What its value may be set to through the session state.
        needs: A parameter that older releases do not have, or a library that may not be there.
    """

    name: str
    arguments: str
    values: tuple[dict[str, Any], ...]
    once: bool = False
    settable: str = ""
    needs: str = ""

    @property
    def label(self) -> str:
        return "-".join(filter(None, (self.name, self.needs, self.arguments[:12])))

    @property
    def missing(self) -> bool:
        function = getattr(st, self.name, None)
        if function is None:
            return True
        if not self.needs or self.needs in inspect.signature(function).parameters:
            return False
        return importlib.util.find_spec(self.needs) is None

    def call(self, more: str = "") -> str:
        """The text of a call."""
        return f"st.{self.name}({', '.join(filter(None, (self.arguments, more)))})"

    def send(self, number: int, at: int = 0) -> Step:
        """The step in which the browser sends one of the values."""
        return lambda session: session.send(at, self.values[number], once=self.once)


def chosen(index: int, text: str) -> dict[str, Any]:
    """One option, or in an array of options that one."""
    return {
        "int_value": index,
        "string_value": text,
        "int_array_value": [index],
        "string_array_value": [text],
        "double_array_value": [float(index)],
        "string_trigger_value": {"data": text},
        "json_trigger_value": text,
    }


def selection(text: str) -> dict[str, Any]:
    return {"string_value": text, "json_value": text}


def said(text: str) -> dict[str, Any]:
    return {"string_trigger_value": {"data": text}, "chat_input_value": {"data": text}}


PRESSED = {"trigger_value": True}


def files(*names: str) -> dict[str, Any]:
    told = [{"file_id": name, "name": name, "size": len(name)} for name in names]
    return {"file_uploader_state_value": {"uploaded_file_info": told}}


OPTIONS = "'pick', ['a', 'b', 'c']"
ROWS = '"added_rows":[],"deleted_rows":[]'

CASES = (
    Case("button", "'press'", (PRESSED,), once=True),
    Case("download_button", "'get', b'data', 'a.txt'", (PRESSED,), once=True),
    Case("link_button", "'go', 'https://a.example', on_click='rerun'", (PRESSED,), True,
         needs="on_click"),
    Case("menu_button", OPTIONS, (chosen(1, "b"),), once=True),
    Case("checkbox", "'tick'", ({"bool_value": True},), settable="True"),
    Case("checkbox", "'tick', True", ({"bool_value": False},), settable="False"),
    Case("toggle", "'tick'", ({"bool_value": True},), settable="True"),
    Case("radio", OPTIONS, (chosen(1, "b"), chosen(2, "c")), settable="'b'"),
    Case("radio", f"{OPTIONS}, format_func=str.upper", (chosen(1, "B"),), settable="'b'"),
    Case("selectbox", OPTIONS, (chosen(1, "b"), chosen(2, "c")), settable="'b'"),
    Case("selectbox", f"{OPTIONS}, index=None", (chosen(1, "b"),), settable="'b'"),
    Case("multiselect", OPTIONS, (chosen(1, "b"), chosen(2, "c")), settable="['a', 'b']"),
    Case("select_slider", OPTIONS, (chosen(1, "b"), chosen(2, "c")), settable="'b'"),
    Case("slider", "'n', 0, 10, 3", ({"double_array_value": [7.0]}, {"double_array_value": [2.0]}),
         settable="5"),
    Case("slider", "'range', 0, 10, (2, 4)", ({"double_array_value": [1.0, 9.0]},),
         settable="(3, 6)"),
    Case("number_input", "'n', 0, 10, 3", ({"double_value": 7.0},), settable="5"),
    Case("number_input", "'n', value=None", ({"double_value": 7.0},), settable="5.0"),
    Case("text_input", "'name', 'x'", ({"string_value": "Ada"},), settable="'Bob'"),
    Case("text_area", "'text', 'x'", ({"string_value": "Ada"},), settable="'Bob'"),
    Case("color_picker", "'colour'", ({"string_value": "#ff0000"},), settable="'#00ff00'"),
    Case("date_input", "'day', datetime.date(2020, 1, 2)",
         ({"string_array_value": ["2020/02/03"]},), settable="datetime.date(2021, 1, 1)"),
    Case("time_input", "'time', datetime.time(8, 30)", ({"string_value": "09:45"},),
         settable="datetime.time(10, 0)"),
    Case("datetime_input", "'when', datetime.datetime(2020, 1, 2, 8, 30)",
         ({"string_array_value": ["2020/02/03, 09:45"]},),
         settable="datetime.datetime(2021, 1, 2, 8, 30)"),
    Case("chat_input", "'say'", (said("hello"), said("again")), once=True),
    Case("chat_input", "'say', accept_file=True", (said("hello"),), once=True,
         needs="accept_file"),
    Case("file_uploader", "'files'", (files("a.txt"),)),
    Case("file_uploader", "'files', accept_multiple_files=True",
         (files("a.txt"), files("a.txt", "b.txt"))),
    Case("camera_input", "'picture'", (files("a.jpg"),)),
    Case("audio_input", "'sound'", (files("a.wav"),)),
    Case("data_editor", "frame()", (
        selection('{"edited_rows":{"0":{"a":9}},' + ROWS + "}"),
        selection('{"edited_rows":{},"added_rows":[],"deleted_rows":[1]}'),
    )),
    Case("dataframe", "frame(), on_select='rerun', selection_mode='multi-row'",
         (selection('{"selection":{"rows":[1],"columns":[]}}'),)),
    Case("plotly_chart", "plotly(), on_select='rerun'",
         (selection('{"selection":{"points":[],"point_indices":[0],"box":[],"lasso":[]}}'),),
         needs="plotly"),
    Case("altair_chart", "altair(), on_select='rerun'",
         (selection('{"selection":{"pick":{"x":[0,1]}}}'),)),
    Case("vega_lite_chart", "frame(), VEGA, on_select='rerun'",
         (selection('{"selection":{"pick":{"x":[0,1]}}}'),)),
    Case("pydeck_chart", "pydeck(), on_select='rerun'",
         (selection('{"selection":{"indices":{"l":[0]},"objects":{"l":[{"a":1}]}}}'),)),
    Case("feedback", "'stars'", (chosen(1, "1"),), settable="3"),
    Case("pills", OPTIONS, (chosen(1, "b"),), settable="'b'"),
    Case("pills", f"{OPTIONS}, selection_mode='multi'", (chosen(1, "b"),), settable="['a', 'b']"),
    Case("segmented_control", OPTIONS, (chosen(1, "b"),), settable="'b'"),
    Case("pagination", "5", ({"int_value": 3},), settable="2"),
    Case("expander", "'more', on_change='rerun'", ({"bool_value": True},), needs="on_change"),
    Case("popover", "'more', on_change='rerun'", ({"bool_value": True},), needs="on_change"),
)  # fmt: skip

HELPERS = """
import datetime
import streamlit as st

def frame():
    import pandas as pd
    return pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})

def shown(value):
    if hasattr(type(value), "getvalue"):
        return f"{value.name} {value.getvalue()}"
    if type(value).__module__.startswith("streamlit.delta") or hasattr(type(value), "open"):
        return f"{value.open}"
    if hasattr(type(value), "to_dict"):
        value = value.to_dict()
    return [shown(one) for one in value] if isinstance(value, list) else repr(value)

def plotly():
    import plotly.graph_objects as go
    return go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))

def altair():
    import altair as alt
    pick = alt.selection_interval(name="pick")
    return alt.Chart(frame()).mark_point().encode(x="a", y="a").add_params(pick)

VEGA = {
    "mark": "point",
    "params": [{"name": "pick", "select": "interval"}],
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}

def pydeck():
    import pydeck as pdk
    return pdk.Deck(layers=[pdk.Layer("ScatterplotLayer", data=frame(), id="l")])
"""

KEYED = """
@cached(widgets=True)
def pick(n):
    st.text("above")
    value = {call}
    st.text(f"inside {{shown(value)}} {{n}}")
    return shown(value)

st.text(f"outside {{pick(1)}}")
"""


def steps_of(case: Case) -> list[Step]:
    """A rerun after each value that the browser may send, and the first value once more."""
    sent = [case.send(number) for number in range(len(case.values))]
    return [again, *(step for one in sent for step in (one, again)), *sent[:1], again]


def handed_in(open_app):
    """Open apps whose sessions have handed files in."""
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    def opened(app, cached):
        session = open_app(app, cached)
        for name in ("a.txt", "b.txt", "a.jpg", "a.wav"):
            record = UploadedFileRec(name, name, "", name.encode())
            session.uploads.add_file("test session id", record)
        return session

    return opened


@pytest.mark.parametrize("key", ["", "key='k'"], ids=["unkeyed", "keyed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_every_widget_works_as_if_nothing_were_cached(open_app, engine, case, key):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + KEYED.format(call=case.call(key))
    expected = differ(handed_in(open_app), app, steps_of(case), engine, rounds=2)
    assert all(not after.page.exceptions for after in expected)
    assert len({after.page.elements for after in expected}) == 1 + len(case.values)
    assert engine.runs["pick"] <= 1 + len(case.values)


SET = """
if st.session_state.get("turn", 0) in (1, 3):
    st.session_state.k = {value}
st.session_state.turn = st.session_state.get("turn", 0) + 1
"""


@pytest.mark.parametrize("case", [case for case in CASES if case.settable], ids=lambda c: c.label)
def test_a_value_that_is_set_in_the_session_state_shows_and_counts(open_app, engine, case):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + SET.format(value=case.settable) + KEYED.format(call=case.call("key='k'"))
    expected = differ(open_app, app, [again, again, again, again], engine, rounds=2)
    assert all(not after.page.exceptions for after in expected)
    assert len({after.page.elements for after in expected}) > 1


@pytest.mark.parametrize("case", [c for c in CASES if not c.settable], ids=lambda c: c.label)
def test_where_a_value_must_not_be_set_that_is_as_much_of_an_error(open_app, engine, case):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + SET.format(value="None") + KEYED.format(call=case.call("key='k'"))
    differ(open_app, app, [again, again, again, again], engine, rounds=2)


IN_FORM = """
@cached(widgets=True)
def ask():
    with st.form("f"):
        st.text("above")
        value = {call}
        st.form_submit_button("send")
    return shown(value)

st.text(ask())
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_every_widget_in_a_form(open_app, engine, case):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + IN_FORM.format(call=case.call())
    probe = open_app(app, lambda widgets: lambda function: function).run()
    steps = [again] if probe.exception else steps_of(case)
    differ(handed_in(open_app), app, steps, engine, rounds=2)
