"""Runs measurements in processes of their own, and watches their memory meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from _harness import NotComparableError

PROGRAM = Path(__file__).with_name("_one_process.py")
LOOK_SECONDS = 0.005
"""How often the memory is looked at."""


def as_installed() -> dict[str, str]:
    """The environment of a process that keeps what it compiles, as an installed program's does."""
    return {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Run:
    """What one process measured."""

    first: list[float]
    """Seconds added to the function, for each first run."""
    hit: list[float]
    """Seconds for a hit."""
    memory: int
    """Bytes that were added at the worst moment of a first run and a hit; see :func:`taken`."""


def available() -> int:
    """Bytes that programs may still take, by the kernel's own estimate.

    Raises:
        NotComparableError: the system does not tell.
    """
    listing = Path("/proc/meminfo")
    if not listing.exists():
        raise NotComparableError("this system does not tell how much memory is available")
    for line in listing.read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise NotComparableError("this kernel does not tell how much memory is available")


def taken(pid: int) -> int:
    """Bytes of memory that a process alone is the cause of.

    Its own pages, and those of its anonymous files: mapped or not, each once. What the kernel says
    of the whole machine would do too, were it not for all other programs.

    Raises:
        NotComparableError: the system does not tell.
    """
    status, open_files = Path(f"/proc/{pid}/status"), Path(f"/proc/{pid}/fd")
    if not status.exists():
        raise NotComparableError("this system does not tell how much memory a process has")
    lines = status.read_text(encoding="utf-8").splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
    files: dict[int, int] = {}
    for each in open_files.iterdir():
        # It may be closed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            if str(each.readlink()).startswith("/memfd:"):
                found = each.stat()
                files[found.st_ino] = found.st_blocks * 512
    return own + sum(files.values())


def run(kind: str, name: str, rows: int, rounds: int, needs: int) -> Run:
    """Measure one cache with one size.

    Args:
        kind: What the function returns, a name of ``_one_process.KINDS``.
        name: The cache's name, or ``no cache``.
        rows: How many rows.
        rounds: How often each thing is measured.
        needs: Bytes that it will probably take.

    Raises:
        NotComparableError: there is not that much memory; the message says so.
    """
    free = available()
    # A tenth stays for everything else: a machine that swaps measures its disk.
    if needs > 0.9 * free:
        gib = 2**30
        raise NotComparableError(
            f"needs about {needs / gib:.1f} GiB, of which {free / gib:.1f} GiB were available"
        )
    command = [sys.executable, str(PROGRAM), kind, name, str(rows), str(rounds)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter, our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        _expect(process, "ready")
        before = taken(process.pid)
        _go_on(process)
        most = max(_watched(process, "held"))
        _go_on(process)
        assert process.stdout is not None
        rest = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[2:])} failed: {process.returncode}")
    found = json.loads(rest)
    return Run(found["first"], found["hit"], max(most - before, 1))


def _watched(process: subprocess.Popen[str], word: str) -> Iterable[int]:
    """The memory taken, again and again until the process says ``word``."""
    assert process.stdout is not None
    while not select.select([process.stdout], [], [], LOOK_SECONDS)[0]:
        yield taken(process.pid)
    _expect(process, word)
    yield taken(process.pid)


def _expect(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    if line.strip() != word:
        process.kill()
        raise RuntimeError(f"a measuring process said {line!r} in place of {word!r}")


def _go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
