"""The host itself: realm, session, spinner."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from reprise.hosting import Call, Host, Recorder
from reprise.hosts.streamlit.host import StreamlitHost
from reprise.hosts.streamlit.noticing import NoticingRecorder
from reprise.hosts.streamlit.recorder import LiveRecorder
from reprise.hosts.streamlit.recording import StreamlitRecording


def test_it_is_active_once_streamlit_is_loaded():
    import streamlit

    host: Host = StreamlitHost()
    recorders: tuple[type[Recorder], ...] = (LiveRecorder, NoticingRecorder)  # mypy looks at these
    assert host.active()
    assert recorders
    assert streamlit.__version__


def test_importing_it_does_not_import_streamlit():
    code = (
        "import sys, reprise.hosts.streamlit.host as host\n"
        "assert not host.StreamlitHost().active()\n"
        "host.StreamlitHost().connect(object())\n"
        "sys.exit('streamlit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_realm_is_the_app_in_one_and_bare_outside(run, cached):
    def app(cached):
        import streamlit as st

        st.text(cached.host.realm)

    [(_, content)] = run(app, cached).elements
    assert content.count(b"streamlit") == 1
    assert b"bare" not in content
    assert cached.host.realm == "streamlit-bare"


def test_outside_an_app_there_is_no_session(cached):
    assert cached.host.session() is None


def test_a_recording_of_another_host_is_not_replayed(cached):
    class Other:
        realm = "streamlit-bare"
        inputs = ()
        size = 0
        replayable = True
        obstacle = ""
        refreshable = False

    assert not cached.host.replay(Other(), Call(len, {}))
    assert not cached.host.replay(StreamlitRecording("streamlit"), Call(len, {}))
    assert not cached.host.replay(StreamlitRecording("streamlit-bare", obstacle="x"), Call(len, {}))


def test_the_size_of_a_recording_follows_what_it_holds(run, cached):
    def app(cached):
        import numpy as np
        import streamlit as st

        @cached
        def text(n):
            st.text("x" * n)

        @cached
        def picture():
            st.image(np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype("uint8"))

        text(1)
        text(100_000)
        picture()

    run(app, cached)
    small, large, picture = (recording.size for recording in cached.recordings)
    assert 100 < small < 1_000
    assert 100_000 <= large - small < 101_000
    assert picture > 5_000


def test_the_browsers_spinner_is_in_nobodys_recording(run, cached):
    def app(cached):
        import streamlit as st

        @cached
        def outer():
            st.text("before")
            with cached.host.spinner("inside", True):
                st.text("during")
            st.text("after")

        with cached.host.spinner("outside", False):
            outer()

    run(app, cached)
    texts = [event.shown.args[1].body for event in cached.recordings[0].events]
    assert texts == ["before", "during", "after"]


@pytest.mark.parametrize("show_time", [False, True])
def test_the_spinner_shows_its_text_like_streamlits_own_caches(run, cached, monkeypatch, show_time):
    import streamlit as st

    shown = []
    original = st.spinner

    def spinner(text, **options):
        shown.append((text, options))
        return original(text, **options)

    def app(cached):
        with cached.host.spinner("Loading", cached.show_time):
            pass

    spinner.__signature__ = inspect.signature(original)
    monkeypatch.setattr(st, "spinner", spinner)
    cached.show_time = show_time
    run(app, cached)
    [(text, options)] = shown
    assert text == "Loading"
    assert options.pop("_cache") is True
    assert options in ({"show_time": show_time}, {})


def test_the_spinner_ends_and_lets_errors_through(run, cached):
    def app(cached):
        import streamlit as st

        try:
            with cached.host.spinner("text", False):
                raise ValueError("from inside")
        except ValueError as error:
            st.text(str(error))

    assert b"from inside" in run(app, cached).elements[-1][1]


def test_a_plain_script_gets_the_spinner_of_the_other_host():
    class Elsewhere:
        def spinner(self, text, show_time):
            return (text, show_time)

    assert StreamlitHost(Elsewhere()).spinner("text", True) == ("text", True)
    with StreamlitHost().spinner("text", True):
        pass
