"""One cache that keeps results on disk, and one size, in a process of its own.

python bench/_disk_process.py CACHE FOLDER ROWS COUNT

Prints, as JSON, how long each of COUNT calls took and whether it ran the function, and the bytes
that the process had the system write.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from _disk_peers import DISK_PEERS, DiskPeer
from _frames import array_times, load_numbered


def main() -> None:
    """Decorate, call, and say how it went."""
    name, folder, rows, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    peer = next(peer for peer in DISK_PEERS if peer.name == name)
    start = time.perf_counter()
    cached = _unbound(peer).decorate(load_numbered, folder)
    ready = time.perf_counter() - start
    before = _written()
    calls = [_call(cached, rows, number) for number in range(count)]
    written = None if before is None else (_written() or 0) - before
    print(json.dumps({"ready": ready, "calls": calls, "written": written}))


def _unbound(peer: DiskPeer) -> DiskPeer:
    """Lift the process's bound, a quarter of the memory: the largest results are more than that."""
    if peer.distribution == "":
        import reprise

        reprise.configure(max_size="1TB")
    return peer


def _call(cached: Any, rows: int, number: int) -> tuple[float, bool]:
    """Seconds that a call took beyond the function, and whether that ran."""
    start = time.perf_counter_ns()
    result = cached(rows, number)
    stop = time.perf_counter_ns()
    begun, done = array_times(result["a"])
    ran = start <= begun
    if (len(result), int(result["d"].iloc[-1])) != (rows, 3):
        raise AssertionError(f"call {number} returned something else")
    return (stop - start - (done - begun if ran else 0)) / 1e9, ran


def _written() -> int | None:
    """Bytes that this process has had written to disks so far, if the system tells.

    The kernel counts what it is given to write, when it is given it, and not what never leaves
    memory.
    """
    figures = Path("/proc/self/io")
    if not figures.exists():
        return None
    lines = figures.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))


if __name__ == "__main__":
    main()
