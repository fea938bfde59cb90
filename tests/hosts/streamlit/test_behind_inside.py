"""What a function that is refreshed behind may have inside: others, widgets, fragments, tasks."""

from __future__ import annotations

import dataclasses
import functools

import pytest
from behind_apps import texts

import reprise
from reprise.hosts.streamlit import internals, widgets


def test_cached_functions_inside_are_replayed_and_refreshed_there_too(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached(ttl=1000)
        def lasting():
            st.text("lasting")
            return "kept"

        @behind.cached(ttl=5)
        def inner(_box):
            number = runs()
            _box.text(f"inner {number}")
            return number

        @behind.cached
        def outer():
            lasting()
            number = inner(st.container())
            st.text(f"outer of {number}")

        outer()
        behind.work()
        st.text("below")

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["lasting", "inner 1", "outer of 1", "below"]
    behind.clock.advance(10)
    assert texts(opened.run()) == ["lasting", "inner 1", "outer of 1", "below"]
    assert texts(opened.run()) == ["lasting", "inner 2", "outer of 2", "below"]
    behind.clock.advance(6)
    assert texts(opened.run()) == ["lasting", "inner 2", "outer of 2", "below"]


def test_what_is_stale_behind_is_served_there_and_refreshed_behind_that(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs
        st.session_state.setdefault("there", ["here"])

        @behind.cached(ttl=9)
        def inner():
            st.text(f"inner {runs()} {st.session_state.there}")

        @behind.cached
        def outer():
            inner()
            st.session_state.written = ["outer"]
            st.text(f"outer {st.session_state.written}")

        outer()
        behind.work()
        inner()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["inner 1 ['here']", "outer ['outer']", "inner 1 ['here']"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["inner 1 ['here']", "outer ['outer']", "inner 2 ['here']"]
    assert texts(opened.run()) == ["inner 1 ['here']", "outer ['outer']", "inner 2 ['here']"]
    behind.clock.advance(8)
    assert texts(opened.run()) == ["inner 1 ['here']", "outer ['outer']", "inner 2 ['here']"]
    assert behind.runs.noted == 2


def test_keys_are_not_taken_twice(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached(experimental_allow_widgets=True)
        def show():
            with st.form("form"):
                name = st.text_input("name", "nobody", key="name")
                st.form_submit_button("go")
            st.text(f"{name} {runs()}")

        show()
        behind.work()
        st.text(st.session_state.name)

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["nobody 1", "nobody"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["nobody 1", "nobody"]
    assert texts(opened.run()) == ["nobody 2", "nobody"]
    opened.text_input[0].set_value("me")
    opened.button[0].click()
    assert texts(opened.run()) == ["me 3", "me"]
    assert texts(opened.run()) == ["me 4", "me"], "the button is up again"
    behind.clock.advance(11)
    assert texts(opened.run()) == ["me 4", "me"]
    assert texts(opened.run()) == ["me 5", "me"]
    assert behind.runs.noted == 5


def test_a_widget_that_a_refresh_comes_upon_leaves_no_value_behind(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached(experimental_allow_widgets=True)
        def show():
            n = runs()
            st.text(f"shown {n}")
            if n > 1:
                st.slider("number", 0, 10, 3, key="number")

        show()
        behind.work()
        st.text(str(st.session_state.get("number")))

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "None"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "None"]
    assert texts(opened.run()) == ["shown 2", "3"]


def test_in_a_fragment(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"shown {runs()}")

        @st.fragment
        def part():
            show()
            behind.work()

        part()
        st.text("below")

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "below"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "below"]
    assert texts(opened.run()) == ["shown 2", "below"]
    assert behind.runs.noted == 2


@pytest.mark.parametrize("what", ["fragment", "dialog"])
def test_what_is_defined_inside_is_defined_in_front(open_app, behind, what):
    def app(shared):
        import streamlit as st

        behind, what = shared
        runs = behind.runs

        @behind.cached
        def show():
            n = runs()
            st.text(f"shown {n}")
            if n > 1 and what == "fragment":
                st.fragment(lambda: st.text("inside"))()
            if n > 1 and what == "dialog":
                st.dialog("title")(lambda: st.text("inside"))()

        show()
        behind.work()

    opened = open_app(app, (behind, what))
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1"]
    with pytest.warns(reprise.HostWarning, match="fragment or dialog"):
        assert texts(opened.run()) == ["shown 3", "inside"]


def test_a_coroutine_function_is_refreshed_in_a_task_of_the_same_loop(open_app, behind):
    def app(behind):
        import asyncio

        import streamlit as st

        runs = behind.runs

        @behind.cached
        async def show():
            n = runs()
            st.text(f"shown {n}")
            await asyncio.sleep(0)
            await asyncio.gather(*(child(i) for i in range(2)))
            return n

        async def child(i):
            await asyncio.sleep(0)
            st.text(f"child {i}")

        async def main():
            st.text(f"returned {await show()}")
            for turn in range(10):
                await asyncio.sleep(0)
                st.text(f"turn {turn}")

        asyncio.run(main())

    turns = [f"turn {turn}" for turn in range(10)]
    opened = open_app(app, behind)
    # What other tasks display is not in a recording, in front and behind alike.
    assert texts(opened.run()) == ["shown 1", "child 0", "child 1", "returned 1", *turns]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "child 0", "child 1", "returned 1", *turns]
    assert behind.runs.noted == 2
    assert texts(opened.run()) == ["shown 2", "child 0", "child 1", "returned 2", *turns]
    assert behind.runs.noted == 2


@pytest.mark.skipif(
    internals.version() < (1, 60), reason="fragments could not write to the sidebar"
)
def test_a_fragment_goes_on_in_the_sidebar_that_a_refresh_fills_too(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            st.sidebar.text(f"shown {runs()}")

        @st.fragment
        def part():
            show()
            behind.work()
            st.sidebar.text("after it")

        part()
        st.sidebar.text("below")

    opened = open_app(app, behind)
    first = opened.run().page()
    assert texts(opened) == ["shown 1", "after it", "below"]
    behind.clock.advance(11)
    assert opened.run().page() == first
    assert texts(opened.run()) == ["shown 2", "after it", "below"]


@pytest.mark.skipif(
    internals.version() < (1, 67), reason="no AppTest that keeps fragments between runs"
)
def test_a_fragment_that_runs_on_its_own_fills_the_sidebar_behind(open_app, behind, monkeypatch):
    from streamlit.testing.v1 import local_script_runner

    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            n = runs()
            st.sidebar.text(f"aside {n}")
            st.text(f"shown {n}")

        @st.fragment
        def part():
            show()
            behind.work()

        part()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "aside 1"]
    alone = functools.partial(
        local_script_runner.RerunData, fragment_id_queue=list(opened._fragment_storage._fragments)
    )
    monkeypatch.setattr(local_script_runner, "RerunData", alone)
    assert texts(opened.run()) == ["shown 1", "aside 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "aside 1"]
    assert texts(opened.run()) == ["shown 2", "aside 2"]
    assert behind.runs.noted == 2


def test_pages_that_a_refresh_would_set_are_not_the_sessions(open_app, behind):
    def app(behind):
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        runs = behind.runs

        @behind.cached
        def show():
            n = runs()
            st.text(f"shown {n}")
            if n == 2:
                st.navigation([st.Page(lambda: None, title="other", url_path="other")])

        show()
        before = get_script_run_ctx().pages_manager.get_pages()
        behind.work()
        st.text(str(get_script_run_ctx().pages_manager.get_pages() == before))

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "True"]
    behind.clock.advance(11)
    with pytest.warns(reprise.HostWarning, match="navigation"):
        assert texts(opened.run()) == ["shown 1", "True"]
    assert behind.runs.noted == 2


@dataclasses.dataclass(frozen=True)
class Answer:
    """As Streamlit's, when a widget is registered."""

    value: str
    value_changed: bool


def test_what_streamlit_says_once_of_a_widget_is_known_behind(open_app, behind):
    """The walk registered it in front, and was told that the browser has yet to hear of it."""

    def app(shared):
        import streamlit as st

        behind, first_answer, answer = shared
        runs = behind.runs
        first_answer("widget", answer("value", True))

        @behind.cached
        def show():
            n = runs()
            told = first_answer("widget", answer("value", False))
            st.text(f"{n} {told.value_changed}")

        show()
        behind.work()

    opened = open_app(app, (behind, widgets.first_answer, Answer))
    assert texts(opened.run()) == ["1 True"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["1 True"]
    assert texts(opened.run()) == ["2 True"]
