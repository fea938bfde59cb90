"""Results with widgets inside outlive the server: a fresh one shows them, each session its own.

A fresh runtime on the same folder stands for a fresh server. The uncached app is the oracle.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import streamlit as st
from differential import Session, again, differ, put, through
from test_persisted import change, columns
from test_widgets import CASES, HELPERS, IN_FORM, KEYED, SET, handed_in, steps_of
from test_widgets_in_apps import (
    CALLBACKS,
    CONDITIONAL,
    FORM,
    NESTED,
    WRITTEN,
    press,
    send,
    slide,
    tick,
)

from reprise.errors import StoreWarning
from reprise.hosts.streamlit.internals import version

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

in_memory_too = pytest.mark.filterwarnings("ignore::reprise.errors.StoreWarning")


def takes_files(case):
    return case.name in {"file_uploader", "camera_input", "audio_input"}


def only_in_memory(case):
    """``AppTest`` is left a function of Streamlit's own for these by the oldest releases."""
    return version() < (1, 46) and case.name in {"pills", "segmented_control"}


@in_memory_too
@pytest.mark.parametrize("key", ["", "key='k'"], ids=["unkeyed", "keyed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_every_widget_is_shown_by_a_fresh_server(open_app, persisting, case, key):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + KEYED.format(call=case.call(key))
    differ(handed_in(open_app), app, steps_of(case), persisting)
    first = persisting.runs["pick"]
    persisting.renew()
    differ(handed_in(open_app), app, steps_of(case), persisting)
    if only_in_memory(case):
        assert persisting.runs["pick"] == first
    else:  # what a user handed in is nobody else's, and gone with the server
        assert persisting.runs["pick"] == (len(case.values) if takes_files(case) else 0)


@in_memory_too
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_every_widget_in_a_form_is_shown_by_a_fresh_server(open_app, persisting, case):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + IN_FORM.format(call=case.call())
    if open_app(app, lambda widgets: lambda function: function).run().exception:
        pytest.skip("Streamlit allows no such widget in a form")
    for _ in range(2):
        differ(handed_in(open_app), app, steps_of(case), persisting)
        again_ran = persisting.runs["ask"]
        persisting.renew()
    assert only_in_memory(case) or again_ran == (len(case.values) if takes_files(case) else 0)


@pytest.mark.parametrize("case", [case for case in CASES if case.settable], ids=lambda c: c.label)
@in_memory_too
def test_a_value_that_is_set_in_the_session_state_counts_in_a_fresh_server(
    open_app, persisting, case
):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + SET.format(value=case.settable) + KEYED.format(call=case.call("key='k'"))
    for _ in range(2):
        differ(open_app, app, [again, again, again, again], persisting)
        again_ran = persisting.runs["pick"]
        persisting.renew()
    assert only_in_memory(case) or again_ran == 0


def renewing(steps, persisting):
    """These steps, each taken after the server was started anew."""

    def renewed(step):
        def take(session):
            persisting.renew()
            step(session)

        return take

    return [renewed(step) for step in steps]


WAYS = {
    "conditional": (
        CONDITIONAL,
        [again, tick(0), slide(1, 5), slide(1, 6), slide(1, 5), tick(0, False), tick(0)],
    ),
    "form": (FORM, [again, send(0, string_value="Ada"), press(2), again, press(2), again]),
    "set before": (WRITTEN, [again, press(0), again, slide(1, 4), press(0), again]),
    "nested": (NESTED, [again, tick(0), slide(1, 5), slide(4, 2), tick(2), tick(3), again]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_comes_back_between_any_two_steps(open_app, persisting, way):
    app, steps = WAYS[way]
    expected = differ(open_app, app, renewing(steps, persisting), persisting, rounds=2)
    assert len({after.page.elements for after in expected}) > 2
    assert set(persisting.runs.values()) == {0}


def test_a_value_that_nobody_has_seen_yet_is_computed_and_kept(open_app, persisting):
    differ(open_app, CONDITIONAL, [tick(0), slide(1, 5)], persisting)
    persisting.renew()
    differ(open_app, CONDITIONAL, [tick(0), slide(1, 5), slide(1, 8), slide(1, 5)], persisting)
    assert persisting.runs == {"pick": 1}
    persisting.renew()
    differ(open_app, CONDITIONAL, [tick(0), slide(1, 8)], persisting)
    assert persisting.runs == {"pick": 0}


def test_a_session_of_a_fresh_server_sees_its_own_values_only(open_app, persisting):
    one = Session(open_app(CONDITIONAL, persisting))
    through(one, [tick(0), slide(1, 7)])
    persisting.renew()
    two = Session(open_app(CONDITIONAL, persisting))
    assert two.run().page != one.run().page
    assert (one.app.text[0].value, two.app.text[0].value) == ("got 7", "got None")
    through(two, [tick(0)])
    assert two.app.text[0].value == "got 3"
    through(two, [slide(1, 7)])
    assert two.app.text[0].value == "got 7"
    assert two.app.session_state["n"] == 7
    assert persisting.runs == {"pick": 0}


def test_widgets_of_another_release_are_a_miss_and_no_damage(open_app, persisting, monkeypatch):
    steps = [tick(0), slide(1, 5)]
    differ(open_app, CONDITIONAL, steps, persisting)
    persisting.renew()
    with monkeypatch.context() as patch:
        patch.setattr(st, "__version__", f"{st.__version__}.1")
        differ(open_app, CONDITIONAL, steps, persisting)
        assert persisting.runs == {"pick": 3}
        persisting.renew()
        differ(open_app, CONDITIONAL, steps, persisting)
        assert persisting.runs == {"pick": 0}
    assert not list((persisting.folder / "aside").glob("*"))


@pytest.mark.parametrize("column", ["header", "inline"])
def test_damaged_widgets_are_told_of_and_computed_again(open_app, persisting, column):
    app = CONDITIONAL.replace('st.slider("number", 0, 10, 3, key="n")', "7")
    differ(open_app, app, [], persisting)
    [(content,)] = columns(persisting.folder, column)
    for offset in range(0, len(content), len(content) // 8):
        changed = bytearray(content)
        changed[offset] ^= 1
        change(persisting.folder, f"{column} = ?", bytes(changed))
        persisting.renew()
        with pytest.warns(StoreWarning, match="cannot be used"):
            differ(open_app, app, [again], persisting)
        assert persisting.runs == {"pick": 1}, offset
        [(content,)] = columns(persisting.folder, column)


@pytest.mark.parametrize("names", ["AA", "AB"])
def test_callbacks_reach_into_the_session_of_the_fresh_server(open_app, persisting, names):
    steps = [slide(0, 4), tick(1), press(2), send(3, string_value="x"), again, press(2), tick(1)]
    for name in names:
        app = f"NAME = {name!r}\n{CALLBACKS}"
        expected = differ(open_app, app, steps, persisting)
        log = expected[-1].state["log"]
        assert all(word in log for word in ("inside", "lambda", "mine", f"'{name}'"))
        persisting.renew()
    differ(open_app, app, steps, persisting)
    assert persisting.runs == {"pick": 0}


FORMATS = {
    "a name": "named",
    "a lambda": "lambda one: LABELS[one]",
    "a lambda that reaches an argument": "lambda one: f'{one} {n}'",
    "with a default": "lambda one, more='!': one + more",
    "of texts": "str.upper",
    "repr": "repr",
    "of a module": "html.escape",
    "an argument": "_given",
}
FORMATTED = """
import html
import streamlit as st

LABELS = {{"a": "first", "b": "second"}}

def named(one):
    return LABELS[one]

@cached(widgets=True)
def pick(n, _given):
    one = st.{kind}("pick", ["a", "b"], format_func={format})
    return n, one

st.text(pick(1, str.title))
st.text(sorted(map(str, st.session_state.values())))
"""
PICKED = {
    "int_value": 1,
    "int_array_value": [1],
    "double_array_value": [1.0],
}


@pytest.mark.parametrize("kind", ["selectbox", "radio", "multiselect", "select_slider"])
@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_found_again_in_the_code_of_the_fresh_server(open_app, persisting, name, kind):
    app = FORMATTED.format(format=FORMATS[name], kind=kind)
    labels = {"a name": "second", "a lambda": "second", "repr": "'b'", "with a default": "b!"}
    labels["of a module"] = "b"
    label = labels.get(name, "b 1" if "reaches" in name else "B")
    texts = {"string_value": label, "string_array_value": [label]}
    for _ in range(2):
        differ(open_app, app, [send(0, **PICKED, **texts), again], persisting)
        ran = persisting.runs
        persisting.renew()
    assert ran == {"pick": 0}


OPTIONS = {
    "dates": "[datetime.date(2020, 1, day) for day in (1, 2)]",
    "tuples": "[(1, None), ('x', 2.5)]",
    "a range": "range(3, 9)",
    "a set of one": "{7}",
    "numbers of numpy's": "list(numpy.arange(3))",
    "an array": "numpy.array([1.5, 2.5])",
    "an index": "pandas.Index(['a', 'b'])",
    "a dictionary": "{'a': 1, 'b': 2}",
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options_of_many_kinds_come_back_as_they_were(open_app, persisting, options):
    app = f"""
import datetime, numpy, pandas
import streamlit as st

@cached(widgets=True)
def pick():
    return [repr(st.selectbox("one", {options})), repr(st.multiselect("some", {options}))]

st.text(pick())
"""
    for _ in range(2):
        differ(open_app, app, [again], persisting)
        ran = persisting.runs
        persisting.renew()
    assert ran == {"pick": 0}


HANDED_IN = [{"file_id": "a.txt", "name": "a.txt", "size": 5}]
FILES = {"file_uploader_state_value": {"uploaded_file_info": HANDED_IN}}

KEPT_IN_MEMORY = {
    "a selectbox that has a builtins.builtin_function_or_method in its format_func": (
        'st.selectbox("a", ["a"], format_func={"a": "b"}.get)'
    ),
    "a radio that has a script.Own in its options": 'st.radio("a", [Own()])',
    "a checkbox with the key 'k' that has a function that the cached function neither defines nor "
    "names in its callback": 'st.checkbox("a", key="k", on_change=made(1))',
    "a slider that has a function that the cached function neither defines nor names in its "
    "callback": 'st.slider("a", on_change=vars(textwrap)["dedent"])',
    "a file_uploader by which a user handed a file in": 'st.file_uploader("a")',
}
TOLD = """
import textwrap
import streamlit as st

class Own:
    def __repr__(self):
        return "own"
    __module__ = "script"

def made(n):
    return lambda: n

@cached(widgets=True)
def pick():
    return repr({call})[:8]

st.text(pick())
"""


@pytest.mark.parametrize("what", KEPT_IN_MEMORY)
def test_what_cannot_be_written_stays_in_memory_and_is_told_once(
    open_app, persisting, what, recwarn
):
    app = TOLD.format(call=KEPT_IN_MEMORY[what])
    steps = [again]
    if "file" in what:
        steps.append(lambda session: session.send(0, FILES))
    for _ in range(2):
        differ(handed_in(open_app), app, [*steps, again], persisting)
    assert persisting.runs == {"pick": len(steps)}
    [told] = [one for one in recwarn if issubclass(one.category, StoreWarning)]
    if "format_func" in what and version() < (1, 46):  # these keep none, but for tests
        what = "a builtins.builtin_function_or_method that a widget leaves behind for AppTest"
    assert f"Results of pick that come with {what} cannot be kept" in str(told.message)
    assert "only in memory" in str(told.message)
    assert len(list(persisting.store.entries())) == len(steps) - 1


@in_memory_too
def test_no_byte_of_what_a_user_handed_in_comes_to_the_store(open_app, persisting):
    app = HELPERS + KEYED.format(call="st.file_uploader('files', key='k')")
    session = Session(handed_in(open_app)(app, persisting))
    through(session, [again, lambda one: one.send(0, FILES), again])
    assert "a.txt" in session.app.text[1].value
    files = [one for one in persisting.folder.rglob("*") if one.is_file()]
    assert files
    assert not any(b"a.txt" in one.read_bytes() for one in files)
    persisting.renew()
    assert Session(open_app(app, persisting)).run().page.exceptions == ()
    assert persisting.runs == {"pick": 0}


@pytest.mark.parametrize("now", ["", "changed = 7"])
def test_a_callback_that_is_not_there_any_more_is_a_miss(open_app, persisting, now):
    """The function's own code has not changed, so that its results are still found."""
    app = """
import streamlit as st
{now}
@cached(widgets=True, fingerprint="own")
def pick():
    if callable(globals().get("changed")):
        return st.slider("a", 0, 10, on_change=changed)
    return "none"

st.text(pick())
"""
    before = app.format(now="changed = lambda: None")
    for _ in range(2):
        differ(open_app, before, [again], persisting)
        ran = persisting.runs
        persisting.renew()
    assert ran == {"pick": 0}
    differ(open_app, app.format(now=now), [again], persisting)
    assert persisting.runs == {"pick": 1}


WITHIN = """
import streamlit as st

@cached(widgets=True)
def pick():
    st.session_state.k = "b"
    one = st.radio("pick", ["a", "b", "c"], key="k")
    st.session_state.later = lambda: one
    return one

st.text(pick())
st.text(st.session_state.later())
"""


def test_a_widget_whose_value_the_function_sets_itself(open_app, persisting):
    def texts(decorate):
        session = Session(open_app(WITHIN, decorate))
        return [[one.value for one in session.app.text] for _ in through(session, [again, again])]

    plain = lambda **_: lambda function: function
    expected = texts(plain)
    assert expected[-1] == ["b", "b"]
    for _ in range(2):
        assert texts(persisting) == expected
        ran = persisting.runs
        persisting.renew()
    assert ran == {"pick": 0}


PILLS = """
import streamlit as st

@cached(widgets=True)
def pick():
    return st.{call}("pick", ["a", "b", "c"], key="k"{more})

st.text(pick())
"""


@pytest.mark.skipif(version() < (1, 60), reason="older releases know no stale values")
@pytest.mark.parametrize("more", ["", ", selection_mode='multi'"])
@pytest.mark.parametrize("fresh", [False, True])
def test_what_one_session_had_chosen_is_never_chosen_in_another(open_app, persisting, more, fresh):
    app = PILLS.format(call="pills", more=more)
    chosen = lambda text: send(0, string_array_value=[text])
    ago = [chosen("b"), again, again]
    through(Session(open_app(app, persisting)), ago)
    if fresh:
        persisting.renew()
    # A browser that still shows an option that there is no more.
    differ(open_app, app, [chosen("gone"), again, chosen("a"), chosen("gone"), again], persisting)


CHANGED = """
import streamlit as st

@cached(widgets=True)
def pick():
    st.{kind}("pick", [["a"], ["b"]], key="k")

@cached(widgets=True)
def around():
    return pick()

{call}()
chosen = st.session_state.k or []
for one in [chosen, *chosen]:
    if isinstance(one, list):
        one.append(["mine"])
st.text(chosen)
"""


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("call", ["pick", "around"])
@pytest.mark.parametrize("kind", ["selectbox", "radio", "multiselect", "select_slider", "pills"])
@in_memory_too
def test_what_one_session_does_to_its_choice_is_not_seen_in_another(
    open_app, persisting, kind, call, fresh
):
    app = CHANGED.format(kind=kind, call=call)
    sent = {**PICKED, "string_value": "['b']", "string_array_value": ["['b']"]}
    steps = [send(0, **sent), again]
    for _ in range(2):
        differ(open_app, app, steps, persisting, rounds=3)
        ran = persisting.runs[call]
        if fresh:
            persisting.renew()
    if fresh and not (kind == "pills" and version() < (1, 46)):  # see only_in_memory
        assert ran == 0


def test_another_page_of_the_same_function_shows_nothing_of_the_first(open_app, persisting):
    app = CONDITIONAL.replace('st.text(f"got {pick()}")', "with st.{where}: st.text(pick())")
    for where in ("sidebar", "container()", "form('f')", "form('g')", "sidebar"):
        text = app.replace("{where}", where)
        if "form" in where:
            text += '    st.form_submit_button("go")\n'
        differ(open_app, text, [again, put(n=4), again], persisting)
        persisting.renew()


APP = """
import os
import reprise
import streamlit as st

FOUND = {"x": "first", "y": "second"}

@reprise.cache_data(
    persist=os.environ["STORE"], experimental_allow_widgets=True, show_spinner=False
)
def pick(n):
    def label(one):
        return FOUND[one] if one in {"x", "y", "z"} else "none"
    told = lambda: st.session_state.update(told=(n, FOUND["y"]))
    one = st.selectbox("a", ["x", "y"], format_func=label, on_change=told)
    return one + str(st.slider("b", 0, n, 1, key="b"))

st.text(pick(3))
st.text(st.session_state.get("told"))
st.text(pick.cache_info().misses)
"""
BROWSER = """
import sys
from streamlit.testing.v1 import AppTest

opened = AppTest.from_file(sys.argv[1], default_timeout=30).run()
opened.selectbox[0].select("y").run()
opened.slider[0].set_value(2).run()
assert not opened.exception, opened.exception
print([one.value for one in opened.text])
"""


def test_another_process_shows_what_this_one_has_computed(tmp_path):
    script = tmp_path / "app.py"
    script.write_text(APP)
    ran = []
    for seed in ("1", "2"):
        told = {"REPRISE_SECRET": "a secret of tests", "STORE": f"disk://{tmp_path / 'store'}"}
        done = subprocess.run(
            [sys.executable, "-c", BROWSER, str(script)],
            env={**os.environ, **told, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        ran.append(done.stdout.strip())
    shown = "['y2', \"(3, 'second')\", '{}']"
    assert ran == [shown.format(3), shown.format(0)]
