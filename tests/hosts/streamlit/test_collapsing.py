"""What changes after it was made is replayed as it ended, in as few messages as that takes."""

from __future__ import annotations

import pytest
from differential import again, differ

from reprise.hosts.streamlit.ready import Ready
from reprise.hosts.streamlit.recording import MediaAdded, Sent, Shown

# Streamlit 1.40 calls what newer releases of Altair want to be called otherwise.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")

STATUS = """
import streamlit as st

@cached
def show(state):
    with st.status("working", expanded=True, state=state) as status:
        st.text("step")
        for step in range(3):
            status.update(label=f"step {step}")
        status.update(expanded=False)
    status.text("after its with")
    other = st.status("other")
    other.update(label="nearly")
    try:
        with other:
            raise ValueError("inside")
    except ValueError:
        other.update(expanded=True)

for state in ("running", "complete", "error"):
    show(state)
st.text("after")
"""

PLACEHOLDERS = """
import streamlit as st

@cached
def show():
    one = st.empty()
    for n in range(5):
        one.text(n)
        one.empty()
    with one.container():
        st.text("many")
        st.columns(2)[1].text("things")
    with one.container():
        st.text("fewer")
    for make in (lambda box: box.container().text("in"), lambda box: box.text("alone")):
        make(there := st.empty())
        there.text("between")
        make(there)
        make(there)
    with st.empty():
        st.text("first")
        st.text("last")
    text = st.text("one")
    text.markdown("two").text("three")
    text.empty()
    stale = one.container()
    one.text("instead")
    stale.text("into what was replaced")

show()
st.text("after")
"""

STREAMS = """
import pandas as pd
import streamlit as st

@cached
def show():
    with st.chat_message("user"):
        told = st.write_stream(f"{n} " for n in range(20))
    answer = st.chat_message("assistant", avatar="🎈")
    answer.write("thinking")
    answer.write_stream(iter(["a", pd.DataFrame({"a": [1]}), "b", {"k": 1}, "c"]))
    with st.spinner("wait"):
        answer.text("later")
    return told

st.text(show())
st.text("after")
"""

TOASTS = """
import streamlit as st

@cached
def show():
    st.toast("one")
    two = st.toast("two", icon="🎈")
    two.toast("three")
    st.balloons()
    place = st.empty()
    place.snow()
    place.balloons()
    st.toast("one")

show()
with st.container():
    show()
"""

CHARTS = """
import pandas as pd
import streamlit as st

def more(chart, value):
    if "add_rows" in dir(type(chart)):
        chart.add_rows(pd.DataFrame({"a": [value]}))

@cached
def show():
    chart = st.line_chart(pd.DataFrame({"a": [1]}))
    more(chart, 2)
    other = st.empty().line_chart(pd.DataFrame({"a": [1]}))
    more(other, 3)
    other.line_chart(pd.DataFrame({"a": [5]}))
    more(other, 4)
    return chart

more(show(), 9)
"""

MEDIA = """
import numpy
import streamlit as st

def picture(shade):
    return numpy.full((2, 2, 3), shade, numpy.uint8)

@cached
def show():
    left, right = st.columns(2)
    left.image(picture(1))
    right.image([picture(2), picture(3)])
    frame = st.empty()
    for shade in (1, 40, 50, 60):
        frame.image(picture(shade))
    with st.expander("more"):
        st.audio(b"RIFF")

show()
show()
"""

WIDE = """
import streamlit as st
import streamlit.components.v1 as components

@cached
def show():
    st.logo("https://example.com/a.png")
    st.html("<b>bold</b>")
    components.html("<p>text</p>", height=20)
    components.iframe("https://example.com")
    st._bottom.text("at the bottom")
    with st.container():
        st.error("wrong")
        st.warning("careful")

show()
"""

APPS = {
    "status": STATUS,
    "placeholders": PLACEHOLDERS,
    "streams": STREAMS,
    "toasts": TOASTS,
    "charts": CHARTS,
    "media": MEDIA,
    "page-wide": WIDE,
}


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_a_page_ends_as_it_would_without_a_cache(open_app, engine, app):
    expected = differ(open_app, app, [again], engine, rounds=2)
    assert not expected[0].page.exceptions
    calls = 3 if app is STATUS else 1
    assert engine.runs == {"show": calls}


def shown(recording):
    events = [one.shown if isinstance(one, Ready) else one for one in recording.events]
    return [event for event in events if isinstance(event, Shown)]


def record(run, plainly, cached, app):
    """The recording of a function that shows the same on each of two pages."""
    plain = plainly(app)
    assert [run(app, cached), run(app, cached)] == [plain, plain]
    assert cached.runs == ["show"]
    return cached.recordings[0]


def test_a_hundred_steps_of_a_bar_are_two_messages(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show():
            bar = st.progress(0, text="begin")
            for step in range(100):
                bar.progress(step, text=f"step {step}")

        show()
        st.text("after")

    recording = record(run, plainly, cached, app)
    first, last = shown(recording)
    assert (first.args[1].text, last.args[1].text) == ("begin", "step 99")


def test_a_text_of_five_hundred_pieces_is_two_messages(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show():
            st.write_stream(f"{n} " for n in range(500))

        show()
        st.text("after")

    recording = record(run, plainly, cached, app)
    assert len(shown(recording)) == 2
    assert shown(recording)[-1].args[1].body.strip().endswith("498 499")


def test_what_replaces_a_placeholder_from_outside_is_one_message(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show(_bar):
            for step in range(100):
                _bar.progress(step)
            with _bar:
                st.text("never mind")
            _bar.progress(100)

        show(st.empty())
        show(st.empty())

    assert len(shown(record(run, plainly, cached, app))) == 1


def test_where_nothing_is_replaced_all_is_shown(run, plainly, cached):
    """The same function, given a placeholder first and then a container, which keeps it all."""

    def app(cached):
        import streamlit as st

        @cached
        def show(_box):
            _box.text("one")
            _box.text("two")

        @cached
        def inside():
            st.text("one")
            st.text("two")

        show(st.empty())
        show(st.container())
        with st.empty():
            inside()
        with st.container():
            inside()
        with st.empty():
            inside()

    plain = plainly(app)
    assert [run(app, cached), run(app, cached)] == [plain, plain]


def test_two_names_for_one_place(run, plainly, cached):
    """In the call that is recorded they are two places."""

    def app(cached):
        import streamlit as st

        @cached
        def show(_one, _two):
            _one.text("1")
            _two.text("2")
            _one.text("3")
            there = _one.container().text("4")
            _two.container().text("5")
            there.text("6")
            there.text("7")

        show(st.empty(), st.empty())
        both = st.empty()
        show(both, both)

    plain = plainly(app)
    assert [run(app, cached), run(app, cached)] == [plain, plain]
    assert cached.runs == ["show"]


def test_files_that_nothing_shows_at_the_end_are_not_kept(run, plainly, cached):
    def app(cached):
        import numpy
        import streamlit as st

        @cached
        def show():
            place = st.empty()
            st.image(numpy.full((2, 2, 3), 20, numpy.uint8))
            for shade in (10, 20, 30, 40):
                place.image(numpy.full((2, 2, 3), shade, numpy.uint8))

        show()

    recording = record(run, plainly, cached, app)
    # The last is there, and the second is shown beside it as well.
    assert len({event.url for event in recording.events if isinstance(event, MediaAdded)}) == 2


def test_what_acts_when_it_appears_is_all_sent(run, plainly, cached):
    def app(cached):
        import streamlit as st

        @cached
        def show():
            place = st.empty()
            place.snow()
            place.balloons()
            place.text("plain")
            place.markdown("at the end")

        show()

    kinds = [event.args[0] for event in shown(record(run, plainly, cached, app))]
    assert kinds == ["empty", "snow", "balloons", "markdown"]


def test_the_states_of_a_status_are_all_sent(run, plainly, cached):
    """One that leaves open whether it is expanded relies on what was said before."""

    def app(cached):
        import streamlit as st

        @cached
        def show():
            status = st.status("one", state="complete")
            status.update(expanded=True)
            status.update(label="two")

        show()

    recording = record(run, plainly, cached, app)
    sent = [event.message for event in recording.events if isinstance(event, Sent)]
    assert [one.delta.add_block.expandable.HasField("expanded") for one in sent] == [True, False]
