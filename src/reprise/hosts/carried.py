"""How values of one call are made for another: what :mod:`reprise.hosts.carrying` finds out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any, Protocol

from reprise.hosting import Call
from reprise.hosts.containers import Path, follow


class Carried(Protocol):
    """How to make a value for another call."""

    def make(self, call: Call) -> Any:
        """The value for ``call``.

        Raises:
            LookupError: something that it is made of is not there.
        """
        ...


@dataclass(frozen=True, slots=True)
class Same:
    """What is the same for every call."""

    value: Any

    def make(self, call: Call) -> Any:  # noqa: ARG002 - it is the same for every call
        """That."""
        return self.value


@dataclass(frozen=True, slots=True)
class Copied:
    """What the function made of data alone: each call has one of its own."""

    value: Any

    def make(self, call: Call) -> Any:  # noqa: ARG002 - it is equal for every call
        """A copy."""
        return copy.deepcopy(self.value)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands among the arguments, or under a name that the function uses.

    Where it stood in several places, nobody can tell which of them was meant if a later call has
    different things there.
    """

    paths: tuple[Path, ...]

    def make(self, call: Call) -> Any:
        """What stands there in ``call``."""
        first, *others = (follow(path, call) for path in self.paths)
        if any(other is not first for other in others):
            raise LookupError("different things stand in these places")
        return first


@dataclass(frozen=True, slots=True)
class Filled:
    """A list, tuple or set, a call of ``partial``, a bound method: what has parts."""

    build: Callable[[list[Any]], Any]
    parts: tuple[Carried, ...]

    def make(self, call: Call) -> Any:
        """One made of the parts for ``call``."""
        parts = [part.make(call) for part in self.parts]
        try:
            return self.build(parts)
        except TypeError as error:  # what stands there now cannot be in a set, say
            raise LookupError("nothing can be made of what is there") from error


@dataclass(frozen=True, slots=True)
class Keyed:
    """A dictionary."""

    keys: tuple[Any, ...]
    parts: tuple[Carried, ...]

    def make(self, call: Call) -> dict[Any, Any]:
        """One made of the parts for ``call``."""
        return {key: part.make(call) for key, part in zip(self.keys, self.parts, strict=True)}


@dataclass(frozen=True, slots=True)
class Bound:
    """A function that was defined inside of another one."""

    function: FunctionType
    """It is called no more; what it holds is in the cells."""
    cells: tuple[Carried, ...]
    defaults: Carried
    kwdefaults: Carried
    own_globals: bool
    """Whether its module is another than the cached function's."""

    def make(self, call: Call) -> FunctionType:
        """The same code with what ``call`` has for its globals, cells and defaults."""
        old = self.function
        there = old.__globals__ if self.own_globals else globals_of(call)
        cells = tuple(CellType(cell.make(call)) for cell in self.cells)
        new = FunctionType(old.__code__, there, old.__name__, self.defaults.make(call), cells)
        new.__kwdefaults__ = self.kwdefaults.make(call)
        new.__qualname__, new.__module__, new.__doc__ = (
            *(old.__qualname__, old.__module__),
            old.__doc__,
        )
        return new


def globals_of(call: Call) -> dict[str, Any]:
    """The globals of the function that is called; empty for what has none."""
    found: dict[str, Any] = getattr(call.function, "__globals__", {})
    return found
