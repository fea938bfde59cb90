"""Generated apps: cached functions with widgets, layouts, state and calls of one another.

Each function is given a container, and returns those that it has made or was given, so that its
caller goes on to write there. One is left in the session's state.
"""

from __future__ import annotations

import re

import pytest
from differential import Session, differ, through
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["x", "y"])
NUMBERS = st.integers(0, 2)


def indent(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines or ["pass"]]


def labelled(kind: str) -> str:
    """A widget with a label of its own, in each function and for each argument."""
    return {
        "checkbox": 'st.checkbox(f"{place} {n}")',
        "keyed": 'st.checkbox("tick", key=f"{place} {n}")',
        "slider": 'st.slider(f"{place} {n}", 0, 2)',
        "select": 'st.selectbox(f"{place} {n}", ["a", "b"], key=f"{place} {n}")',
        "button": 'st.button(f"{place} {n}", on_click=note, args=(n,))',
    }[kind]


WIDGETS = st.sampled_from(["checkbox", "keyed", "slider", "select", "button"]).map(labelled)
BOX = NUMBERS.map(lambda which: f"boxes[{which} % len(boxes)]")
MADE = st.sampled_from(
    [
        "st.container()",
        "st.empty()",
        "st.columns(2)[0]",
        'st.status(f"{place} {n}")',
        "st.progress(n)",
    ]
)
WRITTEN = st.sampled_from(
    [
        'text(f"into {n} {seen}")',
        "empty()",
        "progress(n)",
        'container().text(f"within {n}")',
        'chat_message("user").text(f"says {n}")',
        'toast(f"toast {n}")',
        'write_stream(iter(["a ", f"b {n}"]))',
        'status(f"{n}").update(label="new", expanded=True)',
    ]
)
CHANGING = st.one_of(
    st.tuples(BOX, WRITTEN).map(lambda t: [f"{t[0]}.{t[1]}"]),
    WRITTEN.map(lambda call: [f"st.session_state.box.{call}"]),
    WRITTEN.map(lambda call: [f"st.{call}"]),
    BOX.map(lambda box: [f"st.session_state.box = box_or({box}, boxes)"]),
    MADE.map(lambda call: [f"boxes.append({call})"]),
    st.tuples(BOX, NUMBERS).map(lambda t: [f"update({t[0]}, f'{t[1]} {{n}}')"]),
    st.tuples(st.sampled_from(["st.empty()", "st.progress(0)"]), NUMBERS).map(
        lambda t: [f"there = {t[0]}", f"for step in range({t[1]} + 2):", "    there.progress(step)"]
    ),
)
LEAVES = st.one_of(
    CHANGING,
    CHANGING,
    st.just(['st.text(f"text {n} {seen}")']),
    WIDGETS.map(lambda call: [f"seen.append({call})"]),
    NAMES.map(lambda name: [f"seen.append(st.session_state.get({name!r}))"]),
    NAMES.map(lambda name: [f"seen.append({name!r} in st.session_state)"]),
    st.tuples(NAMES, NUMBERS).map(lambda t: [f"st.session_state[{t[0]!r}] = {t[1]} + n"]),
    NAMES.map(lambda name: [f"st.session_state.pop({name!r}, None)"]),
    st.tuples(st.sampled_from(["inner", "other"]), NUMBERS).map(
        lambda t: [f"take({t[0]}({t[1]}, boxes[-1]), seen, boxes)"]
    ),
)
PLACES = st.sampled_from(
    ["st.sidebar", "st.container()", 'st.expander("more")', "st.columns(2)[1]", "st.empty()"]
)


def block(inner: st.SearchStrategy[list[list[str]]]) -> st.SearchStrategy[list[str]]:
    lines = inner.map(lambda parts: indent([line for part in parts for line in part]))
    return st.one_of(
        st.tuples(PLACES | BOX | MADE, lines).map(lambda t: [f"with {t[0]}:", *t[1]]),
        st.tuples(WIDGETS, lines).map(lambda t: [f"if {t[0]}:", *t[1]]),
        st.tuples(NAMES, lines).map(lambda t: [f"if st.session_state.get({t[0]!r}):", *t[1]]),
        lines.map(lambda t: ['with st.form(f"{place} {n}"):', *t, "    st.form_submit_button()"]),
    )


BODIES = st.lists(
    st.recursive(LEAVES, lambda inner: block(st.lists(inner, max_size=3)), max_leaves=4),
    min_size=1,
    max_size=4,
).map(lambda parts: [line for part in parts for line in part])


def numbered(body: list[str], name: str) -> list[str]:
    """The lines with a place of its own in each label."""
    return [line.replace("{place}", f"{name}{at}") for at, line in enumerate(body)]


def function(name: str, body: list[str], known: tuple[str, ...]) -> str:
    """A cached function, which calls those that are ``known``."""
    lines = numbered(body, name)
    for other in {"inner", "other"} - set(known):
        lines = [re.sub(rf"take\({other}\(.*", "pass", line) for line in lines]
    body = ["seen, boxes = [], [_box]", *lines, "return seen, boxes"]
    return "\n".join(["@cached(widgets=True)", f"def {name}(n, _box):", *indent(body)])


GIVEN = st.sampled_from(["st.container()", "st.sidebar", "st.empty()", "st.columns(2)[1]"])
CALLS = st.lists(
    st.tuples(NUMBERS, GIVEN, CHANGING), min_size=1, max_size=2, unique_by=lambda t: t[0]
)
APPS = st.tuples(BODIES, BODIES, BODIES, CALLS)

HELPERS = """
import streamlit as st

def note(n):
    st.session_state.x = n

def take(result, seen, boxes):
    seen.append(result[0])
    boxes += result[1]

def update(box, label):
    if "update" in dir(type(box)):
        box.update(label=label)

def box_or(box, boxes):
    return box if "update" in dir(type(box)) else boxes[0]

st.session_state.box = st.container()
"""


def called(n, given, after) -> list[str]:
    """The lines that call the outermost function and go on with what it returned."""
    lines = [f"n = {n}", "place = 'caller'", f"seen, boxes = outer(n, {given})", *after]
    return [*lines, "st.text(seen)"]


def written(bodies) -> str:
    inner, other, outer, calls = bodies
    return "\n".join(
        [
            HELPERS,
            function("inner", inner, ()),
            function("other", other, ("inner",)),
            function("outer", outer, ("inner", "other")),
            *(line for call in calls for line in called(*call)),
            "held = st.session_state",
            "st.text(sorted((key, str(held[key])) for key in held if key != 'box'))",
        ]
    )


SENT = {
    "trigger_value": [True],
    "bool_value": [True, False, True],
    "double_array_value": [[1.0], [2.0], [0.0]],
    "int_value": [1, 0, 1],
    "string_value": ["b", "a", "b"],
}


def act(choice: tuple[str, int, int]):
    """A step: some widget of the page gets some value, or the state is set from outside."""
    kind, which, value = choice

    def step(session: Session) -> None:
        there = session.widgets()
        if kind != "widget" or not there:
            session.app.session_state[kind if kind != "widget" else "x"] = value
            return
        values = {field: options[value % len(options)] for field, options in SENT.items()}
        at = which % len(there)
        session.send(at, values, once=type(there[at]).__name__ == "Button")

    return step


STEPS = st.lists(
    st.tuples(st.sampled_from(["widget", "widget", "widget", "x", "y"]), NUMBERS, NUMBERS).map(
        lambda t: (t[0], t[1] * 3 + t[2], t[2])
    ),
    max_size=6,
)


@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(APPS, STEPS)
def test_a_generated_app_is_as_if_nothing_were_cached(open_app, engine, bodies, steps):
    expected = differ(open_app, written(bodies), [act(step) for step in steps], engine, rounds=2)
    failed = "".join(expected[0].page.exceptions)
    assert "Syntax" not in failed
    assert "not defined" not in failed
    event(f"it raises: {bool(failed)}")


QUIET = {
    "st.checkbox(": "asked(",
    "st.slider(": "asked(",
    "st.selectbox(": "asked(",
    "st.button(": "asked(",
    "st.form_submit_button()": "st.text('sent')",
    "return seen, boxes": "return seen, []",
}
"""So that results outlive the server: without widgets, and without containers that are returned."""

ASKED = """
def asked(label, *_, **__):
    return st.session_state.get("x" if "1" in label else "y")
"""


def without_widgets(app):
    """The app with reads of the state in the place of widgets."""
    for old, new in QUIET.items():
        app = app.replace(old, new)
    at = "st.session_state.box = st.container()\n"
    app = app.replace(at, at + ASKED, 1)
    return re.sub(
        r"^(seen, boxes = outer.*)$", r"\1\nboxes = [st.container()]", app, flags=re.MULTILINE
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
@pytest.mark.filterwarnings("ignore::reprise.errors.StoreWarning")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(APPS, STEPS, st.booleans())
def test_a_generated_app_is_the_same_after_each_restart(
    open_app, persisting, bodies, steps, widgets
):
    app = written(bodies)
    if not widgets:
        app = without_widgets(app)

    def restarted(step):
        def first(session):
            persisting.renew()
            step(session)

        return first

    expected = differ(open_app, app, [restarted(act(one)) for one in steps], persisting, rounds=2)
    failed = "".join(expected[0].page.exceptions)
    assert "Syntax" not in failed
    assert "not defined" not in failed
    persisting.renew()
    through(Session(open_app(app, persisting)), [act(one) for one in steps])
    ran = any(persisting.runs.values())
    event(f"it raises: {bool(failed)}; widgets: {widgets}; functions ran: {ran}")
