"""What is recorded, and where it is replayed."""

from __future__ import annotations

import pytest

from reprise.errors import CacheReplayClosureError, HostWarning
from reprise.hosting import Call


def test_a_function_that_displays_nothing_has_no_recording(run, cached):
    def app(cached):
        cached(lambda: 1)()

    run(app, cached)
    assert cached.recordings == [None]


def test_a_container_that_no_later_call_can_find_is_an_error_on_the_first_run(open_app, cached):
    def app(cached):
        import functools

        import streamlit as st

        box = functools.cache(st.container)
        box()

        @cached
        def show():
            box().write("text")

        show()

    [error] = open_app(app, cached).run().exception
    assert error.proto.type.endswith(CacheReplayClosureError.__name__)
    assert "Pass the container in as an argument" in error.value
    assert "def show(..., _container):" in error.value
    assert cached.kept == {}


def test_a_container_that_is_not_passed_in_this_time_makes_the_function_run(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show(_boxes):
            for box in _boxes:
                box.write("text")

        show(st.columns(3))
        show(st.columns(2))
        show(["no container", st.sidebar][1:])

    assert run(app, cached) == plainly(app)
    assert cached.runs == ["show"] * 3


def test_something_else_in_the_place_of_a_container_makes_the_function_run(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show(_box):
            if _box is not None:
                _box.write("text")

        show(st.container())
        show(None)

    assert run(app, cached) == plainly(app)
    assert cached.runs == ["show"] * 2


def test_a_container_under_two_names_is_only_replayed_where_both_are_one(run, plainly, cached):
    def app(cached):
        import streamlit as st

        outer = st.container()

        @cached
        def show(_box):
            _box.write("argument")
            outer.write("closure")

        show(outer)
        show(st.container())

    assert run(app, cached) == plainly(app)
    assert cached.runs == ["show"] * 2


def test_an_explicit_container_that_is_also_the_ambient_one_stays_explicit(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show(_box):
            _box.write("explicit")
            st.write("ambient")

        box = st.container()
        with box:
            show(box)
        other = st.container()
        with st.sidebar:
            show(other)
        with other:
            show(other)

    assert run(app, cached) == plainly(app)
    assert run(app, cached) == plainly(app)


def test_elements_with_an_identity_are_not_replayed_in_another_form(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show():
            st.audio(b"RIFF", autoplay=True)

        for name in ("one", "two"):
            with st.form(name):
                show()
                st.form_submit_button(name)

    plain = plainly(app)
    assert plain.exceptions == ()
    assert run(app, cached) == plain
    assert cached.runs == ["show"] * 2


def test_only_what_has_a_place_on_the_page_is_recorded(run, cached):
    """Threads without a run of their own show nothing, even where they know who listens."""

    def app(cached):
        import contextvars
        import threading

        import streamlit as st

        @cached
        def show():
            def unseen():
                st.text("unseen")
                st.expander("unseen").text("unseen")

            for start in (lambda function: function(), contextvars.copy_context().run):
                thread = threading.Thread(target=start, args=(unseen,))
                thread.start()
                thread.join()
            st.text("seen")

        show()

    assert run(app, cached) == run(app, cached)
    assert len(cached.recordings[0].events) == 1


def test_a_task_that_outlives_the_call_is_not_recorded(run, cached):
    def app(cached):
        import asyncio

        import streamlit as st

        late = []

        @cached
        def show():
            async def wait():
                await asyncio.sleep(0)
                st.text("late")
                st.button("late")

            st.text("in time")
            late.append(asyncio.get_running_loop().create_task(wait()))

        async def main():
            show()
            await late[0]

        asyncio.run(main())

    assert run(app, cached).exceptions == (), "nobody is to be warned of a widget outside"
    assert len(cached.recordings[0].events) == 1


def test_tasks_at_the_same_time_are_recorded_apart(run, cached):
    def app(cached):
        import asyncio

        import streamlit as st

        async def one(n, log):
            with cached.host.record(cached.call(n)) as recorder:
                st.text(n)
                await asyncio.sleep(0)
                st.text(n)
                log[n] = len(recorder.recording().events)

        async def main():
            log = {}
            await asyncio.gather(*(one(n, log) for n in range(4)))
            return log

        cached.log = asyncio.run(main())

    cached.call = lambda n: Call(lambda: None, {"n": n})
    run(app, cached)
    assert cached.log == dict.fromkeys(range(4), 2)


def test_a_function_that_fails_leaves_nobody_listening(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def fail():
            st.write("before")
            raise ValueError("no")

        for _ in range(2):
            try:
                fail()
            except ValueError as error:
                st.write(str(error))

    from reprise.hosts.streamlit.listening import LISTENERS

    assert run(app, cached) == plainly(app)
    assert LISTENERS.get() == ()
    assert cached.runs == ["fail"] * 2


def test_without_a_session_only_the_fact_that_something_is_displayed_is_kept(cached):
    import streamlit as st

    def show():
        st.write("text")
        with st.container():
            st.write("text")

    with cached.host.record(Call(show, {})) as recorder:
        show()
        recording = recorder.recording()
    assert recording is not None
    assert recording.realm == cached.host.realm == "streamlit-bare"
    assert recording.replayable
    assert cached.host.replay(recording, Call(show, {}))


def test_what_was_displayed_without_a_session_is_no_answer_in_one(run, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show():
            st.write("text")

        show()

    app(cached)
    page = run(app, cached)
    assert cached.runs == ["show"] * 2
    assert len(page.elements) == 1


def test_without_a_session_a_function_that_displays_nothing_has_no_recording(cached):
    with cached.host.record(Call(len, {})) as recorder:
        assert recorder.recording() is None


def test_our_own_failure_costs_the_replay_and_not_the_app(run, plainly, cached, monkeypatch):
    from reprise.hosts.streamlit import internals

    def broken(generator):
        raise RuntimeError("as in some future release")

    def app(cached):
        import streamlit as st

        @cached
        def show():
            st.write("text")

        show()

    plain = plainly(app)
    monkeypatch.setattr(internals, "path", broken)
    assert run(app, cached) == plain
    assert "as in some future release" in cached.recordings[0].obstacle


@pytest.mark.parametrize("name", ["collapsed", "state_of", "containers_in"])
def test_our_own_failure_at_the_end_costs_the_replay_and_not_the_app(
    run, plainly, engine, monkeypatch, name
):
    from reprise.hosts.streamlit import recorder

    def broken(*args):
        raise RuntimeError("as in some future release")

    # Each is another function, which nobody was warned of yet.
    app = f"""
import streamlit as st

@cached
def show():
    return st.status("{name}")

show().text("of the caller")
"""
    plain = plainly(app)
    monkeypatch.setattr(recorder, name, broken)
    with pytest.warns(HostWarning, match="as in some future release"):
        assert run(app, engine) == plain


def test_one_recording_is_replayed_by_many_threads_at_once(run, cached):
    """Threads of one run, each with a container of its own, write what one function recorded."""

    def app(cached):
        import threading

        import streamlit as st
        from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

        @cached
        def show(_box):
            with _box:
                left, right = st.columns(2)
                for n in range(20):
                    left.write(n)
                    right.container().write(n)

        show(st.container())
        boxes = [st.container() for _ in range(8)]
        barrier = threading.Barrier(len(boxes))

        def work(box):
            barrier.wait()
            show(box)

        threads = [threading.Thread(target=work, args=(box,)) for box in boxes]
        for thread in threads:
            add_script_run_ctx(thread, get_script_run_ctx()).start()
        for thread in threads:
            thread.join()

    page = run(app, cached)
    assert cached.runs == ["show"]
    parts = [
        [(at[2:], content) for at, content in page.elements if at[:2] == (0, n) and len(at) > 2]
        for n in range(9)
    ]
    assert len(parts[0]) == 2 + 1 + 60
    assert parts == [parts[0]] * 9
