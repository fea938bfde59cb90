"""Refreshes behind in an app: nothing of them comes to a session but by replay."""

from __future__ import annotations

import pytest
from behind_apps import app_of, texts

import reprise
from reprise.hosts.streamlit import copies


@pytest.mark.parametrize("leave", ["1 / 0", "st.stop()", "st.rerun()", "st.switch_page('x.py')"])
def test_what_fails_or_leaves_keeps_the_old_page(open_app, behind, leave):
    app = app_of(f"st.text(f'shown {{n}}')\n    if n in (2, 3): {leave}")
    opened = open_app(app, behind)
    old = ["above", "shown 1", "returned 1", "below"]
    assert texts(opened.run()) == old
    behind.clock.advance(11)
    with pytest.warns(reprise.RefreshFailedWarning, match="the next try is in 1"):
        assert texts(opened.run()) == old
    assert texts(opened.run()) == old
    assert behind.runs.noted == 2, "it waits before the next try"
    behind.clock.advance(1)
    assert texts(opened.run()) == old
    assert behind.runs.noted == 3
    behind.clock.advance(2)
    assert texts(opened.run()) == old
    assert texts(opened.run()) == ["above", "shown 4", "returned 4", "below"]


def test_a_write_to_the_session_comes_with_the_page_that_it_belongs_to(open_app, behind):
    app = app_of(
        "st.session_state.n = n; st.query_params['n'] = str(n)",
        after="st.text(f'{st.session_state.n} {st.query_params[\"n\"]}')",
    )
    opened = open_app(app, behind)
    assert texts(opened.run())[-1] == "1 1"
    behind.clock.advance(11)
    assert texts(opened.run())[-1] == "1 1"
    assert texts(opened.run())[-1] == "2 2"
    other = open_app(app, behind)
    assert texts(other.run())[-1] == "2 2"
    assert behind.runs.noted == 2


def test_it_reads_what_the_session_had_when_the_page_was_served(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs
        st.session_state.setdefault("there", {"a": ["then"]})

        @behind.cached
        def show():
            st.text(f"{runs()} {st.session_state.there['a']}")

        show()
        st.session_state.there["a"].append("later")
        behind.work()
        st.session_state.there = {"a": ["then"]}

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["1 ['then']"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["1 ['then']"]
    assert texts(opened.run()) == ["2 ['then']"]
    assert behind.runs.noted == 2


def test_what_it_changes_in_the_session_in_place_is_changed_in_front(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs
        st.session_state.setdefault("there", [])

        @behind.cached
        def show():
            n = runs()
            st.text(f"shown {n} {len(st.session_state.there)}")
            if n > 1:
                st.session_state.there.append(n)

        show()
        behind.work()
        st.text(str(st.session_state.there))

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1 0", "[]"]
    behind.clock.advance(11)
    with pytest.warns(reprise.HostWarning, match="in place"):
        assert texts(opened.run()) == ["shown 1 0", "[]"]
    assert texts(opened.run()) == ["shown 3 0", "[3]"]


def test_what_cannot_be_copied_is_read_in_front(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        class Held:
            def __reprise_key__(self):
                return 1

            def __reduce_ex__(self, protocol):
                raise TypeError("not to be copied")

        st.session_state.setdefault("late", Held())
        st.session_state.setdefault("there", Held())

        @behind.cached
        def show(late):
            n = runs()
            st.text(f"shown {n}")
            if not late or n > 1:
                st.text(type(st.session_state["late" if late else "there"]).__name__)

        show(st.session_state.get("which", False))
        behind.work()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "Held"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 2", "Held"], "it was known that it reads that"
    behind.runs.noted = 0
    opened.session_state.which = True
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1"]
    assert texts(opened.run()) == ["shown 3", "Held"], "it was found out behind"


def test_two_sessions_share_one_refresh_and_its_page(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            number = runs()
            st.text(f"shown {number}")
            return number

        st.text(f"returned {show()}")
        if "work" in st.session_state:
            behind.work()

    one, two = open_app(app, behind), open_app(app, behind)
    assert texts(one.run()) == texts(two.run()) == ["shown 1", "returned 1"]
    behind.clock.advance(11)
    assert texts(one.run()) == texts(two.run()) == ["shown 1", "returned 1"]
    assert len(behind.jobs) == 1
    two.session_state.work = True
    assert texts(two.run()) == ["shown 1", "returned 1"]
    assert texts(one.run()) == texts(two.run()) == ["shown 2", "returned 2"]
    assert behind.runs.noted == 2


def test_each_session_is_refreshed_with_what_it_has(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"{st.session_state.mine} {runs()}")

        show()
        behind.work()

    one, two = open_app(app, behind), open_app(app, behind)
    one.session_state.mine, two.session_state.mine = "one", "two"
    assert (texts(one.run()), texts(two.run())) == (["one 1"], ["two 2"])
    behind.clock.advance(11)
    assert (texts(one.run()), texts(two.run())) == (["one 1"], ["two 2"])
    assert (texts(one.run()), texts(two.run())) == (["one 3"], ["two 4"])


def test_a_session_that_has_ended_does_not_end_the_refresh(open_app, behind):
    def app(behind):
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"shown {runs()}")

        show()
        if behind.clock.monotonic() > 1_005 and behind.jobs:
            from reprise.engine.runtime import current

            current().session_ended(get_script_run_ctx().session_id)
            behind.work()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1"]
    assert texts(open_app(app, behind).run()) == ["shown 2"]


def test_a_plain_script_is_refreshed_in_front_where_it_displayed_something(behind):
    import streamlit as st

    runs = behind.runs

    @behind.cached
    def show():
        st.text("text")
        return runs()

    assert show() == 1
    behind.clock.advance(11)
    assert show() == 2
    assert not behind.jobs


def test_it_is_refreshed_for_the_user_who_found_it_stale(open_app, behind):
    def app(behind):
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        runs = behind.runs
        info = get_script_run_ctx().user_info
        info["email"] = "one"

        @behind.cached
        def show():
            user = st.user if hasattr(st, "user") else st.experimental_user
            st.text(f"{user.email} {runs()}")

        show()
        info["email"] = "two"
        behind.work()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["one 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["one 1"]
    assert texts(opened.run()) == ["one 2"]


def test_what_a_future_streamlit_breaks_is_refreshed_in_front(open_app, behind, monkeypatch):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"shown {runs()}")

        show()

    def broken(*_):
        raise AttributeError("gone")

    monkeypatch.setattr(copies, "copy_run", broken)
    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    with pytest.warns(reprise.HostWarning, match="show cannot be refreshed behind .*gone"):
        assert texts(opened.run()) == ["shown 2"]


def test_what_it_reads_behind_for_the_first_time_is_an_input_from_then_on(open_app, behind):
    app = app_of("st.text(f'{n} {st.session_state.mine if n > 1 else None}')")
    one, two = open_app(app, behind), open_app(app, behind)
    one.session_state.mine, two.session_state.mine = "one", "two"
    assert texts(one.run())[1] == texts(two.run())[1] == "1 None"
    behind.clock.advance(11)
    assert texts(one.run())[1] == "1 None"
    assert [texts(opened.run())[1] for opened in (one, two, one, two)] == [
        "2 one",
        "3 two",
        "2 one",
        "3 two",
    ]


def test_a_thread_that_cannot_be_on_a_hidden_page_leaves_it_to_the_next_call(
    open_app, behind, monkeypatch
):
    def refuse(*_):
        raise TypeError("another layout")

    opened = open_app(app_of("st.text(f'shown {n}')"), behind)
    assert texts(opened.run()) == ["above", "shown 1", "returned 1", "below"]
    behind.clock.advance(11)
    with monkeypatch.context() as patched:
        patched.setattr(copies, "_attend", refuse)
        assert texts(opened.run()) == ["above", "shown 1", "returned 1", "below"]
    for _ in range(2):
        assert texts(opened.run()) == ["above", "shown 2", "returned 2", "below"]
