"""What a recording cannot hold, and what is said about it."""

from __future__ import annotations

import pytest
from streamlit.delta_generator import DeltaGenerator


def test_a_widget_works_and_is_warned_about_each_time(open_app, cached):
    def app(cached):
        import streamlit as st

        @cached
        def pick():
            st.write("text")
            st.checkbox("other")
            return st.slider("number", 0, 10, 3)

        st.write(f"got {pick()}")

    opened = open_app(app, cached).run()
    assert opened.slider[0].set_value(7).run().markdown[-1].value == "got 7"
    assert len(cached.runs) == 2
    assert cached.recordings[0].obstacle == "a widget"
    [warning] = opened.exception
    assert "pick" in warning.value
    assert "experimental_allow_widgets=True" in warning.value
    assert "pass its value in as an argument" in warning.value
    assert warning.proto.is_warning
    assert opened.main.children[0].type == "markdown"
    assert opened.main.children[1].type == "exception"


@pytest.mark.parametrize(("inner", "outer"), [(True, True), (True, False), (False, False)])
def test_the_innermost_function_that_may_not_have_widgets_warns(open_app, cached, inner, outer):
    def app(cached):
        import streamlit as st

        decorate, inner, outer = cached

        def button():
            st.button("press")

        def around():
            decorate(button, widgets=inner)()

        decorate(around, widgets=outer)()

    opened = open_app(app, (cached, inner, outer)).run()
    texts = [each.value for each in opened.exception]
    named = [] if outer else ["`around`" if inner else "`button`"]
    assert len(texts) == len(named)
    assert all(name in text for name, text in zip(named, texts, strict=True)), texts
    assert [recording.replayable for recording in cached.recordings] == [inner, outer]


def fragment(cached):
    import streamlit as st

    @cached
    def show():
        @st.fragment
        def part():
            st.write("part")

        part()

    show()


def dialog(cached):
    import streamlit as st

    @cached
    def show():
        @st.dialog("title")
        def part():
            st.write("part")

        part()

    show()


def navigation(cached):
    import streamlit as st

    @cached
    def show():
        st.navigation([st.Page(lambda: None, title="one", url_path="one")], position="hidden")

    show()


def rows_added_outside(cached):
    import pandas as pd
    import streamlit as st

    chart = st.line_chart(pd.DataFrame({"a": [1]}))

    @cached
    def show(_chart):
        _chart.add_rows(pd.DataFrame({"a": [2]}))

    show(chart)


def deferred_download(cached):
    import streamlit as st

    cached(lambda: st.download_button("get", lambda: b"data", "name.txt"))()


@pytest.mark.parametrize(
    ("app", "obstacle"),
    [
        (fragment, "a fragment or dialog is defined in it"),
        (dialog, "a fragment or dialog is defined in it"),
        (navigation, "st.navigation"),
        pytest.param(
            *(rows_added_outside, "it adds to an element that stands outside of it"),
            marks=pytest.mark.skipif(
                "add_rows" not in dir(DeltaGenerator), reason="newer releases add no rows"
            ),
        ),
    ],
)
@pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")
def test_what_cannot_be_replayed_runs_every_time(run, plainly, cached, app, obstacle):
    plain = plainly(app)
    assert plain.exceptions == ()
    assert [run(app, cached), run(app, cached)] == [plain, plain]
    assert len(cached.runs) == 2
    assert {recording.obstacle for recording in cached.recordings} == {obstacle}


def test_a_download_prepared_on_demand_cannot_be_replayed(run, cached):
    from reprise.hosts.streamlit.names import DEFERRED

    if not DEFERRED.present:
        pytest.skip("this release of Streamlit has no such downloads")
    run(deferred_download, cached)
    assert not cached.recordings[0].replayable
