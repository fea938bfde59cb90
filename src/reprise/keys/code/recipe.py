"""What a script must have made for a fingerprint to hold again, told without keeping any of it.

Each rerun of a script makes its functions anew, out of the very same code objects. To find that
nothing else changed either costs a comparison for each name, a tenth of what another fingerprint
costs. A recipe knows code objects, plain data and modules (weakly: they may be replaced). Where a
function reaches anything else of the script's (its classes, objects with a content), there is
none, and it is taken up anew.
"""

from __future__ import annotations

import marshal
import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final, TypeAlias

from reprise.keys.code import functions
from reprise.keys.code.places import Place
from reprise.keys.code.watch import ABSENT, Watch, is_frozen, is_plain
from reprise.keys.packages import is_installed, version_of

_PLAIN: Final = (type(None), bool, int, str, bytes)
"""Types whose equal values are the same value. Floats are not among them: 0.0 == -0.0."""

Spaces: TypeAlias = list[dict[str, Any]]
"""Namespaces: the globals of the function itself, the loaded modules, and those of modules."""

Check: TypeAlias = Callable[[Any, Spaces, Watch], bool]
"""Whether a value is what it was; if so, what can change in it is watched from now on."""


class _NoRecipeError(Exception):
    """Something is reached that a recipe cannot tell of."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the names that one function reaches stand for."""

    name: str
    """The module's that the function stands in."""
    root: Check
    modules: tuple[weakref.ref[ModuleType], ...]
    names: tuple[tuple[int, str, Check], ...]
    """The number of a namespace, a name in it, and what stands there."""
    state: tuple[tuple[int, str, type], ...]
    """Names that count nothing, and the builtin type that makes it so."""
    versions: tuple[tuple[str, str], ...]
    """Packages with their versions."""

    def watch(self, function: FunctionType) -> Watch | None:
        """A watch over what ``function`` reaches, or ``None`` if that is not as the recipe says."""
        try:
            return self._followed(function)
        except _NoRecipeError:
            return None

    def _followed(self, function: FunctionType) -> Watch | None:
        watch, spaces = Watch(), [function.__globals__, sys.modules]
        for reference in self.modules:
            module = reference()
            if module is None:
                return None
            spaces.append(vars(module))
        if spaces[0].get("__name__") != self.name or not self.root(function, spaces, Watch()):
            return None
        for number, name, check in self.names:
            value = spaces[number].get(name, ABSENT)
            if not check(value, spaces, watch):
                return None
            watch.name(spaces[number], name, value)
        for number, name, cls in self.state:
            if type(spaces[number].get(name)) is not cls:
                return None
        return watch if all(version_of(one) == known for one, known in self.versions) else None


def recipe_of(
    function: FunctionType, places: Iterable[Place], state: Iterable[Place], packages: Iterable[str]
) -> Recipe | None:
    """The recipe of what was reached, or ``None`` where it cannot be told.

    Args:
        function: Where the reach began.
        places: The names that count.
        state: The names that count nothing.
        packages: Installed packages that count by their versions.
    """
    spaces: Spaces = [function.__globals__, sys.modules]
    try:
        root = _function(function, spaces)
        names = [(_number(spaces, p.namespace), p.name, _check(p.value, spaces)) for p in places]
        changed = [(_number(spaces, p.namespace), p.name, _builtin(p.value)) for p in state]
        modules = [_module(space) for space in spaces[2:]]
    except _NoRecipeError:
        return None
    versions = tuple((package, version_of(package)) for package in packages)
    own = str(function.__globals__.get("__name__"))
    return Recipe(own, root, tuple(modules), tuple(names), tuple(changed), versions)


def _number(spaces: Spaces, namespace: dict[str, Any]) -> int:
    for number, space in enumerate(spaces):
        if space is namespace:
            return number
    spaces.append(namespace)
    return len(spaces) - 1


def _module(namespace: dict[str, Any]) -> weakref.ref[ModuleType]:
    module = sys.modules.get(str(namespace.get("__name__")))
    if module is None or vars(module) is not namespace:
        raise _NoRecipeError
    return weakref.ref(module)


def _builtin(value: object) -> type:
    if type(value).__module__ != "builtins":
        raise _NoRecipeError
    return type(value)


def _check(value: Any, spaces: Spaces) -> Check:
    cls = type(value)
    if value is ABSENT:
        return lambda now, _, __: now is ABSENT
    if cls is ModuleType:
        module = weakref.ref(value)
        return lambda now, _, __: now is module()
    if cls in _PLAIN:
        return lambda now, _, __: type(now) is cls and now == value
    if cls is FunctionType:
        return _function(value, spaces)
    fixed = isinstance(value, type | BuiltinFunctionType) and is_frozen(value)
    if fixed and is_installed(value.__module__):
        return lambda now, _, __: now is value  # a library's function or class
    return _data(value)


def _data(value: Any) -> Check:
    cls, dumped = type(value), _dump(value)

    def check(now: Any, _: Spaces, watch: Watch) -> bool:
        return type(now) is cls and watch.dump(now, dumped)

    return check


def _dump(value: Any) -> bytes:
    if not is_plain(value):
        raise _NoRecipeError
    return marshal.dumps(value, 2)


def _function(function: FunctionType, spaces: Spaces) -> Check:
    if functions.is_wrapper(function):
        if len(functions.behind(function)) > 1:
            raise _NoRecipeError
        inner = _function(function.__wrapped__, spaces)  # type: ignore[attr-defined]
        return lambda now, spaces, watch: (
            type(now) is FunctionType
            and functions.is_wrapper(now)
            and inner(now.__wrapped__, spaces, watch)  # type: ignore[attr-defined]
        )
    if functions.is_library(function) and not function.__closure__:
        return lambda now, _, __: now is function
    if function.__closure__ or vars(function):  # attributes are another run's to set
        raise _NoRecipeError
    number, code = _number(spaces, function.__globals__), weakref.ref(function.__code__)
    name, module, defaults = function.__qualname__, function.__module__, _defaults(function)

    def check(now: Any, spaces: Spaces, watch: Watch) -> bool:
        same = (
            type(now) is FunctionType
            and now.__code__ is code()
            and now.__globals__ is spaces[number]
            and now.__qualname__ == name
            and now.__module__ == module
            and _defaults(now) == defaults
            and not vars(now)
        )
        if same:
            watch.function(now)
        return same

    return check


def _defaults(function: FunctionType) -> bytes | None:
    """The default values of a function; only such as never change."""
    if function.__defaults__ is None and function.__kwdefaults__ is None:
        return None
    values = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).items())
    if not is_frozen(values):
        raise _NoRecipeError
    return _dump(values)
