"""State: what the code that is reached changes, and does not read.

A function that counts its runs in a global would never hit if that counter took part in its
fingerprint; and since nothing is made of it, no result can depend on it. What is changed *and* read
is an input like any other.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, Final, TypeAlias

from reprise.keys.code.chains import CHANGING, RAISING, TELLING, Chain, Root
from reprise.keys.code.facts import facts
from reprise.keys.code.parts import where
from reprise.keys.code.places import places
from reprise.keys.code.watch import ABSENT, content_of

Key: TypeAlias = tuple[int, str]
"""A namespace and a name, or a cell and nothing."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What a chain leads to."""

    key: Key
    value: Any
    rest: tuple[str, ...]


class State:
    """What was seen to change, and to be read, so far."""

    __slots__ = ("_changed", "_handles", "_read", "_tried")

    def __init__(self) -> None:
        self._changed: dict[Key, str] = {}
        self._read: set[Key] = set()
        self._tried: set[Key] = set()
        self._handles = False

    def changed_at(self, owner: object, name: str = "") -> str | None:
        """File and line of the code that changes what nothing reads; ``None`` for all else.

        Args:
            owner: A namespace, or the cell of a variable.
            name: A name in that namespace.
        """
        key = (id(owner), name)
        # Whether a change raises tells what is there, to somebody who catches it.
        told = key in self._read or (self._handles and key in self._tried)
        return None if told else self._changed.get(key)

    def note(
        self, code: CodeType, namespace: dict[str, Any], cells: Mapping[str, CellType]
    ) -> None:
        """Note what ``code`` changes and reads, whose globals and closure are given."""
        named = facts(code).references
        self._handles = self._handles or named.handles

        def keys(chains: tuple[Chain, ...], counts: Callable[[_Target], bool]) -> Iterator[Key]:
            for chain in chains:
                for target in _targets(chain, namespace, cells):
                    if counts(target):
                        yield target.key

        for key in (*keys(named.writes, _is_bound), *keys(named.changes, _is_container)):
            self._changed.setdefault(key, where(code))
        self._tried.update(keys(named.tries, _may_raise))
        self._read.update(keys(named.reads, _gives_something))


def _targets(
    chain: Chain, namespace: dict[str, Any], cells: Mapping[str, CellType]
) -> Iterator[_Target]:
    if chain.root is Root.FREE:
        if chain.name in cells:
            cell = cells[chain.name]
            yield _Target((id(cell), ""), content_of(cell), chain.attributes)
        return
    along = list(places(chain, namespace))
    if along:
        yield _Target(along[-1].key, along[-1].value, along[-1].rest)


def _is_container(target: _Target) -> bool:
    """Whether it is one of Python's own: of any other class a method may mean anything."""
    items: list[object] = [target.value]
    for step in target.rest[:-1]:
        if step == "[]":  # then all that is in there must be Python's own too
            items = [inner for item in items for inner in _items(item)]
    return type(target.value) in _CONTAINERS and all(type(one) in _PLAIN for one in items)


def _items(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(dict.values(value))
    return list(value) if isinstance(value, list | deque) else []


def _is_bound(target: _Target) -> bool:
    """Whether a name is bound, or an attribute where that does nothing else."""
    cls: Any = type(target.value)
    if not target.rest:
        # Only of Python's own types is it known what += does. The name of a function or a class
        # goes on standing for that, whatever is bound as well.
        return target.value is ABSENT or cls in _PLAIN
    plain = cls.__setattr__ is object.__setattr__ and not issubclass(cls, ModuleType | type)
    one = len(target.rest) == 1 and not hasattr(cls, target.rest[0])
    return plain and one and cls is not FunctionType


def _may_raise(target: _Target) -> bool:
    last = target.rest[-1]
    method = target.rest[-2] if last == "()" and len(target.rest) > 1 else last
    return method in RAISING and type(target.value) not in (Counter, defaultdict)


def _gives_something(target: _Target) -> bool:
    """Whether it is not the result of a method such as ``append``, which is ``None``."""
    method, called = ("", "", *target.rest)[-2:]
    changes = method in CHANGING - TELLING and called == "()"
    return not (changes and set(target.rest[:-2]) <= {"[]"} and _is_container(target))


_CONTAINERS: Final = frozenset(
    {list, dict, set, bytearray, deque, Counter, defaultdict, OrderedDict}
)
_PLAIN: Final = _CONTAINERS | {type(None), bool, int, float, complex, str, bytes, tuple, frozenset}
"""Python's own types, of which it is known what their operators and methods do."""
