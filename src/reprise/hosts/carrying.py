"""What a widget holds on to, carried from the call that made it to another call.

Callbacks and their arguments reach into the run that made them: its globals, its arguments, the
objects of its user. A later call, perhaps of another user, must get callbacks that reach into its
own. So of each such value it is kept how to make it for a call: what stands among the arguments or
the globals is looked up there, functions are bound to the globals of then, plain data is copied.
"""

from __future__ import annotations

import copy
import enum
import functools
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from reprise.errors import RepriseError
from reprise.hosting import Call
from reprise.hosts.carried import Bound, Carried, Copied, Filled, Found, Keyed, Same, globals_of
from reprise.hosts.containers import find, find_members
from reprise.hosts.inner import Inner, inner_code

_DEEPEST: Final = 20
"""How many values may be inside of one another."""

_CONSTANT: Final = frozenset(
    {type(None), bool, int, float, complex, str, bytes, ModuleType, BuiltinFunctionType}
)


class NotCarriedError(Exception):
    """A value belongs to the call that made it, and no other can be given one like it."""


def not_carried(value: object) -> Carried:
    """Refuse: there is no way to make it for another call.

    Raises:
        NotCarriedError: always.
    """
    raise NotCarriedError(_named(value))


def _named(value: object) -> str:
    return f"a {type(value).__module__}.{type(value).__qualname__}"


class Carrier:
    """Finds out how values of one call can be made for another.

    Args:
        call: The call that the values belong to.
        closed: Tells what of its arguments and globals is not looked into.
        own: Tells what is the same for all, as modules are.
        is_part: Tells what is a part of a page, and so never copied.
        carry_part: Says how such a part is made for another call.
    """

    def __init__(
        self,
        call: Call,
        closed: Callable[[object], bool],
        own: Callable[[object], bool],
        is_part: Callable[[object], bool] = lambda _: False,
        carry_part: Callable[[Any], Carried] = not_carried,
    ) -> None:
        self._call = call
        self._closed = closed
        self._own = own
        self._is_part = is_part
        self._carry_part = carry_part
        self._known: dict[int, tuple[object, Carried]] = {}

    def carry(self, value: Any, depth: int = 0) -> Carried:
        """How to make ``value``.

        Raises:
            NotCarriedError: it is not known how.
        """
        if type(value) in _CONSTANT or self._own(value):
            return Same(value)
        if depth > _DEEPEST:
            raise NotCarriedError("something that holds itself")
        known = self._known.get(id(value))
        if known is None:
            # The value is kept alive: another one could get its id.
            known = self._known[id(value)] = (value, self._carry(value, depth + 1))
        return known[1]

    def _carry(self, value: Any, depth: int) -> Carried:
        kind = type(value)
        if kind is tuple:
            return self._filled(tuple, value, depth)
        code = inner_code(value, self._call) if kind is FunctionType else None
        if code is not None:  # wherever it stands, too: a later call does not run, and has put none
            return Inner(code, *self._held(value, depth))
        paths = find(self._call, lambda other: other is value, self._closed)
        if paths:
            return Found(paths)
        if self._is_part(value):
            return self._carry_part(value)
        if issubclass(kind, type):
            return Same(value)
        return self._taken_apart(value, kind, depth)

    def _taken_apart(self, value: Any, kind: type, depth: int) -> Carried:
        if issubclass(kind, enum.Enum):
            # A script makes its classes anew on each run, and then no member is the same.
            return self._filled(lambda parts: parts[0][value.name], (kind,), depth)
        if kind in {list, set, frozenset}:
            return self._filled(kind, value, depth)
        if kind is dict:
            return Keyed(tuple(value), tuple(self.carry(part, depth) for part in value.values()))
        if kind is FunctionType:
            return self._function(value, depth)
        if kind is MethodType:
            return self._filled(
                lambda parts: MethodType(*parts), (value.__func__, value.__self__), depth
            )
        if kind is functools.partial:
            parts = (value.func, value.args, value.keywords)
            return self._filled(_partial, parts, depth)
        return self._copied(value)

    def _filled(self, build: Callable[[list[Any]], Any], parts: Any, depth: int) -> Carried:
        return Filled(build, tuple(self.carry(part, depth) for part in parts))

    def _function(self, value: FunctionType, depth: int) -> Carried:
        own_globals = value.__globals__ is not globals_of(self._call)
        if own_globals and "<locals>" not in value.__qualname__:
            paths = find_members(self._call, value)
            return Found(paths) if paths else Same(value)
        return Bound(value, *self._held(value, depth), own_globals)

    def _held(
        self, value: FunctionType, depth: int
    ) -> tuple[tuple[Carried, ...], Carried, Carried]:
        """What it has in its cells, and for defaults."""
        try:
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
        except ValueError as error:
            raise NotCarriedError("a variable that has no value yet") from error
        defaults = self.carry(value.__defaults__, depth), self.carry(value.__kwdefaults__, depth)
        return tuple(self.carry(cell, depth) for cell in cells), *defaults

    def _copied(self, value: Any) -> Carried:
        what = _named(value)
        inside = Call(len, {"value": value})
        if self._closed(value) or find(inside, self._is_part, self._closed):
            raise NotCarriedError(what)
        try:
            duplicate = copy.deepcopy(value)
            equal = self._call.digest("copy", duplicate) == self._call.digest("copy", value)
        except (RepriseError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise NotCarriedError(what) from error
        if not equal:
            raise NotCarriedError(what)
        return Copied(duplicate)


def _partial(parts: list[Any]) -> functools.partial[Any]:
    function, args, keywords = parts
    return functools.partial(function, *args, **keywords)
