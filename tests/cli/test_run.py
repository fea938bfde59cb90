"""``reprise run`` beside ``streamlit run``."""

from __future__ import annotations

import functools
import http.server
import importlib
import re
import signal
import socket
import subprocess
import sys
import threading
import tomllib
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

import reprise
from reprise.cli import main
from reprise.hosts.streamlit import internals

ROOT = Path(__file__).parents[2]
HEADLESS = ("--server.headless", "true", "--browser.gatherUsageStats", "false")

WITHOUT_STREAMLIT = """
import runpy, sys
sys.modules["streamlit"] = None
sys.argv[0] = "reprise"
runpy.run_module("reprise", run_name="__main__")
"""


def ended(*command):
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def received(monkeypatch):
    """Streamlit's command exchanged for one that notes what it is called with."""
    calls = []

    class Command:
        def main(self, arguments, prog_name):
            calls.append(
                (arguments, prog_name, reprise.cache_data is sys.modules["streamlit"].cache_data)
            )
            raise SystemExit(7)

    monkeypatch.setattr(internals, "command", Command)
    yield calls
    reprise.uninstall()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["app.py"],
        ["app.py", "--server.port=1", "--", "--mine", "--", "--help"],
        ["--server.port", "1", "--", "app.py", "-x"],
        ["app.py", "--", "--help"],
        ["https://example.org/a b.py", "", "--nonsense"],
    ],
)
def test_all_arguments_and_the_exit_code_are_passed_on(received, arguments):
    done = CliRunner().invoke(main, ["run", *arguments])
    assert received == [(["run", *arguments], "reprise", True)]
    assert done.exit_code == 7
    assert done.output == ""


@pytest.mark.parametrize(
    "arguments",
    [["gone.py"], ["app.txt"], ["app"], ["app.py", "--nonsense"], ["app.py", "--server.port", "x"]],
)
def test_what_streamlit_refuses_is_refused_with_the_same_words_and_code(arguments):
    theirs = ended("-m", "streamlit", "run", *arguments)
    ours = ended("-m", "reprise", "run", *arguments)
    assert theirs.returncode == ours.returncode == 2
    assert ours.stderr.replace("reprise run", "streamlit run") == theirs.stderr
    assert ours.stdout == theirs.stdout


def test_help_says_whose_decorators_and_lists_all_of_streamlits_options():
    theirs = ended("-m", "streamlit", "run", "--help")
    ours = ended("-m", "reprise", "run", "--help")
    introduction, _, rest = ours.stdout.partition("\n\n")
    assert "Reprise's decorators" in introduction
    assert rest.replace("Usage: reprise", "Usage: streamlit") == theirs.stdout
    assert ours.returncode == 0


def test_the_command_without_a_subcommand_explains_itself():
    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert re.search(r"run +Run a Streamlit app", done.output)
    assert reprise.__version__ in CliRunner().invoke(main, ["--version"]).output


def test_without_streamlit_only_help_and_a_clear_error_are_left():
    for arguments in (["--help"], ["run", "--help"]):
        done = ended("-c", WITHOUT_STREAMLIT, *arguments)
        assert done.returncode == 0, done.stderr
        assert "Run a Streamlit app on Reprise's decorators." in done.stdout
    done = ended("-c", WITHOUT_STREAMLIT, "run", "app.py")
    assert done.returncode == 1
    assert 'pip install "reprise-cache[streamlit]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_streamlit_is_not_called_missing(monkeypatch):
    monkeypatch.delitem(sys.modules, "streamlit")
    monkeypatch.setitem(sys.modules, "streamlit.logger", None)
    done = CliRunner().invoke(main, ["run", "app.py"])
    assert isinstance(done.exception, ImportError)
    assert done.exception.name == "streamlit.logger"


def test_the_installed_command_is_this_one():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "scripts"
    ]
    module, _, name = scripts["reprise"].partition(":")
    assert getattr(importlib.import_module(module), name) is main


def test_the_library_does_not_load_the_command():
    done = ended(
        "-c", "import reprise, sys; print('click' in sys.modules, 'reprise.cli' in sys.modules)"
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.fixture
def address(tmp_path):
    """The URL of a directory that has an app.py."""
    (tmp_path / "app.py").write_text("import streamlit as st\nst.text('here')\n", encoding="utf-8")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/app.py"
        server.shutdown()
        thread.join()


def interrupted(module, target, home):
    """Exit code of a server interrupted as by Ctrl-C once it serves, and the last word it said."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", module, "run", target, *HEADLESS, "--server.port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home
    ) as process:
        try:
            said = ""
            for line in process.stdout:  # it prints its address once it serves
                said += line
                if f":{port}" in line:
                    break
            # It answers once it waits, and is ready for the signal.
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                assert answer.read() == b"ok"
            process.send_signal(signal.SIGINT)
            said += process.communicate(timeout=60)[0]
        finally:
            process.kill()
    return process.returncode, said.split()[-1]


@pytest.mark.slow
def test_an_app_from_a_url_is_served_until_it_is_interrupted(address, tmp_path):
    theirs = interrupted("streamlit", address, tmp_path)
    assert interrupted("reprise", address, tmp_path) == theirs
    assert theirs == (0, "Stopping...")
