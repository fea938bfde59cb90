"""State: what the code that is reached changes, and does not read.

A function that counts its runs in a global would never hit if that counter took part in its
fingerprint; and since nothing is made of it, no result can depend on it. What is changed *and* read
is an input like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, Final, TypeAlias

from reprise.keys.code.facts import facts
from reprise.keys.code.parts import where
from reprise.keys.code.places import places
from reprise.keys.code.sketch import CHANGING, TELLING, Chain, Root
from reprise.keys.code.watch import content_of
from reprise.keys.packages import is_installed

Key: TypeAlias = tuple[int, str]
"""A namespace and a name, or a cell and nothing."""

_DEEPEST: Final = 8
"""Methods that call methods of the same object are followed so far."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What a chain leads to."""

    key: Key
    value: Any
    rest: tuple[str, ...]


class State:
    """What was seen to change, and to be read, so far."""

    __slots__ = ("_changed", "_read")

    def __init__(self) -> None:
        self._changed: dict[Key, str] = {}
        self._read: set[Key] = set()

    def changed_at(self, owner: object, name: str = "") -> str | None:
        """File and line of the code that changes what nothing reads; ``None`` for all else.

        Args:
            owner: A namespace, or the cell of a variable.
            name: A name in that namespace.
        """
        key = (id(owner), name)
        return None if key in self._read else self._changed.get(key)

    def note(
        self, code: CodeType, namespace: dict[str, Any], cells: Mapping[str, CellType]
    ) -> None:
        """Note what ``code`` changes and reads, whose globals and closure are given."""
        named = facts(code).references
        at = where(code)
        for chain in named.writes:
            for target in _targets(chain, namespace, cells):
                self._changed.setdefault(target.key, at)
        for chain in (*named.changes, *(one for one in named.loads if one.attributes)):
            for target in _targets(chain, namespace, cells):
                if _is_changed(target, by_item=chain in named.changes):
                    self._changed.setdefault(target.key, at)
        for chain in named.reads:
            for target in _targets(chain, namespace, cells):
                if not _gives_nothing(target):
                    self._read.add(target.key)


def _targets(
    chain: Chain, namespace: dict[str, Any], cells: Mapping[str, CellType]
) -> Iterator[_Target]:
    if chain.root is Root.FIRST:
        return
    if chain.root is Root.FREE:
        if chain.name not in cells:
            return
        cell = cells[chain.name]
        key, value, rest = (id(cell), ""), content_of(cell), chain.attributes
    else:
        along = list(places(chain, namespace))
        if not along:
            return
        key, value, rest = along[-1].key, along[-1].value, along[-1].rest
    if not isinstance(value, ModuleType | type | FunctionType):
        yield _Target(key, value, rest)


def _is_changed(target: _Target, *, by_item: bool) -> bool:
    """Whether what looks like a change is one: with a class of the user's its code decides."""
    if len(target.rest) == 1 and _is_own(target.value):
        return target.rest[0] == "[]" or _method_changes(type(target.value), target.rest[0], ())
    return by_item


def _gives_nothing(target: _Target) -> bool:
    """Whether it is the result of a method such as ``append``, which is ``None``."""
    method, called = ("", "", *target.rest)[-2:]
    if called != "()" or method not in CHANGING - TELLING:
        return False
    return not (_is_own(target.value) and len(target.rest) == 2)


def _is_own(value: object) -> bool:
    return not is_installed(type(value).__module__) and type(value).__module__ != "builtins"


def _method_changes(cls: type, name: str, calling: tuple[str, ...]) -> bool:
    """Whether a method changes the object that it is called on."""
    function = next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)
    if not isinstance(function, FunctionType) or name in calling or len(calling) > _DEEPEST:
        return False
    named = facts(function.__code__).references
    if any(chain.root is Root.FIRST for chain in named.writes):
        return True
    own = [chain for chain in named.changes if chain.root is Root.FIRST]
    if any(len(chain.attributes) > 1 or chain.attributes[0] == "[]" for chain in own):
        return True
    return any(
        _method_changes(cls, chain.attributes[0], (*calling, name))
        for chain in (*named.loads, *own)
        if chain.root is Root.FIRST and chain.attributes
    )
