"""Encoders for functions, methods, classes and modules: by name and code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.code.bytecode import code_digest
from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, text
from reprise.keys.identity import identity_of
from reprise.keys.names import type_name

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def function(value: FunctionType, walk: Walk) -> bytes:
    """Name, code, defaults and closure."""
    named = [part for name, data in function_parts(value, walk) for part in (text(name), data)]
    return frame("function", named)


def function_parts(value: FunctionType, walk: Walk) -> Iterator[tuple[str, bytes]]:
    """What a function is made of, each part with its name.

    Defaults and what the function closes over join by value where they have an encoding, else by
    identity: a connection in a closure is no reason to refuse the function, but another
    connection makes it another function.
    """
    yield "name", text(f"{value.__module__}.{value.__qualname__}")
    yield "code", leaf("code", code_digest(value.__code__))
    with walk.leniently():
        positional = value.__defaults__ or ()
        names = value.__code__.co_varnames[: value.__code__.co_argcount]
        for name, default in zip(names[len(names) - len(positional) :], positional, strict=True):
            yield f"default {name}", _joined(default, walk)
        for name, default in sorted((value.__kwdefaults__ or {}).items()):
            yield f"default {name}", _joined(default, walk)
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
            yield f"closure {name}", _cell(cell, walk)
        # A decorator that reaches its function by other ways than its closure, as ours do.
        if hasattr(value, "__wrapped__"):
            yield "wrapped", walk(value.__wrapped__)


def _cell(cell: Any, walk: Walk) -> bytes:
    try:
        content = cell.cell_contents
    except ValueError:  # a variable that is assigned later
        return leaf("empty", b"")
    return _joined(content, walk)


def _joined(value: object, walk: Walk) -> bytes:
    try:
        return walk(value)
    except RecursionError:  # nested too deeply: then all of it counts as the object that it is
        return leaf("identity", identity_of(value))


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
    return frame("partial", [walk(value.func), walk(value.args), walk(value.keywords)])


def code(value: CodeType, _: Walk) -> bytes:
    """A compiled piece of code."""
    return leaf("code", code_digest(value))


def module(value: ModuleType, _: Walk) -> bytes:
    """Name."""
    return leaf("module", value.__name__.encode())


def type_(value: type, walk: Walk) -> bytes:
    """Module and qualified name; where code is encoded, the code of the user's own methods too."""
    name = text(type_name(value))
    if not walk.lenient or is_installed(value.__module__):
        return frame("type", [name])
    bases = [walk(base) for base in value.__bases__]
    methods = [part for pair in _methods(value, walk) for part in pair]
    return frame("class", [name, *bases, frame("methods", methods)])


def _methods(cls: type, walk: Walk) -> Iterator[tuple[bytes, bytes]]:
    for name, attribute in sorted(vars(cls).items()):
        for function_ in _functions_of(attribute):
            yield text(name), walk(function_)


def _functions_of(attribute: Any) -> Iterator[Callable[..., Any]]:
    if isinstance(attribute, FunctionType):
        yield attribute
    elif isinstance(attribute, classmethod | staticmethod):
        yield attribute.__func__
    elif isinstance(attribute, property):
        yield from filter(None, (attribute.fget, attribute.fset, attribute.fdel))
    else:
        for name in ("func", "__wrapped__"):  # of a cached_property; of a cached method
            inner = getattr(attribute, name, None)
            if isinstance(inner, FunctionType):
                yield inner


def ufunc(value: Any, _: Walk) -> bytes:
    """A ufunc of numpy's or of another package's, by name."""
    name: str = value.__name__
    for package in ("numpy", "scipy.special"):
        if getattr(sys.modules.get(package), name, None) is value:
            return leaf("ufunc", f"{package}.{name}".encode())
    raise UnencodableError("no module offers this ufunc under its name")


def is_installed(module_name: str) -> bool:
    """Whether a module is Python's own or an installed package's, rather than the user's.

    >>> is_installed("json"), is_installed("blake3"), is_installed("__main__")
    (True, True, False)
    """
    # Behind the name __main__ stands the script, or what runs it: one session's, another's.
    if module_name == "__main__":
        return False
    package = module_name.partition(".")[0]
    path = getattr(sys.modules.get(package), "__file__", None)
    if path is None:  # built in, or frozen
        return package in sys.stdlib_module_names
    return path.startswith(_LIBRARY) or any(place in path for place in _INSTALLED)


_LIBRARY: Final = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 - compared as text
_INSTALLED: Final = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
