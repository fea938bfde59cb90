"""What really reaches a terminal: child processes on a pseudo-terminal, read byte by byte."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")

PATIENCE = 30
"""Real seconds after which output that should have come is given up."""

WIDTH, HEIGHT = 80, 24


class Terminal:
    """A terminal that knows the codes which matter here, and fails on any other."""

    _TOKEN = re.compile(
        r"\x1b\[(?P<parameters>[?0-9;]*)(?P<final>[A-Za-z])|\x1b(?P<plain>[78])|(?s:.)"
    )

    def __init__(self, output: str) -> None:
        self.rows = [[" "] * WIDTH]
        self.row = self.column = 0
        self.saved = (0, 0)
        self.wraps = True
        for token in self._TOKEN.finditer(output):
            self._take(token)

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.rows]

    def _take(self, token: re.Match[str]) -> None:
        match token[0], token["plain"], token["final"], token["parameters"]:
            case _, "7", _, _:
                self.saved = (self.row, self.column)
            case _, "8", _, _:
                self.row, self.column = self.saved
            case _, _, "K", "0" | "":
                self.rows[self.row][self.column :] = [" "] * (WIDTH - self.column)
            case _, _, "l" | "h" as final, "?7":
                self.wraps = final == "h"
            case _, _, "m", _:
                pass
            case "\r", _, _, _:
                self.column = 0
            case "\n", _, _, _:
                self._down()
            case letter, None, None, None if letter.isprintable():
                self._write(letter)
            case other:
                pytest.fail(f"a code that this terminal does not know: {other}")

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append([" "] * WIDTH)

    def _write(self, letter: str) -> None:
        if self.column == WIDTH:
            if self.wraps:
                self._down()
                self.column = 0
            else:
                self.column = WIDTH - 1
        self.rows[self.row][self.column] = letter
        self.column += 1


class Child:
    """A Python process whose standard error, and output if wanted, is a terminal."""

    def __init__(self, program: str, *, output_too: bool = True, **environment: str) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PRELUDE + textwrap.dedent(program)],
            stdin=subprocess.PIPE,
            stdout=slave if output_too else subprocess.PIPE,
            stderr=slave,
            env={**clean_environment(), **environment},
            start_new_session=True,
        )
        os.close(slave)
        self.output = ""

    def read_until(self, words: str) -> None:
        """Wait for ``words``, codes left out."""
        while words not in without_codes(self.output):
            if not self._read_some():
                pytest.fail(f"{words!r} did not come: {self.output!r}")

    def answer(self) -> None:
        """Let the function that waits for a line go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def finish(self) -> Terminal:
        """Read to the end; the terminal as it looks then."""
        while self._read_some():
            pass
        assert self._process.wait(PATIENCE) == 0, self.output
        return Terminal(self.output)

    def piped_output(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.read().decode()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        os.close(self._master)

    def _read_some(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux says so when the last process has closed the other end
            return False
        self.output += data.decode()
        return bool(data)


PRELUDE = """
import logging, os, sys, threading
from reprise.hosts.terminal import TerminalHost
host = TerminalHost()
def slow():
    return sys.stdin.readline()
"""


def clean_environment() -> dict[str, str]:
    kept = {"PATH", "HOME", "LD_LIBRARY_PATH"}
    return {
        **{name: value for name, value in os.environ.items() if name in kept},
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONIOENCODING": "utf-8",
        "REPRISE_SPINNER_DELAY": "0.01",
        "TERM": "xterm-256color",
        "COLUMNS": str(WIDTH),
        "LINES": str(HEIGHT),
    }


def without_codes(output: str) -> str:
    return re.sub(r"\x1b(\[[?0-9;]*[A-Za-z]|[78])", "", output)


Start: TypeAlias = Callable[..., Child]


@pytest.fixture
def start() -> Iterator[Start]:
    children: list[Child] = []

    def start(program: str, *, output_too: bool = True, **environment: str) -> Child:
        children.append(Child(program, output_too=output_too, **environment))
        return children[-1]

    yield start
    for child in children:
        child.close()


def test_a_slow_function_has_a_spinner_that_leaves_no_trace(start: Start) -> None:
    child = start(
        """
        print("before")
        with host.spinner("Running `load(...)`.", show_time=True):
            slow()
        print("after")
        """
    )
    child.read_until("Running `load(...)`. (0.")
    assert re.search(r"[\u2800-\u28ff].*Running", child.output)
    assert Terminal(child.output).lines[1].endswith(" s)")
    child.answer()
    assert child.finish().lines == ["before", "after", ""]


def test_a_quick_function_writes_nothing(start: Start) -> None:
    child = start(
        """
        with host.spinner("Running `load(...)`.", show_time=True):
            pass
        """,
        REPRISE_SPINNER_DELAY="1h",
    )
    child.finish()
    assert child.output == ""


def test_what_the_function_prints_comes_out_whole(start: Start) -> None:
    child = start(
        """
        log = logging.StreamHandler()  # holds the stream from before
        logging.getLogger().addHandler(log)
        with host.spinner("Running.", show_time=False):
            slow()
            print("printed")
            slow()
            print("to stderr", file=sys.stderr)
            logging.warning("logged")
            sys.stdout.writelines(["a\\n", "b\\n"])
            for step in "...":
                print(step, end="", flush=True)
            slow()
            print("done")
        """
    )
    for seen in ("Running.", "printed", "..."):
        child.read_until(seen)
        child.answer()
    assert child.finish().lines == ["printed", "to stderr", "logged", "a", "b", "...done", ""]


def test_text_that_waits_on_its_line_stays_there(start: Start) -> None:
    child = start(
        """
        print("Loading... ", end="", flush=True)
        with host.spinner("Running.", show_time=False):
            slow()
        print("done")
        """
    )
    child.read_until("Running.")
    assert Terminal(child.output).lines[0].startswith("Loading... ")
    assert Terminal(child.output).lines[0].endswith("Running.")
    child.answer()
    assert child.finish().lines == ["Loading... done", ""]


def test_a_text_too_long_for_the_line_is_cut_off(start: Start) -> None:
    child = start(
        """
        with host.spinner("Running " + "x" * 500 + "end", show_time=False):
            slow()
        print("after")
        """
    )
    child.read_until("xxxxx")
    child.answer()
    terminal = child.finish()
    assert terminal.lines == ["after", ""]
    assert "end" not in child.output


def test_an_exception_leaves_no_trace_of_the_spinner_either(start: Start) -> None:
    child = start(
        """
        try:
            with host.spinner("Running.", show_time=False):
                slow()
                raise KeyError("mine")
        except KeyError as error:
            print("caught", error)
        """
    )
    child.read_until("Running.")
    child.answer()
    assert child.finish().lines == ["caught 'mine'", ""]


def test_several_threads_share_the_line(start: Start) -> None:
    child = start(
        """
        go_on = threading.Event()
        def run():
            with host.spinner("Running.", show_time=False):
                go_on.wait()
        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads: thread.start()
        slow()
        go_on.set()
        for thread in threads: thread.join()
        print("after", threading.active_count())
        """
    )
    child.read_until("and 2 more")
    child.answer()
    assert child.finish().lines == ["after 2", ""]


def test_streams_are_what_they_were_afterwards(start: Start) -> None:
    child = start(
        """
        import contextlib, io
        streams = sys.stdout, sys.stderr
        with host.spinner("Running.", show_time=False):
            caught = io.StringIO()
            with contextlib.redirect_stdout(caught):
                slow()
                print("into the buffer")
        assert (sys.stdout, sys.stderr) == streams
        assert not any("write" in vars(stream) for stream in streams)
        print("caught:", caught.getvalue(), end="")
        """
    )
    child.read_until("Running.")
    child.answer()
    assert child.finish().lines == ["caught: into the buffer", ""]


def test_output_that_goes_elsewhere_is_not_touched(start: Start) -> None:
    child = start(
        """
        with host.spinner("Running.", show_time=False):
            slow()
            print("for the pipe")
        """,
        output_too=False,
    )
    child.read_until("Running.")
    child.answer()
    assert child.finish().lines == [""]
    assert child.piped_output() == "for the pipe\n"


def test_an_exit_in_the_middle_clears_the_line(start: Start) -> None:
    child = start(
        """
        def run():
            with host.spinner("Running.", show_time=False):
                threading.Event().wait()
        threading.Thread(target=run, daemon=True).start()
        slow()
        """
    )
    child.read_until("Running.")
    child.answer()
    assert child.finish().lines == [""]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_neither_draws_nor_erases(start: Start) -> None:
    child = start(
        """
        import warnings  # newer Pythons warn of fork where there are threads
        warnings.simplefilter("ignore", DeprecationWarning)
        with host.spinner("Running.", show_time=False):
            slow()
            pid = os.fork()
            if pid == 0:
                print("child:", "write" in vars(sys.stdout), threading.active_count(), flush=True)
                os._exit(0)
            os.waitpid(pid, 0)
        print("parent")
        """
    )
    child.read_until("Running.")
    child.answer()
    lines = child.finish().lines
    assert lines[-2:] == ["parent", ""]
    assert lines[0].startswith("child: False 1")


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"TERM": "dumb"}, False),
        ({"TERM": "unknown"}, False),
        ({"TERM": "vt100"}, True),
        ({"NO_COLOR": "1"}, True),
    ],
)
def test_the_environment_decides_what_is_shown(
    start: Start, environment: dict[str, str], shown: bool
) -> None:
    child = start(
        """
        print(type(host.spinner("Running.", show_time=False)).__name__)
        with host.spinner("Running.", show_time=False):
            if sys.argv and os.environ["TERM"] not in ("dumb", "unknown"):
                slow()
        """,
        **environment,
    )
    if shown:
        child.read_until("Running.")
        child.answer()
    lines = child.finish().lines
    assert lines == ["Running" if shown else "nullcontext", ""]
    if "NO_COLOR" in environment:
        assert not re.search(r"\x1b\[[0-9;]*m", child.output)


def test_a_narrow_encoding_gets_a_spinner_that_it_can_write(start: Start) -> None:
    child = start(
        """
        with host.spinner("Running.", show_time=False):
            slow()
        """,
        PYTHONIOENCODING="ascii",
    )
    child.read_until("Running.")
    child.answer()
    assert child.finish().lines == [""]
    assert child.output.isascii()


def test_a_child_without_a_terminal_loads_no_rich_and_starts_no_thread() -> None:
    program = PRELUDE + textwrap.dedent(
        """
        with host.spinner("Running.", show_time=False):
            pass
        print(threading.active_count(), "rich" in sys.modules)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=clean_environment(),
    )
    assert (done.stdout, done.stderr) == ("1 False\n", "")


def test_a_cached_function_has_the_spinner_on_a_miss_only(start: Start) -> None:
    child = start(
        """
        from reprise import cache_data

        @cache_data
        def inner():
            return slow()

        @cache_data(show_time=True)
        def outer(x):
            inner()
            return x

        outer(1), outer(1)
        print("after")
        """
    )
    child.read_until("Running `outer(...)`. (0.")
    child.answer()
    assert child.finish().lines == ["after", ""]
    assert "inner" not in child.output


MEASURED = """
import reprise

@reprise.cache_data(show_progress=True)
def load():
    slow()
    reprise.progress(1, 4, "Reading \\x1b[2J\\nlines")
    slow()
    print("printed")
    reprise.progress(3000)
    slow()
    return 1
"""


def test_progress_is_a_bar_that_leaves_no_trace(start: Start) -> None:
    child = start(
        MEASURED
        + """
print("Loading... ", end="", flush=True)
load(), load()
print("after")
"""
    )
    child.read_until("Running `load(...)`.")
    child.answer()
    child.read_until("━━━━━───────────────  25% 1/4 (0:0")
    child.read_until(" left) Reading  [2J lines")
    child.answer()
    child.read_until(" 3,000 (0:0")
    child.answer()
    assert child.finish().lines == ["Loading... printed", "after", ""]


def test_an_exception_takes_the_bar_away(start: Start) -> None:
    child = start(
        """
        import reprise

        @reprise.cache_data(show_progress=True, show_spinner=False)
        def load():
            reprise.progress(2, 3)
            slow()
            raise KeyError

        try:
            load()
        except KeyError:
            print("caught")
        """,
        PYTHONIOENCODING="ascii",
    )
    child.read_until("#############-------  66% 2/3 (0:0")
    child.answer()
    assert child.finish().lines == ["caught", ""]


def test_progress_goes_into_no_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + MEASURED + "print(load())"],
        input="\n\n\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=clean_environment(),
    )
    assert (done.stdout, done.stderr) == ("printed\n1\n", "")
