"""Golden keys: digests that stay as they are for as long as the encoding has the same version.

``python corpus_golden.py`` writes ``golden.json`` anew. It refuses to where an entry has another
digest than before and the version in ``reprise/keys/framing.py`` was not counted up: without that,
what a shared store holds would be looked for under keys that mean something else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final, TypeAlias

from corpus_digests import REPRISE, Sides
from corpus_pairs import read_topics

from reprise.keys import framing

FILE: Final = Path(__file__).parent / "golden.json"
TOPICS: Final = (
    "numbers",
    "texts",
    "containers",
    "times",
    "objects",
    "functions",
    "arrays",
    "frames",
    "polars",
    "arrow",
)
"""Those whose digests hang on no file and on no version of a library."""

Golden: TypeAlias = dict[str, dict[str, str]]
"""By topic and expression: the digest in hexadecimal digits."""


class NotCountedUpError(Exception):
    """Digests have changed, and the version of the encoding has not."""


def read() -> tuple[str, Golden]:
    """The version of the encoding that the golden keys were made with, and they."""
    data = json.loads(FILE.read_text("utf-8"))
    return data["version"], data["digests"]


def version() -> str:
    """The version of the encoding now."""
    return framing._VERSION.decode()


def golden(sides: dict[str, Sides]) -> Golden:
    """The digests of all expressions of the topics that are kept."""
    return {
        topic.name: {
            side: digest
            for pair in topic.pairs
            for side, digest in zip(
                (pair.one, pair.other), sides[topic.name][pair.why], strict=True
            )
        }
        for topic in read_topics()
        if topic.name in TOPICS
    }


def changed(before: Golden, now: Golden) -> list[str]:
    """The expressions that both know, whose digests are not the same."""
    return [
        f"{topic}: {side}"
        for topic, digests in before.items()
        for side, digest in digests.items()
        if now.get(topic, {}).get(side, digest) != digest
    ]


def write(now: Golden) -> None:
    """Keep these as the golden keys.

    Raises:
        NotCountedUpError: some have changed, and the version of the encoding has not.
    """
    if FILE.exists():
        then, before = read()
        moved = changed(before, now)
        if moved and then == version():
            raise NotCountedUpError(
                f"{len(moved)} digests are not what they were, the first is that of {moved[0]}. "
                "Count up _VERSION in src/reprise/keys/framing.py, and run this again."
            )
    data = {"version": version(), "digests": now}
    FILE.write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        write(golden(REPRISE.all_sides()))
    except NotCountedUpError as error:
        sys.exit(str(error))
