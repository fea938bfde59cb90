"""Elements that a hit shows by their messages alone, and those that need more than that."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any

import pytest

from reprise.hosts.streamlit import hooks, messages, recording
from reprise.hosts.streamlit.messages import kept
from reprise.hosts.streamlit.ready import Ready, ready
from reprise.hosts.streamlit.recording import IdClaimed, Sent, Shown

ELEMENTS = 100
CALLS_EACH = 40
"""Python functions that one element may take in a hit; Streamlit's own way takes twice as many."""


@dataclass
class Ways:
    """How elements got onto the page.

    Args:
        enqueued: The types of those that went through a generator.
        messages: What was sent, without what belongs to one run of one script.
        objects: That itself.
    """

    enqueued: list[str]
    messages: list[bytes]
    objects: list[Any]

    def clear(self) -> None:
        """Forget what was seen."""
        self.enqueued.clear()
        self.messages.clear()


@pytest.fixture
def ways(monkeypatch):
    """Watch what is sent, and by which way."""
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

    hooks.install()  # before: what is put in place here is taken away after the test
    seen = Ways([], [], [])
    enqueue, to_queue = DeltaGenerator._enqueue, ForwardMsgQueue.enqueue

    def enqueue_element(self, kind, *args, **kwargs):
        seen.enqueued.append(kind)
        return enqueue(self, kind, *args, **kwargs)

    def enqueue_message(self, message):
        seen.objects.append(message)
        if message.WhichOneof("type") == "delta":
            assert message.metadata.active_script_hash
            copy = type(message)()
            copy.CopyFrom(message)
            copy.metadata.ClearField("active_script_hash")
            seen.messages.append(copy.SerializeToString(deterministic=True))
        to_queue(self, message)

    monkeypatch.setattr(DeltaGenerator, "_enqueue", enqueue_element)
    monkeypatch.setattr(ForwardMsgQueue, "enqueue", enqueue_message)
    return seen


def everything(cached):
    import inspect

    import streamlit as st

    @cached
    def show(n, _into):
        st.text("a text", help="with help")
        sized = "width" in inspect.signature(st.markdown).parameters
        st.markdown("a **text**", **({"width": 200} if sized else {}))
        left, right = st.columns(2)
        left.text("left")
        with right, st.expander("more"):
            st.caption("inside")
        st.sidebar.metric("Sum", n, 2)
        _into.text("passed in")
        _into.empty()
        place = st.empty()
        place.text("replaced")
        with st.form(f"form {n}"):
            st.text("in the form")
            st.form_submit_button("Send")

    for number in (1, 2):
        with st.container():
            show(number, st.container())
        show(number + 2, st.sidebar)
    st.text("after")


def texts(cached):
    import streamlit as st

    @cached
    def show():
        for number in range(3):
            st.text(number)

    show()


def in_a_fragment(cached):
    import streamlit as st

    @cached
    def show():
        st.text("shown")

    show()
    st.fragment(show)()


def in_another_function(cached):
    import streamlit as st

    @cached
    def show():
        st.text("shown")

    @cached
    def around():
        show()

    if "twice" not in st.session_state:
        show()
    around()


def in_a_function_that_streamlit_caches(cached):
    import streamlit as st

    @cached
    def show():
        st.text("shown")

    @st.cache_data
    def around():
        show()

    show()
    around()
    around()


@pytest.fixture
def widgets_allowed(engine):
    return lambda function: engine(function, widgets=True)


def test_a_hit_sends_the_very_messages_that_the_function_does(run, plainly, widgets_allowed, ways):
    plainly(everything)  # Streamlit says some things once a process, on the first page
    run(everything, widgets_allowed)
    ways.clear()
    run(everything, lambda function: function)
    plain = list(ways.messages)
    through_generators = len(ways.enqueued)
    ways.clear()
    run(everything, widgets_allowed)
    assert ways.messages == plain
    assert len(ways.enqueued) < through_generators / 2


def test_texts_go_through_no_generator(run, engine, ways):
    run(texts, engine)
    ways.clear()
    run(texts, engine)
    assert ways.enqueued == []
    assert len(ways.messages) == 3


def test_no_two_sessions_are_sent_the_same_object(run, engine, ways):
    for _ in range(3):
        run(texts, engine)
    assert len({id(one) for one in ways.objects}) == len(ways.objects)


def test_a_release_that_is_not_known_shows_all_elements_itself(run, engine, ways, monkeypatch):
    monkeypatch.setattr(messages, "KNOWN", (1, 39))
    run(texts, engine)
    sent = list(ways.messages)
    ways.clear()
    run(texts, engine)
    assert ways.enqueued == ["text"] * 3
    assert ways.messages == sent


def test_the_installed_release_is_known():
    from reprise.hosts.streamlit.internals import version

    assert version() <= messages.KNOWN, (
        "read what this release's DeltaGenerator._enqueue does besides sending its message, then "
        "move KNOWN; until then hits show every element through it"
    )


def test_in_a_fragment_streamlit_places_the_elements(run, engine, ways):
    run(in_a_fragment, engine)
    assert engine.runs == {"show": 1}
    ways.clear()
    run(in_a_fragment, engine)
    assert ways.enqueued == ["text"]  # the one in the fragment


def test_what_is_shown_first_in_a_fragment_is_no_message_for_the_page(run, engine, ways):
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    def both_in_turn(cached):
        import streamlit as st

        @cached
        def show():
            st.text("shown")

        st.fragment(show)()
        show()

    run(both_in_turn, engine)
    assert ways.enqueued == ["text", "text"]
    assert not ForwardMsg.FromString(ways.messages[-1]).delta.fragment_id


def test_a_function_around_it_records_what_a_hit_shows(run, engine, plainly):
    plain = plainly(in_another_function)
    assert run(in_another_function, engine) == plain
    assert run(in_another_function, engine) == plain


def test_streamlits_own_cache_records_what_a_hit_shows(run, engine, plainly):
    import streamlit as st

    try:
        page = run(in_a_function_that_streamlit_caches, engine)
    finally:
        st.cache_data.clear()
    assert sum(b"shown" in content for _, content in page.elements) == 3


def test_a_generator_with_a_way_of_its_own_is_asked(run, cached, ways, monkeypatch):
    from streamlit.elements.lib.mutable_status_container import StatusContainer

    def app(cached):
        import streamlit as st

        @cached
        def show(_into):
            _into.text("shown")

        with st.status("busy") as status:
            pass
        show(status)

    run(app, cached)
    own = []

    def enqueue(self, *args, **kwargs):
        own.append(args[0])
        return super(StatusContainer, self)._enqueue(*args, **kwargs)

    monkeypatch.setattr(StatusContainer, "_enqueue", enqueue, raising=False)
    run(app, cached)
    assert own == ["text"]


def test_an_element_is_kept_once(run, cached):
    run(texts, cached)
    [recording] = cached.recordings
    assert [type(event) for event in recording.events] == [Ready] * 3
    for event in recording.events:
        assert event.shown.args[1] is event.message.delta.new_element.text


def test_of_a_message_nothing_is_kept_that_belongs_to_its_run():
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    message = ForwardMsg(hash="1")
    message.delta.new_element.text.body = "shown"
    message.metadata.delta_path[:] = [0, 7]
    message.metadata.active_script_hash = "page"
    message.metadata.cacheable = True
    copy, args = kept(message, ("text", object(), "more"))
    message.delta.new_element.text.body = "changed"
    assert args == ("text", copy.delta.new_element.text, "more")
    assert (copy.hash, copy.delta.new_element.text.body) == ("1", "shown")
    assert copy.metadata == type(copy.metadata)(cacheable=True)


@pytest.mark.parametrize("args", [(), ("text",), ("markdown", object())])
def test_a_message_of_another_element_is_not_kept(args):
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    message = ForwardMsg()
    message.delta.new_element.text.body = "shown"
    assert kept(message, args) == (None, args)
    assert kept(None, ("text", object()))[0] is None


@pytest.mark.parametrize(
    "naming",
    [
        pytest.param(lambda made: Shown("_enqueue", made, (), {}, 9), id="written to"),
        pytest.param(lambda made: Sent(object(), made), id="changed"),
        pytest.param(lambda made: recording.StatusChanged(made, {}), id="a status"),
        pytest.param(
            lambda made: recording.FormOpened(Shown("_block", 0, (), {}, made), "key"),
            id="a form",
        ),
    ],
)
def test_an_element_that_another_event_names_is_not_ready(naming):
    shown = Shown("_enqueue", 0, (), {}, 1, message=object())
    other = replace(shown, made=2)
    events = ready((shown, naming(1), other), ())
    assert events[0] is shown
    assert events[2] == Ready(other, other.message)


def test_nothing_is_ready_beside_an_event_that_nobody_knows():
    shown = Shown("_enqueue", 0, (), {}, 1, message=object())
    assert ready((shown, IdClaimed("text", "id")), ())[0] == Ready(shown, shown.message)
    events = (shown, object())
    assert ready(events, ()) is events


def test_a_replayed_element_takes_few_calls(run, engine):
    """Counted, not timed: what a hit executes is the same on every machine."""

    def app(cached):
        import sys

        import streamlit as st

        @cached
        def show(count):
            for number in range(count):
                st.text(number)

        counted = []
        for count in (1, 101):
            show(count)
            counted.append(0)

            def count_call(frame, event, _):
                counted[-1] += event == "call"

            sys.setprofile(count_call)
            try:
                show(count)
            finally:
                sys.setprofile(None)
        cached.counted = counted

    run(app, engine)
    few, many = engine.counted
    assert 0 < (many - few) / ELEMENTS <= CALLS_EACH
    assert sys.getprofile() is None
