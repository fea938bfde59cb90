"""Real processes on one store: scripts that are edited, that ask at once, that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reprise import cache_data
from reprise.signing import Signer
from reprise.stores.disk.looking import view

WORKER = Path(__file__).with_name("persist_worker.py")
HEAD = """
import os, sys, time
import reprise

def note(path, word):
    with open(path, "a") as log:
        log.write(word)
"""


@pytest.fixture
def start(place, tmp_path):
    """Starts a script, which keeps its results in the store."""
    running = []

    def start(text, name="app.py", *args):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        if not file.exists() or file.read_text() != HEAD + text:
            # A process that was started before may be reading it.
            file.write_text(HEAD + text)
        running.append(
            subprocess.Popen(
                [sys.executable, "-W", "error", str(file), *args],
                env={**os.environ, "REPRISE_STORE": place},
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def run(start):
    """Runs a script, and gives the words that it printed."""

    def run(text, name="app.py", *args):
        return _said(start(text, name, *args))

    return run


def _said(process):
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.split()


def test_modules_of_the_same_name_are_not_the_same(run, tmp_path):
    """A project that began as a copy of another one reads its own file."""
    for project in ("one", "two"):
        (tmp_path / project).mkdir()
        (tmp_path / project / "table.txt").write_text(project)
        (tmp_path / project / "data.py").write_text(
            "import pathlib, reprise\n"
            "@reprise.cache_data\n"
            "def load():\n"
            "    print('runs')\n"
            "    return pathlib.Path('table.txt').read_text()\n"
        )
    script = """
os.chdir(os.path.dirname(__file__))
import data
print(data.load())
"""
    assert run(script, "one/app.py") == ["runs", "one"]
    assert run(script, "two/app.py") == ["runs", "two"]
    assert run(script, "one/app.py") == ["one"]
    assert run(script, "two/app.py") == ["two"]


def test_code_without_a_file_goes_by_the_folder_it_runs_in(place, tmp_path):
    """As the cells of a notebook do."""
    text = """
import pathlib, reprise
@reprise.cache_data
def load():
    print("runs")
    return pathlib.Path("table.txt").read_text()
print(load())
"""

    def run(project):
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", text],
            env={**os.environ, "REPRISE_STORE": place},
            cwd=tmp_path / project,
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        ).stdout.split()

    for project in ("one", "two"):
        (tmp_path / project).mkdir()
        (tmp_path / project / "table.txt").write_text(project)
        assert run(project) == ["runs", project]
    assert [run("one"), run("two")] == [["one"], ["two"]]


SCRIPT = """
class Point:
    def __init__(self, x):
        self.x = x

def helper(x):
    return x + 1

@reprise.cache_data
def load(x):
    print("runs")
    return [Point(helper(x))]

(point,) = load(1)
assert type(point) is Point
print(point.x)
"""


def test_a_script_that_is_run_again_finds_instances_of_its_own_classes(run):
    assert run(SCRIPT) == ["runs", "2"]
    assert run(SCRIPT) == ["2"]
    assert run("# A comment.\n" + SCRIPT) == ["2"]


def test_edited_code_is_another_function_and_edited_back_the_first(run):
    assert run(SCRIPT) == ["runs", "2"]
    for edited in (
        SCRIPT.replace("x + 1", "x + 2"),
        SCRIPT.replace("helper(x))]", "helper(x) + 1)]"),
    ):
        assert run(edited) == ["runs", "3"]
        assert run(edited) == ["3"]
    assert run(SCRIPT) == ["2"]


def test_scripts_with_functions_of_one_name_do_not_share(run):
    assert run(SCRIPT, "one/app.py") == ["runs", "2"]
    assert run(SCRIPT, "other/app.py") == ["runs", "2"]
    assert run(SCRIPT, "one/app.py") == ["2"]


def test_classes_and_functions_of_modules(run, tmp_path):
    (tmp_path / "own.py").write_text(HEAD + SCRIPT.partition("(point,)")[0])
    script = "import own\n(point,) = own.load(1)\nprint(point.x, isinstance(point, own.Point))"
    assert run(script) == ["runs", "2", "True"]
    assert run(script) == ["2", "True"]
    assert run(script, "other.py") == ["2", "True"], "a module is known by its name"


def test_streamlit_s_spelling_after_install(run):
    pytest.importorskip("streamlit")
    script = """
reprise.install()
import streamlit as st

@st.cache_data(persist="disk", show_spinner=False)
def load():
    print("runs")
    return 5

print(load())
"""
    assert run(script) == ["runs", "5"]
    assert run(script) == ["5"]


ASKED_AT_ONCE = """
@reprise.cache_data
def inner(x, _log):
    note(_log, "inner ")
    time.sleep(0.2)
    return x

@reprise.cache_data
def load(x, _log):
    note(_log, "outer ")
    time.sleep(0.2)
    return [inner(x, _log)]

print(load(1, sys.argv[1]))
"""


def test_of_processes_that_ask_at_once_one_computes(start, tmp_path):
    log = tmp_path / "log"
    asking = [start(ASKED_AT_ONCE, "app.py", str(log)) for _ in range(8)]
    assert [_said(process) for process in asking] == [["[1]"]] * 8
    assert log.read_text().split() == ["outer", "inner"]


HELD = """
@reprise.cache_data
def load(_log, _mode):
    note(_log, "run ")
    while _mode == "hold" and not os.path.exists(_log + ".go"):
        time.sleep(0.01)
    return _mode

print(load(*sys.argv[1:]))
"""


def _until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def _waits(process, seconds):
    try:
        said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError(f"it did not wait, and said {said}")


def test_a_killed_holder_is_followed_by_a_waiter_within_seconds(start, tmp_path):
    log = tmp_path / "log"
    holder = start(HELD, "app.py", str(log), "hold")
    _until(lambda: log.exists() and log.read_text())
    waiters = [start(HELD, "app.py", str(log), "wait") for _ in range(3)]
    _waits(waiters[0], 1.5)
    assert log.read_text() == "run ", "who is merely slow keeps the right"
    killed = time.monotonic()
    holder.send_signal(signal.SIGKILL)
    assert [_said(waiter) for waiter in waiters] == [["wait"]] * 3
    assert time.monotonic() - killed < 5
    assert log.read_text() == "run run "


def test_a_slow_holder_shares_what_it_computed(start, tmp_path):
    log = tmp_path / "log"
    holder = start(HELD, "app.py", str(log), "hold")
    _until(lambda: log.exists() and log.read_text())
    waiter = start(HELD, "app.py", str(log), "wait")
    _waits(waiter, 1.0)
    Path(f"{log}.go").touch()
    assert _said(holder) == _said(waiter) == ["hold"]
    assert log.read_text() == "run "


def test_a_function_that_calls_itself_is_told_so_at_once(run):
    script = """
@reprise.cache_data
def loop(x):
    return loop(x)

try:
    loop(1)
except reprise.RecursiveCallError:
    print("told")

@reprise.cache_data
def down(x):
    return 0 if x == 0 else 1 + down(x - 1)

print(down(20))
"""
    assert run(script) == ["told", "20"]
    assert run(script) == ["told", "20"]


def test_tasks_that_wait_for_another_process_leave_the_loop_to_others(start, tmp_path):
    log = tmp_path / "log"
    script = """
import asyncio

@reprise.cache_data
async def load(_log, _mode):
    note(_log, "run ")
    while _mode == "hold" and not os.path.exists(_log + ".go"):
        await asyncio.sleep(0.01)
    return _mode

async def main():
    asked = [asyncio.create_task(load(*sys.argv[1:])) for _ in range(3)]
    longest, last = 0, time.monotonic()
    for _ in range(50 if sys.argv[2] == "wait" else 0):
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    if sys.argv[2] == "wait":
        assert not any(one.done() for one in asked)
        note(sys.argv[1] + ".go", "")
    print(*await asyncio.gather(*asked), longest < 2)

asyncio.run(main())
"""
    holder = start(script, "app.py", str(log), "hold")
    _until(lambda: log.exists() and log.read_text())
    waiter = start(script, "app.py", str(log), "wait")
    assert _said(waiter) == ["hold", "hold", "hold", "True"]
    assert _said(holder)[:3] == ["hold"] * 3
    assert log.read_text() == "run "


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_shares_the_store(place, in_child, runs, clock):
    @cache_data(persist=place)
    def load(x):
        runs(x)
        return [x] * 100_000

    load(1)

    def child():
        found = load(1)[0] + load(2)[0]
        load.clear(1)
        return 10 * found + len(runs)

    assert in_child(child) == 32
    clock.advance(1)
    assert load(2)[0] == 2
    assert load(1)[0] == 1
    assert runs == [1, 1], "what the child computed is there, and what it cleared is not"


def test_processes_started_for_a_script_have_the_results_of_that_script(run):
    """To them it is ``__mp_main__``, as every script is."""
    script = """
import multiprocessing

@reprise.cache_data
def load():
    with open(os.path.join(os.path.dirname(sys.argv[1]), "data.txt")) as file:
        return file.read()

if __name__ == "__main__":
    note(os.path.join(os.path.dirname(sys.argv[1]), "data.txt"), sys.argv[2])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(load))
"""
    for name in ("one", "other"):
        file = Path(name) / "app.py"
        assert run(script, str(file), str(file), name) == [name]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_forked_child_counts_no_hits_of_its_parent(run, folder):
    script = """
@reprise.cache_data
def load(x):
    return x

load(1)
for _ in range(100):
    load(1)
if os.fork() == 0:
    load(1)
else:
    os.wait()
"""
    run(script)
    with view(folder, Signer(b"the secret of these tests")) as found:
        assert list(found.hits().values()) == [101]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processes", "threads", "seconds"),
    [
        (8, 4, 3),
        pytest.param(8, 4, 60, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
    ],
)
def test_processes_and_threads_agree_with_a_model(place, tmp_path, processes, threads, seconds):
    arguments = [str(tmp_path / "truth"), str(threads), str(seconds)]
    (tmp_path / "truth").mkdir()
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", WORKER, str(number), *arguments],
            env={**os.environ, "REPRISE_STORE": place},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    said = [process.communicate(timeout=seconds + 100) for process in running]
    assert [process.returncode for process in running] == [0] * processes, said
    assert all(int(out) > 0 for out, _ in said)
