"""The terminal host: no session, nothing recorded, a spinner where there is a screen."""

from __future__ import annotations

import contextlib
import sys
from types import ModuleType

import pytest

from reprise.hosting import Call, Host, NotWrittenError, Recording, Written
from reprise.hosts.screen import Content
from reprise.hosts.spinner import Running
from reprise.hosts.streamlit.recording import StreamlitRecording
from reprise.hosts.terminal import TerminalHost


class Screen:
    def __init__(self, available: bool) -> None:
        self._available = available

    def available(self) -> bool:
        return self._available

    def refresh(self, content: Content) -> None:
        content()

    def abandon(self) -> None:
        pass


class Listener:
    def session_ended(self, session: str) -> None:
        pytest.fail("a terminal has no sessions")

    def clear_requested(self) -> None:
        pytest.fail("nobody can ask a terminal to clear")


@pytest.fixture
def call() -> Call:
    return Call(function=lambda: None, arguments={})


@pytest.fixture
def host() -> Host:
    # As a Host: type checkers see that it is one.
    return TerminalHost(screen=Screen(available=False))


def recorded(host: Host, call: Call, function: object = None) -> Recording | None:
    with host.record(call) as recorder:
        if callable(function):
            function()
        return recorder.recording()


def test_it_is_always_there_and_knows_no_session(host: Host) -> None:
    assert host.active()
    assert host.session() is None
    assert host.realm == "terminal"
    host.connect(Listener())


def test_nothing_is_recorded(host: Host, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "streamlit", raising=False)
    assert recorded(host, call) is None


def test_a_function_that_loads_streamlit_is_kept_apart(
    host: Host, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "streamlit", raising=False)

    def load() -> None:
        monkeypatch.setitem(sys.modules, "streamlit", ModuleType("streamlit"))

    recording = recorded(host, call, load)
    assert recording is not None
    assert (recording.realm, recording.size, recording.obstacle) == ("terminal", 0, "")
    assert recording.replayable
    assert host.replay(recording, call)
    # From then on there is somebody who listens where something is displayed.
    assert recorded(host, call) is None
    assert host.read_back(host.write_down(recording, bytes), bytes) == recording


def test_no_other_recordings_are_written_down_or_read_back(host: Host) -> None:
    with pytest.raises(NotWrittenError):
        host.write_down(StreamlitRecording("terminal"), bytes)
    assert host.read_back(Written(b"x", {}), bytes) is None
    assert host.read_back(Written(b"", {"streamlit": "1.40"}), bytes) is None


def test_an_exception_passes_while_recording(host: Host, call: Call) -> None:
    def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        recorded(host, call, fail)


def test_a_spinner_needs_a_screen(host: Host) -> None:
    assert isinstance(host.spinner("Running.", show_time=True), contextlib.nullcontext)
    with_screen = TerminalHost(screen=Screen(available=True))
    assert isinstance(with_screen.spinner("Running.", show_time=True), Running)
    with_screen.close()


def test_a_host_that_never_showed_anything_can_be_closed() -> None:
    TerminalHost(screen=Screen(available=True)).close()
