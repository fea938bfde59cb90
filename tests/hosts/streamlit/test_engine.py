"""The real decorators in an app: what the engine makes of what the host tells it."""

from __future__ import annotations

import pytest


def test_what_was_computed_without_a_session_is_computed_again_in_one(run, engine):
    import streamlit as st

    @engine
    def show():
        st.text("text")
        return 1

    def app(show):
        show()

    app(show)
    app(show)
    assert len(run(app, show).elements) == len(run(app, show).elements) == 1
    assert engine.runs == {"show": 2}


def test_a_value_without_display_is_shared_with_threads_that_have_no_session(run, engine):
    @engine
    def compute():
        return "value"

    def app(compute):
        import streamlit as st

        st.text(compute())

    app(compute)
    run(app, compute)
    assert engine.runs == {"compute": 1}


def test_a_recording_that_does_not_fit_is_made_anew(run, plainly, engine):
    def app(engine):
        import streamlit as st

        @engine
        def show():
            st.audio(b"RIFF", autoplay=True)

        for name in ("one", "two", "three"):
            with st.form(name):
                show()
                st.form_submit_button(name)

    assert run(app, engine) == plainly(app)
    assert engine.runs == {"show": 3}


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
def test_a_widget_inside_has_its_value_on_every_run(open_app, engine, allowed):
    def app(shared):
        import streamlit as st

        engine, allowed = shared

        def pick():
            return st.slider("number", 0, 10, 3)

        st.text(engine(pick, widgets=allowed)())

    opened = open_app(app, (engine, allowed)).run()
    for value in (7, 2):
        opened.slider[0].set_value(value).run()
        assert opened.text[0].value == str(value)
    assert len(opened.exception) == (not allowed)


def test_a_container_that_is_lost_is_an_error_and_nothing_is_kept(open_app, engine):
    def app(engine):
        import functools

        import streamlit as st

        box = functools.cache(st.container)
        box()

        @engine
        def show():
            box().text("text")

        show()

    opened = open_app(app, engine)
    for _ in range(2):
        [error] = opened.run().exception
        assert "Pass the container in as an argument" in error.value
    assert engine.runs == {"show": 2}


def test_a_rerun_and_an_edit_of_the_code(open_app, engine):
    def app(engine):
        import streamlit as st

        @engine
        def show():
            st.text("one")

        show()

    def edited(engine):
        import streamlit as st

        @engine
        def show():
            st.text("two")

        show()

    for _ in range(2):
        assert open_app(app, engine).run().text[0].value == "one"
    assert open_app(edited, engine).run().text[0].value == "two"
