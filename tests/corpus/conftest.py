"""What the tests of the corpus share: its modules, and the sides of all pairs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import reprise

HERE = Path(__file__).parent
# The modules are scripts too, which other interpreters run; none is a package.
sys.path.append(str(HERE))


class Script:
    """A script of this folder that runs in a process of its own and prints JSON."""

    def __init__(self, python: str, name: str, seed: int) -> None:
        places = [str(Path(reprise.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [python, str(HERE / name)],
            env={
                **os.environ,
                "PYTHONHASHSEED": str(seed),
                "PYTHONPATH": os.pathsep.join(filter(None, places)),
                # Numbers from several threads are not the same each time.
                "OMP_NUM_THREADS": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def result(self) -> dict[str, dict[str, list[str]]]:
        """Wait for what it prints."""
        printed, complaints = self._process.communicate(timeout=100)
        assert self._process.returncode == 0, complaints
        return json.loads(printed)


@pytest.fixture(scope="session")
def start():
    """Starts a script; it runs beside what comes next."""
    started = []

    def start(name: str, seed: int, python: str = sys.executable) -> Script:
        started.append(Script(python, name, seed))
        return started[-1]

    yield start
    for script in started:
        script._process.kill()
        script._process.communicate()


@pytest.fixture(scope="session")
def elsewhere(start) -> dict[str, Script]:
    """The processes that the tests look at, by what they do; they run beside this one."""
    here = os.environ.get("PYTHONHASHSEED")
    return {
        "digests": start("corpus_digests.py", 2 if here == "1" else 1),
        # Streamlit's keys hang on the order of sets, which is the same for one seed.
        "streamlit": start("corpus_streamlit.py", 0),
    }


@pytest.fixture(scope="session")
def sides(elsewhere) -> dict[str, dict[str, list[str]]]:
    """The sides of all pairs, made in this process, whose hashes have another seed."""
    from corpus_digests import REPRISE

    return REPRISE.all_sides()
