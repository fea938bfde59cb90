"""What became of results that are not there any more: enough to say why a later call misses."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from reprise.contracts import Bound, Key, Removal
from reprise.engine.lookup import call_key

if TYPE_CHECKING:
    from reprise.keys import Part

Ident: TypeAlias = tuple[Any, ...]
"""A key that outlives its code: with the code's digest in the place of the code."""

EVENTS: Final = 256
"""How many keys of one function are remembered; of each, the last thing that happened."""

VERSIONS: Final = 8
"""How many versions of one function's code are remembered."""


class Loss(enum.Enum):
    """Why a result was never kept, or is of no use here."""

    TOO_LARGE = "too large"
    FAILED = "failed"
    NOT_REPLAYABLE = "not replayable"
    NOT_RESTORED = "not restored"
    CODE_CHANGED = "its code changed meanwhile"
    FILE_CHANGED = "a file changed meanwhile"
    CLEARED_MEANWHILE = "cleared meanwhile"
    ELSEWHERE = "displayed elsewhere"


@dataclass(frozen=True, slots=True)
class Cause:
    """The call that an entry had to make room for."""

    function: str
    ident: Ident


@dataclass(frozen=True, slots=True)
class Event:
    """The last that happened to the result of one call. Holds no value and no argument object."""

    what: Removal | Loss
    at: float
    """Seconds since the epoch."""
    note: str = ""
    """What is to be told besides: an error, a size."""
    bound: Bound | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a function's code."""

    digest: bytes
    parts: tuple[Part, ...]


def ident_of(key: Any) -> Ident:
    """What identifies a call without keeping anything of its function alive."""
    code, *rest = call_key(key)
    if rest and isinstance(rest[-1], bytes):
        rest[-1] = bytes(rest[-1])  # a digest without its parts
    return (code.digest, *rest)


class History:
    """The last events and versions of one function, of each at most so many. It has no lock."""

    __slots__ = ("_events", "_versions", "forgotten")

    def __init__(self) -> None:
        self._events: dict[Ident, Event] = {}
        self._versions: dict[bytes, Version] = {}
        self.forgotten = False
        """Whether there was more than is remembered."""

    def note(self, key: Key, event: Event) -> None:
        """Remember what happened to the result under ``key``."""
        ident = ident_of(key)
        self._events.pop(ident, None)
        self._events[ident] = event
        if len(self._events) > EVENTS:
            self._events.pop(next(iter(self._events)))
            self.forgotten = True

    def event(self, ident: Ident) -> Event | None:
        """The last that happened to the result of a call, as far as is remembered."""
        return self._events.get(ident)

    def note_version(self, digest: bytes, parts: tuple[Part, ...]) -> None:
        """Remember a version of the code; it is the latest."""
        self._versions.pop(digest, None)
        self._versions[digest] = Version(digest, parts)
        if len(self._versions) > VERSIONS:
            self._versions.pop(next(iter(self._versions)))

    @property
    def versions(self) -> list[Version]:
        """The versions of the code, the latest first."""
        return list(self._versions.values())[::-1]
