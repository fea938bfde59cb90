"""Results kept on disk: what writing adds, a fresh process's first hit, further hits, and bytes.

Each round gives each cache a new folder; one process writes several frames of one size there, and
another one, which has done nothing before, reads them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from _disk_peers import DISK_PEERS, DiskPeer
from _frames import ROW_BYTES
from _harness import Figure, benchmark
from _processes import as_installed
from by_size import Cell, Goals, Grid

PROGRAM = Path(__file__).with_name("_disk_process.py")

NAMES: Mapping[int, str] = {
    32: "1 KB",
    32_768: "1 MB",
    10_000_000: "320 MB",
    50_000_000: "1.6 GB",
}
"""For numbers of rows, what a frame of so many takes."""
SMALL = (32, 32_768, 10_000_000)
LARGE = (50_000_000,)

_OURS = "Reprise"
_PROCESSES = (
    "Frames of four columns of numbers. Each round gives each cache a new folder, has one process "
    "write several frames there, and a fresh one read them. pandas, numpy and the cache are "
    "imported, and the function decorated, before the clock starts; files come from the system's "
    "memory, not from the disk. Before each process the disk is idle. "
)
_WRITE = (
    "What a first run took beyond the function, the very first of the process left out. Ours is "
    "on the disk when the call returns (`fsync`), or a loss of power could leave a file whose "
    "bytes are others; the others leave that to the system. "
)
_FIRST = (
    "The first call of a process. Ours takes the fingerprint of the function's code in it, and "
    "opens the store. "
)
_FURTHER = "Hits of frames that the process has not read before, after its first call. "
_BYTES = (
    "What a process had the system write for one frame, and all that goes with it, by "
    "`/proc/self/io`, divided by the bytes of the frame's numbers. Pages and indexes of a database "
    "weigh most where values are small. "
)
_GOAL_SECONDS = 2e-3
_GOAL_BYTES = 1.02


@dataclass(slots=True)
class _Samples:
    """What the processes of one cache and one size measured."""

    write: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    further: list[float] = field(default_factory=list)
    bytes: list[float] = field(default_factory=list)
    """Bytes written, for each byte of value."""


def grids(
    sizes: Sequence[int],
    progress: Callable[[str], object],
    peers: Sequence[DiskPeer] = DISK_PEERS,
) -> list[Grid]:
    """Measure all caches with frames of all these sizes.

    Args:
        sizes: Numbers of rows, of those in :data:`NAMES`.
        progress: Is told what is measured now.
        peers: The caches.

    Returns:
        What writing adds, first hits, further hits, and bytes written.
    """
    found: dict[Cell, _Samples] = {}
    for rows in sizes:
        for number in range(_rounds(rows)):
            turn = number % len(peers)
            for peer in (*peers[turn:], *peers[:turn]):
                progress(f"{NAMES[rows]} on disk: {peer.name}")
                _measure(peer, rows, found.setdefault((peer.name, rows), _Samples()))
    large = [rows for rows in sizes if rows >= 10_000_000]
    speed: Goals = {(_OURS, rows): _GOAL_SECONDS for rows in large}
    size: Goals = {(_OURS, rows): _GOAL_BYTES for rows in large}

    def grid(title: str, about: str, what: str, goals: Goals, unit: str = "second") -> Grid:
        figures = {
            (peer.name, rows): _figure(
                f"{title}: {peer.name}, {NAMES[rows]}", getattr(found[peer.name, rows], what), unit
            )
            for rows in sizes
            for peer in peers
        }
        names = [peer.name for peer in peers]
        return Grid(title, sizes, names, figures, about, goals, "frame", NAMES)

    return [
        grid("on disk, first run, added by the cache", _PROCESSES + _WRITE, "write", {}),
        grid("on disk, the first call of a fresh process, a hit", _FIRST, "first", speed),
        grid("on disk, further hits of a fresh process", _FURTHER, "further", speed),
        grid("on disk, bytes written per byte of value", _BYTES, "bytes", size, "integer"),
    ]


def _figure(name: str, samples: Sequence[float], unit: str) -> Figure:
    if not samples:
        return Figure(note="this system does not tell how much was written")
    return Figure(benchmark(name, samples, unit))


def _rounds(rows: int) -> int:
    return 3 if rows < 10_000_000 else 2


def _count(rows: int) -> int:
    """How many frames a process writes or reads: more of the small ones."""
    return next(
        count for most, count in ((1_000_000, 12), (10_000_000, 3), (rows, 2)) if rows <= most
    )


def _measure(peer: DiskPeer, rows: int, samples: _Samples) -> None:
    count = _count(rows)
    with tempfile.TemporaryDirectory(prefix="reprise-bench-") as folder:
        written, seconds = _run(peer, folder, rows, count, ran=True)
        samples.write += seconds[1:]
        if written is not None:
            samples.bytes.append(written / (count * rows * ROW_BYTES))
        _, seconds = _run(peer, folder, rows, count, ran=False)
        samples.first.append(seconds[0])
        samples.further += seconds[1:]


def _run(
    peer: DiskPeer, folder: str, rows: int, count: int, *, ran: bool
) -> tuple[int | None, list[float]]:
    """Have a process call the function, all calls hits or none; bytes written and seconds."""
    os.sync()
    command = [sys.executable, "-W", "ignore", str(PROGRAM), peer.name, folder, str(rows)]
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own program
        [*command, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=as_installed(),
    )
    found = json.loads(done.stdout.splitlines()[-1])
    if any(each is not ran for _, each in found["calls"]):
        raise AssertionError(f"{peer.name}: all of {found['calls']} should have ran = {ran}")
    return found["written"], [seconds for seconds, _ in found["calls"]]
