"""Functions that never hit: the same call again and again, but for one thing that looks the same.

A connection that is made anew on each rerun, an object whose class has no notion of being equal: to
the user it is one thing, to a key it is another each time. Of ten such misses in a row the user
hears once. Nothing is kept of the values themselves, only their digests, types and shapes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from reprise import forks
from reprise.engine.group import Group
from reprise.engine.suspects import (
    Look,
    Suspect,
    argument_that_differs,
    face_of,
    looks_of,
    part_that_differs,
)

if TYPE_CHECKING:
    from reprise.engine.function import DecoratedFunction
    from reprise.keys import Part

LIMIT: Final = 10
"""How many misses in a row are too many."""

_FUNCTIONS: Final = 1_000
"""How many functions are kept an eye on."""


@dataclass(slots=True)
class Row:
    """The misses of one function that follow on each other and belong together.

    Never changed once it is in the table; not frozen, for that would cost each miss a microsecond.
    """

    code: bytes
    parts: tuple[Part, ...]
    rest: tuple[Any, ...]
    """What stands in the key of the latest behind its code: a session, the arguments."""
    looks: dict[str, Look]
    """What the arguments of the latest look like, where the key has their digest."""
    count: int = 1
    suspect: tuple[str, str] = ("", "")
    """Kind and name of what differed each time."""
    look: Look | None = None
    seen: frozenset[bytes] = field(default_factory=frozenset)
    """The digests that it had."""
    hits: int = 0
    """Those of the function, up to the second miss of the row."""
    face: str = ""
    """What a reader saw of the suspect at the last miss but one before the warning."""


class Repetitions:
    """The rows of all functions of a runtime.

    Args:
        hits: Counts the hits of a function so far, given its group.
    """

    def __init__(self, hits: Callable[[Group], int]) -> None:
        self._hits = hits
        self._rows: dict[str, Row] = {}
        self._told: set[str] = set()
        """Those that were warned of; once is enough."""
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.RLock()

    def missed(self, decorated: DecoratedFunction, key: Any, values: tuple[Any, ...]) -> None:
        """Take note of a miss, and warn if it is one too many.

        Args:
            decorated: The function.
            key: The key of the call.
            values: Its bound arguments.
        """
        family: str = key[0].group.family
        # Of two that miss at the same time one may be forgotten: a row is then a little longer.
        if family in self._told:
            return
        row = self._rows.get(family)
        latest = _begin(decorated, key, values)
        suspect = None if row is None else _suspect(row, latest, decorated, values)
        if row is None or suspect is None:
            self._put(family, latest)
            return
        latest = self._grown(row, latest, suspect, key[0].group)
        if latest.count < LIMIT:
            self._put(family, latest)
            return
        with self._lock:
            if family in self._told:
                return
            self._told.add(family)
            self._rows.pop(family, None)
        from reprise.engine.repeated import tell

        tell(decorated, suspect, latest.count)

    def _put(self, family: str, row: Row) -> None:
        self._rows[family] = row
        if len(self._rows) > _FUNCTIONS:
            with self._lock:
                for oldest in list(self._rows)[: len(self._rows) - _FUNCTIONS]:
                    self._rows.pop(oldest, None)

    def _grown(self, row: Row, latest: Row, suspect: Suspect, group: Group) -> Row:
        """The row with one more miss; a new one, if there was a hit or it looks different."""
        # Counting hits means a look at every entry: twice in a row is enough.
        hits = self._hits(group) if row.count in (1, LIMIT - 1) else row.hits
        if row.count > 1 and hits != row.hits:
            return latest
        # To the reader they must look the same: of the last two it is made sure.
        face = face_of(suspect.value) if row.count >= LIMIT - 2 else ""
        if row.count == LIMIT - 1 and face != row.face:
            return latest
        return replace(
            latest,
            count=row.count + 1,
            suspect=(suspect.kind, suspect.name),
            look=suspect.look,
            seen=row.seen | {suspect.before, suspect.after},
            hits=hits,
            face=face,
        )


def _begin(decorated: DecoratedFunction, key: Any, values: tuple[Any, ...]) -> Row:
    code, *rest = key
    digested = bool(rest) and hasattr(rest[-1], "parts")
    return Row(
        code.digest, code.parts, tuple(rest), looks_of(decorated, values) if digested else {}
    )


def _suspect(
    row: Row, latest: Row, decorated: DecoratedFunction, values: tuple[Any, ...]
) -> Suspect | None:
    """What differs from the miss before, if it is the one thing that did all along."""
    same_code, same_call = row.code == latest.code, row.rest == latest.rest
    if same_code == same_call:
        return None
    if same_call:
        suspect = part_that_differs(decorated.function, row.parts, latest.parts)
    else:
        suspect = argument_that_differs(decorated, row.rest, latest.rest, values)
    if suspect is None or suspect.after in row.seen:
        return None
    if suspect.kind == "argument" and row.looks.get(suspect.name) != suspect.look:
        return None
    goes_on = row.suspect == (suspect.kind, suspect.name) and row.look == suspect.look
    return suspect if goes_on or row.count == 1 else None
