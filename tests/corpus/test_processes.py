"""The corpus in other processes and in other Pythons: the same digests everywhere.

Pythons are looked for on PATH; ``CORPUS_PYTHONS`` names more, as PATH names folders. Each needs
blake3, and gets as many topics as it has libraries for.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from corpus_pairs import read_topics

TOPICS = {topic.name: topic for topic in read_topics()}
NAMED = list(filter(None, os.environ.get("CORPUS_PYTHONS", "").split(os.pathsep)))
PYTHONS = [*(f"python3.{minor}" for minor in range(12, 16)), *NAMED]


def portable(found):
    """The sides that are the same everywhere: all but those of files of one machine's."""
    return {name: sides for name, sides in found.items() if not TOPICS[name].machine}


def verdicts(found):
    return {
        (name, why): one == other
        for name, sides in found.items()
        for why, (one, other) in sides.items()
    }


def differing(found, expected):
    """The pairs of topics that both have, whose sides are not the same in both."""
    return [
        f"{name}: {why}: {side} is not {expected[name][why]}"
        for name, sides in portable(found).items()
        if name in expected
        for why, side in sides.items()
        if side != expected[name][why]
    ]


def test_the_seed_of_hashes_plays_no_part(sides, elsewhere):
    found = elsewhere["digests"].result()
    assert found.keys() == sides.keys()
    assert verdicts(found) == verdicts(sides)
    assert differing(found, sides) == []


@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_makes_the_same_digests(python, sides, start):
    where = shutil.which(python)
    lacking = f"there is no {python}" if where is None else lacks(where)
    if lacking:
        pytest.skip(lacking)
    found = start("corpus_digests.py", 3, where).result()
    assert found["numbers"].keys() == sides["numbers"].keys()
    common = {name: found[name] for name in found.keys() & sides.keys()}
    assert verdicts(common) == verdicts({name: sides[name] for name in common})
    assert differing(common, sides) == []


def lacks(python):
    """Why an interpreter cannot run the corpus, or an empty text."""
    script = "import sys; assert sys.version_info >= (3, 11), 'Error: too old'; import blake3"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    told = done.stderr.strip().splitlines()
    return f"{python}: {next((line for line in reversed(told) if 'Error' in line), told[0])}"
