"""What all tests share: reproducible property tests, explained failures, a browser."""

from __future__ import annotations

import ctypes
import mmap
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The contract suites are part of the package; their asserts, too, shall say what they compared.
pytest.register_assert_rewrite("reprise.testing")

# No deadline: on a busy machine one slow example says nothing about the code.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
BROWSER = "tests/browser/"
ADDRESS = re.compile("0x[0-9a-f]{2,}")

settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


def pytest_collection_modifyitems(items) -> None:
    """Refuse names that change with the process; skip what free-threading does otherwise.

    Files with slow tests come first: begun last, one would keep the others waiting for its end.
    """
    addressed = [item.nodeid for item in items if ADDRESS.search(item.nodeid)]
    if addressed:
        raise pytest.UsageError(
            f"{addressed[0]} has the address of an object in its name: each worker would know it by"
            " another. Give its cases ids=."
        )
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return
    for item in items:
        marker = item.get_closest_marker("with_gil")
        if marker is not None:
            item.add_marker(pytest.mark.skip(reason=f"free-threaded: {marker.args[0]}"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a file to one worker, as ``--dist=loadfile`` does, and all those with browsers too.

    Two browsers at a time keep one another waiting, where other tests could have the processor.
    """
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Chromium's executable; without one the test is skipped, and in CI it fails."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    reason = "no Chromium on PATH, and it could not be installed: see tools/ensure_chromium.sh"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def page_map() -> None:
    """That the kernel tells which pages were copied; where it does not, tests are skipped.

    Whether it does is found out without Reprise, which must find it, too.
    """
    from reprise.values import residence

    if not _page_map_tells():
        pytest.skip("the kernel does not tell which pages were copied")
    assert residence._way() is not None


def _page_map_tells() -> bool:
    """Whether a page is in the page map of this process once it was written to, and not before."""
    if not Path("/proc/self/pagemap").exists():
        return False
    page = mmap.mmap(-1, mmap.PAGESIZE)
    entry = 8 * (ctypes.addressof(ctypes.c_char.from_buffer(page)) // mmap.PAGESIZE)

    def present() -> bool:
        with Path("/proc/self/pagemap").open("rb", buffering=0) as entries:
            entries.seek(entry)
            return bool(int.from_bytes(entries.read(8), "little") >> 63)

    before = present()
    page[0] = 1
    return present() and not before


@pytest.fixture
def hashed(monkeypatch):
    """How many bytes of arrays were hashed, under ``"bytes"``."""
    from reprise.keys.types import arrays

    counted = Counter()
    stream = arrays.stream

    def count(tag, pieces):
        def passing():
            for piece in pieces:
                counted["bytes"] += memoryview(piece).nbytes
                yield piece

        return stream(tag, passing())

    monkeypatch.setattr(arrays, "stream", count)
    return counted


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 4 MB, where one can be made."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small disk")
    command = [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", place]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def in_child():
    """Calls a function in a forked child, and gives the small number that it returned there."""

    def in_child(answer):
        child = os.fork()
        if not child:
            try:
                os._exit(int(answer()))
            finally:
                os._exit(99)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    return in_child


@pytest.fixture
def output_of():
    """Runs a program in an interpreter of its own, and gives the words that it printed."""

    def output_of(program):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return output_of
