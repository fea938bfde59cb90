"""Where names lead: from a chain of attributes to the namespace that holds what it ends at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec, resolve_name
from types import FunctionType, ModuleType
from typing import Any

from reprise.keys.code.chains import Chain, Root
from reprise.keys.code.watch import ABSENT
from reprise.keys.packages import is_installed, is_installed_file


@dataclass(frozen=True, slots=True)
class Place:
    """A name in a namespace: in the globals of a script, or in a module of the user's."""

    namespace: dict[str, Any]
    name: str
    rest: tuple[str, ...] = ()
    """Attributes of what stands there."""
    label: str = ""
    """What the namespace is called, if it does not say so itself."""

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from all others, for as long as the namespace lives."""
        return id(self.namespace), self.name

    @property
    def value(self) -> Any:
        """What stands there, or ``ABSENT``."""
        return self.namespace.get(self.name, ABSENT)


def places(chain: Chain, namespace: dict[str, Any]) -> Iterator[Place]:
    """The places that a chain leads along: in modules of the user's, in attributes of functions.

    There are none for what is not a global or an import.

    Args:
        chain: What the code names.
        namespace: The globals of the code that holds it.
    """
    names = (chain.name, *chain.attributes)
    if chain.root in (Root.FREE, Root.FIRST):
        return
    if chain.root is Root.IMPORT:
        module = imported(chain.name, namespace)
        if module is None or is_installed(module.__name__):
            return
        namespace, names = sys.modules, (module.__name__, *chain.attributes)
    while names:
        place = Place(namespace, names[0], names[1:])
        yield place
        if type(place.value) is FunctionType and place.rest:
            yield from _attribute(place.value, place.rest)
        if not (is_own_module(place.value) and place.rest):
            return
        namespace, names = vars(place.value), place.rest
        if chain.root is Root.IMPORT and names[0] not in namespace:
            imported(f".{names[0]}", namespace)  # "from package import module"
        if names[0] not in namespace and "__getattr__" in namespace:
            yield Place(namespace, "__getattr__")  # which makes up what is not there


def _attribute(function: FunctionType, names: tuple[str, ...]) -> Iterator[Place]:
    if names[0] in vars(function):
        label = f"{function.__module__}.{function.__qualname__}"
        yield Place(vars(function), names[0], names[1:], label)


def is_own_module(value: object) -> bool:
    """Whether ``value`` is a module of the user's."""
    # By the type: of an object that stands for another the class may be a lie.
    return issubclass(type(value), ModuleType) and not is_installed(vars(value).get("__name__"))


def imported(name: str, namespace: dict[str, Any]) -> ModuleType | None:
    """The module that an import statement names; loaded now if it is the user's.

    What the function would import when it runs must be known before, for it is a part of its code.
    An installed package is not loaded for that: it counts by its version.
    """
    full = absolute(name, namespace)
    if full is None:
        return None
    if full not in sys.modules and not is_installed_yet(full):
        try:
            __import__(full)
        except Exception:  # noqa: BLE001 - it is the function's to raise, or to catch, when it runs
            return None
    return sys.modules.get(full)


def absolute(name: str, namespace: dict[str, Any]) -> str | None:
    """The full name of a module that an import statement names with or without dots."""
    if not name.startswith("."):
        return name
    package = namespace.get("__package__") or str(namespace.get("__name__")).rpartition(".")[0]
    try:
        return resolve_name(name, package)
    except ImportError:
        return None


def is_installed_yet(name: str) -> bool:
    """Whether a module that is not loaded belongs to Python or an installed package."""
    package = name.partition(".")[0]
    if package in sys.modules or package in sys.stdlib_module_names:
        return is_installed(package)
    try:
        spec = find_spec(package)
    except (ImportError, ValueError, AttributeError):
        return False
    places = () if spec is None else (spec.origin, *(spec.submodule_search_locations or ()))
    return any(place is not None and is_installed_file(place + "/") for place in places)
