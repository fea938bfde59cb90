"""The line on the screen, drawn on a pseudo-terminal of this very process."""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from reprise.hosts.screen import Frame, TerminalScreen, describe

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")

PATIENCE = 30
"""Real seconds after which a thread that should have ended is given up."""


@dataclass
class InProcess:
    """A terminal in this process: a screen on a stream, and what arrives at the other end."""

    master: int
    stream: io.TextIOWrapper
    now: object
    """What standard error is, as the screen sees it."""

    @property
    def screen(self) -> TerminalScreen:
        return TerminalScreen(lambda: self.now)

    def read(self) -> bytes:
        return os.read(self.master, 65_536)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    monkeypatch.setenv("TERM", "xterm")
    master, slave = pty.openpty()
    stream = io.TextIOWrapper(io.FileIO(slave, "w"), encoding="utf-8", write_through=True)
    yield InProcess(master, stream, now=stream)
    stream.close()
    os.close(master)


FRAME = Frame("Running.", 1.0, show_time=False)


def closed_stream() -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO())
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [None, io.StringIO(), object(), closed_stream()])
def test_no_terminal_no_screen(terminal: InProcess, stream: object) -> None:
    screen = terminal.screen
    assert screen.available()
    terminal.now = stream
    assert not screen.available()


def test_standard_error_redirected_meanwhile_is_left_alone(terminal: InProcess) -> None:
    screen = terminal.screen
    terminal.now = buffer = io.StringIO()
    screen.refresh(lambda: FRAME)
    screen.refresh(lambda: None)
    assert buffer.getvalue() == ""


def test_a_stream_closed_meanwhile_ends_the_spinner_quietly(terminal: InProcess) -> None:
    screen = terminal.screen
    screen.refresh(lambda: FRAME)
    terminal.stream.close()
    screen.refresh(lambda: FRAME)
    screen.refresh(lambda: None)
    assert not screen.available()
    assert "write" not in vars(terminal.stream)


def test_a_terminal_that_is_gone_ends_the_spinner_quietly(terminal: InProcess) -> None:
    def gone(text: str) -> int:
        raise OSError(5, "Input/output error")

    screen = terminal.screen
    vars(terminal.stream)["write"] = gone
    screen.refresh(lambda: FRAME)
    assert not screen.available()
    assert vars(terminal.stream)["write"] is gone


def test_a_write_of_somebody_elses_in_our_place_is_kept(terminal: InProcess) -> None:
    written: list[str] = []
    original = terminal.stream.write

    def theirs(text: str) -> int:
        written.append(text)
        return original(text)

    vars(terminal.stream)["write"] = theirs
    screen = terminal.screen
    screen.refresh(lambda: FRAME)
    assert terminal.stream.write is not theirs
    terminal.stream.write("hello")
    assert written[-1] == "hello"
    screen.refresh(lambda: None)
    assert terminal.stream.write is theirs


def test_a_write_put_over_ours_goes_on_working(terminal: InProcess) -> None:
    screen = terminal.screen
    screen.refresh(lambda: FRAME)
    ours = terminal.stream.write
    vars(terminal.stream)["write"] = lambda text: ours(text.upper())
    screen.refresh(lambda: None)
    terminal.stream.write("hello")
    output = b""
    while b"HELLO" not in output:
        output += terminal.read()
    assert output.count(b"\x1b[0K") == 2  # at the end of the frame, and when it was removed


def test_writers_in_many_threads_never_meet_a_half_drawn_line(terminal: InProcess) -> None:
    screen = terminal.screen
    stop = threading.Event()
    output: list[bytes] = []

    def read() -> None:
        while not output or b"END" not in output[-1]:
            output.append(terminal.read())

    def draw() -> None:
        while not stop.is_set():
            screen.refresh(lambda: FRAME)

    def write(name: str) -> None:
        for n in range(50):
            terminal.stream.write(f"{name}{n}\n")

    reader, drawer = threading.Thread(target=read), threading.Thread(target=draw)
    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    screen.refresh(lambda: FRAME)
    for thread in (reader, drawer, *writers):
        thread.start()
    for writer in writers:
        writer.join(PATIENCE)
    stop.set()
    drawer.join(PATIENCE)
    screen.refresh(lambda: None)
    terminal.stream.write("END\n")
    reader.join(PATIENCE)
    # Frames, and an erasure before anything else is written; what is left has no codes.
    left = re.sub(rb"(\x1b7.*?\x1b8)+\x1b\[0K", b"", b"".join(output)).decode().split()
    assert sorted(left) == sorted(["END", *(f"{name}{n}" for name in "abc" for n in range(50))])


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame("Running.", 12.34, show_time=False), "Running."),
        (Frame("Running.", 0.04, show_time=True), "Running. (0.0 s)"),
        (Frame("Running.", 59.94, show_time=True), "Running. (59.9 s)"),
        (Frame("Running.", 59.96, show_time=True), "Running. (1:00)"),
        (Frame("Running.", 125.9, show_time=True), "Running. (2:05)"),
        (Frame("Running.", 3_725, show_time=True), "Running. (62:05)"),
        (Frame("Running.", 1, show_time=False, others=3), "Running. and 3 more"),
        (Frame("two\nlines\x1b[31m\t", 1, show_time=False), "two lines [31m "),
        (Frame("[bold]as it is[/]", 1, show_time=False), "[bold]as it is[/]"),
    ],
)
def test_the_words_of_the_line(frame: Frame, words: str) -> None:
    assert describe(frame) == words


def test_markup_in_the_text_is_not_carried_out(terminal: InProcess) -> None:
    screen = terminal.screen
    screen.refresh(lambda: Frame("[bold]x[/] :smile:", 0, show_time=False))
    assert b"[bold]x[/] :smile:" in terminal.read()
    screen.refresh(lambda: None)


def test_consoles_that_know_no_codes_get_no_spinner(
    terminal: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich import console

    real = console.Console
    monkeypatch.setattr(console, "Console", lambda **options: real(**options, legacy_windows=True))
    screen = terminal.screen
    screen.refresh(lambda: FRAME)
    assert not screen.available()
    terminal.stream.write("untouched")
    assert terminal.read() == b"untouched"
