"""What was found out about a code object, for as long as that lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import CodeType
from typing import Generic, TypeVar

T = TypeVar("T")


class ByCode(Generic[T]):
    """A dict of code objects that keeps none of them alive.

    By address, not by value: equality of code objects looks at line numbers, and hashing one walks
    through it.
    """

    __slots__ = ("__weakref__", "_known")

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[CodeType], T]] = {}

    def get(self, code: CodeType) -> T | None:
        """What stands there for ``code``, if anything."""
        known = self._known.get(id(code))
        return known[1] if known is not None and known[0]() is code else None

    def set(self, code: CodeType, value: T) -> None:
        """Put something there for ``code``."""
        address = id(code)
        self._known[address] = (weakref.ref(code, lambda dead: self._forget(address, dead)), value)

    def _forget(self, address: int, dead: weakref.ref[CodeType]) -> None:
        known = self._known.get(address)
        if known is not None and known[0] is dead:
            del self._known[address]


class PerCode(Generic[T]):
    """Remembers the answer of ``compute`` for each code object.

    >>> names = PerCode(lambda code: code.co_names)
    >>> names(compile("x + y", "a.py", "eval"))
    ('x', 'y')
    """

    __slots__ = ("_compute", "_known")

    def __init__(self, compute: Callable[[CodeType], T]) -> None:
        self._compute = compute
        self._known: ByCode[T] = ByCode()

    def __call__(self, code: CodeType) -> T:
        """The answer for ``code``."""
        answer = self._known.get(code)
        if answer is None:
            answer = self._compute(code)
            self._known.set(code, answer)
        return answer
