"""The bar on a page: what is sent when, from which thread, and what stays."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from reprise.hosting import Progress
from reprise.hosts.streamlit import bar, hooks, internals
from reprise.hosts.streamlit.host import StreamlitHost
from reprise.testing import FakeClock

PATIENCE = 20
"""Real seconds after which something that should have happened is given up."""

TRANSIENT = internals.version() >= (1, 55)


@dataclass(frozen=True)
class Sent:
    """An element, or its going, that was sent to the page."""

    kind: str | None
    text: str
    value: int
    at: tuple[int, ...]
    thread: int


class Page:
    """What arrives at the browser of spinners and bars, in the order in which it does."""

    def __init__(self):
        self.sent = queue.Queue()
        self.all = []

    def take(self, message):
        if message.WhichOneof("type") != "delta":
            return
        delta, at = message.delta, tuple(message.metadata.delta_path)
        kind = delta.WhichOneof("type")
        if kind == "new_transient":
            found = list(delta.new_transient.elements)
        elif kind == "new_element":
            found = [delta.new_element]
        else:
            return
        for element in found:
            name = element.WhichOneof("type")
            if name in {"spinner", "progress"}:
                shown = getattr(element, name)
                self._note(name, shown.text, getattr(shown, "value", 0), at)
        if not found or found[0].WhichOneof("type") == "empty":
            self._note(None, "", 0, at)

    def _note(self, *told):
        sent = Sent(*told, threading.get_ident())
        if sent.kind is not None or self.all or TRANSIENT:  # old releases begin with an empty place
            self.sent.put(sent)
        self.all.append(sent)

    def next(self):
        return self.sent.get(timeout=PATIENCE)


@pytest.fixture
def page(monkeypatch):
    hooks.install()  # once a process: not around what is put in place here
    from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

    page, original = Page(), ScriptRunContext.enqueue

    def enqueue(self, message):
        page.take(message)
        return original(self, message)

    monkeypatch.setattr(ScriptRunContext, "enqueue", enqueue)
    return page


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def stage(page, clock):
    """All that the app of a test needs; ``told`` is what the function tells of its progress."""

    def tell(done, total=None, text=""):
        stage.told = Progress(done, total, text, began=1_000.0)

    def pass_time(seconds):
        clock.wait_for_sleepers()
        clock.advance(seconds)
        deadline = time.monotonic() + PATIENCE
        while any(clock._reached(due) for due, _ in clock._sleepers.copy()):  # those woken are up
            assert time.monotonic() < deadline
            time.sleep(0.0001)

    def bar(text="Loading"):
        return stage.host.bar(text, False, lambda: stage.told)

    stage = SimpleNamespace(host=StreamlitHost(clock=clock), told=None, page=page, clock=clock)
    stage.tell, stage.pass_time, stage.bar = tell, pass_time, bar
    return stage


def test_a_spinner_becomes_a_bar_and_goes(run, stage):
    def app(stage):
        import threading

        import streamlit as st

        st.text("above")
        with stage.bar():
            stage.pass_time(0.5)
            spinner = stage.page.next()
            assert (spinner.kind, spinner.text) == ("spinner", "Loading")
            stage.tell(1, 4)
            stage.pass_time(0.1)
            bar = stage.page.next()
            assert (bar.kind, bar.value) == ("progress", 25)
            assert bar.text == "Loading 1/4 (0:00, 0:01 left)"
            stage.tell(2, None, "Reading")
            stage.pass_time(0.4)
            counter = stage.page.next()
            assert (counter.kind, counter.text) == ("spinner", "Reading 2 (0:01)")
            assert {each.at for each in (spinner, bar, counter)} == {(0, 1)}
            # The thread of the script would end here if the user had clicked on something.
            assert threading.get_ident() not in {spinner.thread, bar.thread, counter.thread}
        gone = stage.page.next()
        assert (gone.kind, gone.at) == (None, (0, 1))
        st.text("below")

    page = run(app, stage)
    assert page.exceptions == ()
    texts = [at for at, content in page.elements if b"below" in content]
    assert texts == [(0, 1) if TRANSIENT else (0, 2)]  # as with the spinner of that release


def test_what_is_done_soon_shows_nothing(run, stage):
    def app(stage):
        import streamlit as st

        with stage.bar():
            stage.tell(1, 2)
            stage.pass_time(0.49)
            stage.clock.wait_for_sleepers()
        st.text("after")

    assert run(app, stage).exceptions == ()
    assert {sent.kind for sent in stage.page.all} <= {None}
    assert len(stage.page.all) == (0 if TRANSIENT else 1)


def test_without_a_text_there_is_nothing_before_there_is_progress(run, stage):
    def app(stage):
        with stage.bar(None):
            stage.pass_time(0.5)
            stage.pass_time(0.1)
            stage.tell(1, 2)
            stage.pass_time(0.1)
            assert stage.page.next().text == "1/2 (0:00, 0:00 left)"

    assert run(app, stage).exceptions == ()


def test_an_exception_takes_the_bar_away_and_passes(run, stage):
    def app(stage):
        import streamlit as st

        try:
            with stage.bar():
                stage.tell(1, 2)
                stage.pass_time(0.5)
                assert stage.page.next().kind == "progress"
                raise KeyError("mine")
        except KeyError as error:
            st.text(f"caught {error}")

    page = run(app, stage)
    assert page.exceptions == ()
    assert b"caught 'mine'" in page.elements[-1][1]
    assert stage.page.all[-1].kind is None


def test_it_is_drawn_ten_times_a_second_at_most_and_only_when_it_changes(run, stage):
    def app(stage):
        with stage.bar():
            stage.tell(0)
            stage.pass_time(0.5)
            stage.page.next()
            for step in range(1, 141):
                stage.tell(step)
                stage.pass_time(1 / 64)  # seven of them are a little more than the period
                if step % 7 == 0:
                    assert stage.page.next().text.startswith(f"Loading {step} ")
            for _ in range(3):  # and nothing to tell
                stage.pass_time(0.1)
            stage.clock.wait_for_sleepers()

    assert run(app, stage).exceptions == ()
    assert len([sent for sent in stage.page.all if sent.kind == "spinner"]) == 1 + 20


def test_what_fails_on_the_page_is_kept_from_the_function(run, stage, caplog):
    def app(stage):
        import streamlit as st

        with stage.bar():
            stage.tell(1, 2)
            stage.pass_time(0.5)
            assert stage.page.next().kind == "progress"
            stage.tell(1, 2, "no text: \ud800")
            stage.pass_time(0.1)
            stage.thread.join(20)
        st.text("after")

    start = threading.Thread.start

    def noted(thread):
        if thread.name == "reprise-progress":
            stage.thread = thread
        start(thread)

    with caplog.at_level("DEBUG", logger="reprise"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", noted)
        page = run(app, stage)
    assert page.exceptions == ()
    assert [record.message for record in caplog.records if record.name == "reprise"] == [
        "The progress of a function cannot be shown any more"
    ]
    assert stage.page.all[-1].kind is None


def test_a_page_without_room_or_threads_costs_the_bar_only(run, stage, monkeypatch):
    def fail(*_):
        raise RuntimeError("can't start new thread")

    def app(stage):
        import streamlit as st

        with stage.bar():
            st.text("inside")

    start = threading.Thread.start
    monkeypatch.setattr(
        threading.Thread,
        "start",
        lambda thread: fail() if thread.name == "reprise-progress" else start(thread),
    )
    page = run(app, stage)
    assert page.exceptions == ()
    assert b"inside" in page.elements[-1][1]


def test_the_bar_is_in_no_recording_and_a_bar_of_the_functions_own_is(run, cached, stage):
    def app(stage):
        import streamlit as st

        @stage.cached
        def outer():
            with stage.bar():
                stage.tell(1, 2, "ours")
                stage.pass_time(0.5)
                assert stage.page.next().text.startswith("ours")
                st.progress(50, "its own")

        outer()

    cached.host = stage.host
    stage.cached = cached
    assert run(app, stage).exceptions == ()
    [event] = cached.recordings[0].events
    assert event.shown.args[1].text == "its own"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bar, "Bar", None)  # a hit makes none
        assert b"its own" in run(app, stage).elements[-1][1]
    assert cached.runs == ["outer"]


def test_the_bar_stands_where_the_with_blocks_say(run, stage):
    def app(stage):
        import streamlit as st

        with st.sidebar, stage.bar():
            stage.tell(1, 2)
            stage.pass_time(0.5)
            assert stage.page.next().at[0] == 1

    assert run(app, stage).exceptions == ()


def test_a_cached_function_of_an_app_has_it_on_a_miss_only(run, engine, stage, monkeypatch):
    def app(stage):
        import reprise

        @reprise.cache_data(show_progress=True, show_spinner="Loading")
        def load(n):
            for i in range(n):
                reprise.progress(i, n)
            return n

        load(3)
        load(3)

    made = []
    original = bar.Bar
    monkeypatch.setattr(bar, "Bar", lambda *args: made.append(args) or original(*args))
    assert run(app, stage).exceptions == run(app, stage).exceptions == ()
    [(_, text, show_time, progress)] = made
    assert (text, show_time) == ("Loading", False)
    assert (progress().done, progress().total) == (2, 3)


def test_a_plain_script_gets_the_bar_of_the_other_host():
    class Elsewhere:
        def bar(self, *told):
            return told

    assert StreamlitHost(Elsewhere()).bar("text", True, len) == ("text", True, len)
    with StreamlitHost().bar("text", True, len):
        pass
