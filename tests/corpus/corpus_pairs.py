"""The pairs: two values, calls or pieces of code each, and whether they are one key or two.

They stand in ``pairs/``, one file a topic:

``kind``
    ``values``: expressions, told apart by the digests of what they make. ``calls``: calls of the
    cached functions of ``setup``; one key means that the second call hits. ``code``: sources of a
    module with a function ``load``, told apart by its fingerprint; a line ``#### name`` begins
    another module.
``needs``
    Libraries that the topic is about. Where one is missing, the topic is skipped.
``setup``
    The module in which the expressions are evaluated.
``machine``
    Whether digests hold for the files of one machine only, so that just the verdicts are compared
    between processes.
``different``, ``same``
    The pairs: one, other, and why. The reason is also the name of the pair.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "pairs"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides, and the verdict on them."""

    one: str
    other: str
    why: str
    same: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """The pairs of one file, and what they are evaluated in."""

    name: str
    kind: str
    needs: tuple[str, ...]
    setup: str = field(repr=False)
    machine: bool
    pairs: tuple[Pair, ...] = field(repr=False)

    @property
    def missing(self) -> tuple[str, ...]:
        """The libraries that this interpreter lacks."""
        return tuple(name for name in self.needs if find_spec(name) is None)

    @property
    def sides(self) -> Iterator[str]:
        """Both sides of every pair."""
        for pair in self.pairs:
            yield from (pair.one, pair.other)


def read_topics() -> list[Topic]:
    """Read all files, in the order of their names."""
    return [_read(path) for path in sorted(FOLDER.glob("*.toml"))]


def _read(path: Path) -> Topic:
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    pairs = [
        Pair(one, other, why, same=verdict == "same")
        for verdict in ("different", "same")
        for one, other, why in data.pop(verdict, [])
    ]
    return Topic(
        path.stem,
        data.pop("kind", "values"),
        tuple(data.pop("needs", ())),
        data.pop("setup", ""),
        data.pop("machine", False),
        _complete(pairs, data, path),
    )


def _complete(pairs: list[Pair], rest: dict[str, Any], path: Path) -> tuple[Pair, ...]:
    if rest:
        raise ValueError(f"{path}: nobody reads {', '.join(rest)}")
    return tuple(pairs)
