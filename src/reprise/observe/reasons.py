"""Why a call misses: one small class for each reason.

They are told apart by their class, or by ``kind`` in what ``Explanation.to_dict()`` gives. Written
as text, each is one sentence. Times are seconds since the epoch.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, Final


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a call would miss, or did."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class NeverComputed(Reason):
    """No call with these arguments is known."""

    kind: ClassVar[str] = "never computed"
    forgotten: bool = False
    """Whether there was more than is remembered, so that this may be wrong."""

    def __str__(self) -> str:
        if self.forgotten:
            return "never computed with these arguments, as far as is remembered"
        return "never computed with these arguments"


@dataclass(frozen=True, slots=True)
class Expired(Reason):
    """Its time was up."""

    kind: ClassVar[str] = "expired"
    at: float

    def __str__(self) -> str:
        return f"expired at {clock_time(self.at)}"


@dataclass(frozen=True, slots=True)
class Evicted(Reason):
    """It had to make room."""

    kind: ClassVar[str] = "evicted"
    at: float
    bound: str
    """Such as ``max_entries of the function``."""
    by_function: str
    """Whose result took the room; empty where the bound was lowered."""
    by_key: str

    def __str__(self) -> str:
        text = f"evicted at {clock_time(self.at)}, for {self.bound}"
        if not self.by_function:
            return f"{text}, which was lowered"
        return f"{text}, by a call of {self.by_function} (key {self.by_key[:SHORT]})"


@dataclass(frozen=True, slots=True)
class Cleared(Reason):
    """It was cleared."""

    kind: ClassVar[str] = "cleared"
    at: float
    meanwhile: bool = False
    """Whether that was while it was computed, so that it was not kept."""
    session_ended: bool = False

    def __str__(self) -> str:
        if self.session_ended:
            return f"cleared at {clock_time(self.at)}, when its session ended"
        after = ", while it was computed" if self.meanwhile else ""
        return f"cleared at {clock_time(self.at)}{after}"


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of the code that is not what it was."""

    name: str
    before: str
    """The digest, 64 hexadecimal digits; empty where the part is new."""
    after: str
    """The digest now; empty where the part is gone."""
    where: str

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        return f"{self.name}{where} {_from_to(self.before[:SHORT], self.after[:SHORT])}"


@dataclass(frozen=True, slots=True)
class CodeChanged(Reason):
    """The same call was computed, by code that was another."""

    kind: ClassVar[str] = "code changed"
    parts: tuple[PartChange, ...]

    def __str__(self) -> str:
        return f"code changed: {'; '.join(map(str, self.parts)) or 'it is not known what'}"


@dataclass(frozen=True, slots=True)
class ArgumentChange:
    """An argument that is not what it was in the nearest call that is kept."""

    name: str
    before: str
    """The digest, 64 hexadecimal digits; empty where the argument was not there."""
    after: str
    shown_before: str = ""
    """The value in short, where that is known."""
    shown_after: str = ""

    def __str__(self) -> str:
        before = self.shown_before or self.before[:SHORT]
        return f"{self.name} {_from_to(before, self.shown_after or self.after[:SHORT])}"


@dataclass(frozen=True, slots=True)
class ArgumentsChanged(Reason):
    """It was not computed with these arguments, but with some that are near."""

    kind: ClassVar[str] = "arguments changed"
    nearest: str
    """The key of the nearest result that is kept."""
    arguments: tuple[ArgumentChange, ...]
    """Those that differ."""

    def __str__(self) -> str:
        return f"arguments changed: {'; '.join(map(str, self.arguments))}"


@dataclass(frozen=True, slots=True)
class InputChanged(Reason):
    """What it reads while it runs is not what it was in any call whose result is kept."""

    kind: ClassVar[str] = "input changed"
    name: str
    """What it reads, such as ``the widget 'number'``; empty where that is the page it is on."""

    def __str__(self) -> str:
        read = self.name or "the page or form that it is called on"
        return f"{read} has a value that it was not computed with"


@dataclass(frozen=True, slots=True)
class Rejected(Reason):
    """``validate`` rejected it."""

    kind: ClassVar[str] = "validate rejected"
    at: float

    def __str__(self) -> str:
        return f"validate rejected it at {clock_time(self.at)}"


@dataclass(frozen=True, slots=True)
class NotKept(Reason):
    """It was computed, and the result was not kept."""

    kind: ClassVar[str] = "not kept"
    at: float
    why: str

    def __str__(self) -> str:
        return f"not kept at {clock_time(self.at)}: {self.why}"


@dataclass(frozen=True, slots=True)
class Elsewhere(Reason):
    """What it displayed belongs to another place than this call's."""

    kind: ClassVar[str] = "displayed elsewhere"
    realm: str

    def __str__(self) -> str:
        return f"kept for {self.realm}, where it displayed something that cannot be shown here"


@dataclass(frozen=True, slots=True)
class NoKey(Reason):
    """No key can be made, so that the call raises."""

    kind: ClassVar[str] = "no key"
    error: str
    """The class of what it raises."""
    message: str

    def __str__(self) -> str:
        return f"{self.error}: {self.message.partition(chr(10))[0]}"


SHORT: Final = 12
"""Digits of a digest that people get to see."""


def clock_time(at: float) -> str:
    """A moment as people here write it.

    >>> len(clock_time(0.0))
    19
    """
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _from_to(before: str, after: str) -> str:
    if not before:
        return "is new"
    return f"{before} -> {after}" if after else "is gone"
