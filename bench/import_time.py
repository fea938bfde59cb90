"""What does importing the cache cost a program that has imported nothing else?"""

from __future__ import annotations

import subprocess
import sys

from _harness import Measure, Question
from _peers import AWAITED, DOGPILE_PICKLE, LRU, MARIMO_DISK, PEERS, Peer
from _processes import as_installed

PROGRAM = """
import time
start = time.perf_counter()
import {package}
print(time.perf_counter() - start)
"""


def prepare(peer: Peer) -> Measure:
    """Imports in fresh interpreters."""
    program = PROGRAM.format(package=peer.package)

    def measure() -> float:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own program
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=as_installed(),
        )
        return float(done.stdout)

    return measure


SKIPPED = (LRU, DOGPILE_PICKLE, MARIMO_DISK)
"""What comes with Python, and second names of one package."""
PACKAGES = {peer.package: peer for peer in (*AWAITED, *PEERS) if peer not in SKIPPED}

QUESTION = Question(
    "import",
    prepare,
    peers=tuple(sorted(PACKAGES.values(), key=lambda peer: peer.package != "reprise")),
    rounds=7,
    results=False,
    about="Each in an interpreter of its own.",
    goals={"Reprise": 60e-3},
)
