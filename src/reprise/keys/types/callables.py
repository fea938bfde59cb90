"""Encoders for functions, methods, classes and modules: by name and code."""

from __future__ import annotations

import sys
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reprise.keys.code.facts import facts
from reprise.keys.code.functions import is_wrapper
from reprise.keys.code.root import class_digest, of_callable
from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, text
from reprise.keys.names import type_name
from reprise.keys.packages import is_installed_class

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def function(value: FunctionType, walk: Walk) -> bytes:
    """What it does, all that it reaches, and its attributes."""
    if walk.reach is not None:
        return walk.reach.function(value)
    code = leaf("code", of_callable(value, walk.encoders.plain).digest)
    own = {} if is_wrapper(value) else {k: v for k, v in vars(value).items() if k != "__wrapped__"}
    return frame("function", [code, walk(own)] if own else [code])


def wrapper(value: Any, walk: Walk) -> bytes:
    """The function behind an object that caches it, whose machinery is no part of its meaning."""
    return frame("wrapper", [walk(value.__wrapped__)])


def function_holder(value: Any, walk: Walk) -> bytes:
    """A ``classmethod`` or ``staticmethod`` object."""
    return frame(type(value).__name__, [walk(value.__func__)])


def method(value: Any, walk: Walk) -> bytes:
    """A function and the object that it is bound to."""
    return frame("method", [walk(value.__func__), walk(value.__self__)])


def builtin(value: Any, walk: Walk) -> bytes:
    """Module and name, and the object that it is bound to."""
    owner = value.__self__
    bound = None if owner is None or isinstance(owner, ModuleType) else owner
    return frame("builtin", [text(f"{value.__module__}.{value.__qualname__}"), walk(bound)])


def descriptor(value: Any, walk: Walk) -> bytes:
    """A method of a class written in C, such as ``str.lower``."""
    return frame("descriptor", [walk(value.__objclass__), text(value.__name__)])


def partial(value: Any, walk: Walk) -> bytes:
    """The function and the arguments that it was given."""
    parts = (value.func, value.args, value.keywords, *([vars(value)] if vars(value) else []))
    return frame("partial", [walk(part) for part in parts])


def code(value: CodeType, _: Walk) -> bytes:
    """A compiled piece of code."""
    return facts(value).encoding


def module(value: ModuleType, walk: Walk) -> bytes:
    """Name; as a part of code, what it says or which version it has."""
    if walk.reach is not None:
        return walk.reach.module(value)
    return leaf("module", value.__name__.encode())


def type_(value: type, walk: Walk) -> bytes:
    """Module and qualified name, and the code of a class of the user's."""
    if walk.reach is not None:
        return walk.reach.cls(value)
    name = text(type_name(value))
    if is_installed_class(value):
        return frame("type", [name])
    return frame("class", [name, leaf("code", class_digest(value, walk.encoders.plain))])


def ufunc(value: Any, _: Walk) -> bytes:
    """A ufunc of numpy's or of another package's, by name."""
    name: str = value.__name__
    for package in ("numpy", "scipy.special"):
        if getattr(sys.modules.get(package), name, None) is value:
            return leaf("ufunc", f"{package}.{name}".encode())
    raise UnencodableError("no module offers this ufunc under its name")
