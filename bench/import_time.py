"""What does importing the cache cost a program that has imported nothing else?"""

from __future__ import annotations

import subprocess
import sys

from _harness import Measure, NotComparableError, Question
from _peers import Peer

PROGRAM = """
import time
start = time.perf_counter()
import {package}
print(time.perf_counter() - start)
"""


def prepare(peer: Peer) -> Measure:
    """Imports in fresh interpreters."""
    if not peer.package:
        raise NotComparableError("comes with Python")
    program = PROGRAM.format(package=peer.package)

    def measure() -> float:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own program
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    return measure


QUESTION = Question("import", prepare, rounds=5)

if __name__ == "__main__":
    from _report import show

    show([QUESTION])
