"""Decision trees: which result of a call answers it, by what its function reads besides arguments.

A node asks for one input (a widget's value, say), and leads on by what the answer is; at a leaf
stands the key of a kept result. So a function that reads a second input only where the first is
true has two kinds of leaves, and nobody asks it for what it would not have read.

An answer is a digest of the question too. So a path leads only to a result of a run that read these
very inputs with these very answers, whatever happens to the tree while somebody walks it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reprise.contracts import Key
from reprise.engine.lookup import Path, shown_key
from reprise.hosting import Call, Input, Recording

MANY: Final = 100
"""How many leaves a tree may have before its user is told of it."""

Ask = Callable[[Input], bytes]
"""What reads an input; raises :class:`LookupError` where there is none."""

_NOWHERE: Final = b"no answer"
"""Stands for an answer that cannot be had; no digest is as short."""


@dataclass(slots=True)
class _Tree:
    """The tree of one call in one realm."""

    inputs: dict[Path, Input] = field(default_factory=dict)
    """What is asked next, by the answers so far."""
    counts: dict[Path, int] = field(default_factory=dict)
    """How many entries are at a place, or beneath it."""
    leaves: dict[Path, int] = field(default_factory=dict)
    """How many entries are at a leaf: two, while one takes the place of another."""

    def add(self, path: Path, count: int) -> None:
        """Count entries at ``path`` in, or with a negative number out."""
        for depth in range(len(path) + 1):
            place = path[:depth]
            left = self.counts.get(place, 0) + count
            if left > 0:
                self.counts[place] = left
            else:
                self.counts.pop(place, None)
                self.inputs.pop(place, None)
        at_leaf = self.leaves.get(path, 0) + count
        if at_leaf > 0:
            self.leaves[path] = at_leaf
        else:
            self.leaves.pop(path, None)

    def cut(self, place: Path) -> list[Path]:
        """Let go of all that is at ``place`` and beneath it; gives the leaves that were there."""
        found = [path for path in self.leaves if path[: len(place)] == place]
        for path in found:
            self.add(path, -self.leaves[path])
        return found


class Branches:
    """The trees of one function. Walks need no lock; changes go one at a time."""

    def __init__(self) -> None:
        self._trees: dict[Key, dict[str, _Tree]] = {}
        self.after_fork()

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def path(self, key: Key, realm: str, ask: Ask) -> Path:
        """The answers that a call gets now, up to where nothing more is asked.

        Args:
            key: The call's own key.
            realm: Where it takes place.
            ask: Reads an input for this call.
        """
        return self._walk(key, realm, ask)[0]

    def stray(self, key: Key, realm: str, ask: Ask) -> Input | None:
        """The first input whose answer leads nowhere, if there is one."""
        path, asked = self._walk(key, realm, ask)
        tree = self._trees.get(key, {}).get(realm)
        if tree is None:
            return None
        known = (depth for depth in range(len(asked)) if path[: depth + 1] not in tree.counts)
        depth = next(known, None)
        return None if depth is None else asked[depth]

    def _walk(self, key: Key, realm: str, ask: Ask) -> tuple[Path, list[Input]]:
        trees = self._trees.get(key)
        tree = None if trees is None else trees.get(realm)
        path: Path = ()
        asked: list[Input] = []
        while tree is not None and (question := tree.inputs.get(path)) is not None:
            asked.append(question)
            try:
                path = (*path, ask(question))
            except LookupError:
                return (*path, _NOWHERE), asked
        return path, asked

    def grow(self, place: Any, inputs: Sequence[Input]) -> list[Key]:
        """Make room for an entry, before it is put under ``place``.

        Args:
            place: Its key.
            inputs: What the function read, in the order in which it did.

        Returns:
            The keys of entries that no walk can reach from now on: a run of the same call has asked
            for something else at the same point.
        """
        _, realm, key, path = place[1]
        with self._lock:
            tree = self._trees.setdefault(key, {}).setdefault(realm, _Tree())
            lost = list(_lost(tree, path, inputs))
            tree.add(path, 1)
            tree.inputs.update({path[:depth]: one for depth, one in enumerate(inputs)})
        return [shown_key(key, realm, leaf) for leaf in lost]

    def prune(self, place: Any) -> None:
        """Count out an entry that left, or was not kept."""
        _, realm, key, path = place[1]
        with self._lock:
            tree = self._trees.get(key, {}).get(realm)
            if tree is None or path not in tree.leaves:
                return
            tree.add(path, -1)
            if not tree.counts:
                del self._trees[key][realm]
                if not self._trees[key]:
                    del self._trees[key]

    def places(self, key: Key) -> Iterator[Key]:
        """The keys of all leaves of one call, in every realm."""
        with self._lock:
            for realm, tree in list(self._trees.get(key, {}).items()):
                for path in list(tree.leaves):
                    yield shown_key(key, realm, path)

    def names(self, place: Any) -> tuple[str, ...]:
        """What the tree asks for that ``place`` is in, if it has more than a hundred leaves."""
        _, realm, key, _ = place[1]
        with self._lock:
            tree = self._trees.get(key, {}).get(realm)
            if tree is None or len(tree.leaves) <= MANY:
                return ()
            return tuple(dict.fromkeys(one.name for one in tree.inputs.values() if one.name))


def _lost(tree: _Tree, path: Path, inputs: Sequence[Input]) -> Iterator[Path]:
    """Cut what cannot be where ``inputs`` are asked for and ``path`` ends."""
    for depth, one in enumerate(inputs):
        place = path[:depth]
        there = tree.inputs.get(place)
        asked = there is not None and there.question != one.question
        if asked or place in tree.leaves:
            yield from tree.cut(place)
            return
    if path in tree.inputs:
        yield from tree.cut(path)


def same_answers(recording: Recording | None, call: Call) -> bool:
    """Whether ``call`` would read what was read when ``recording`` was made."""
    try:
        return recording is None or all(one.read(call) == one.answer for one in recording.inputs)
    except LookupError:
        return False
