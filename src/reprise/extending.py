"""``reprise.register_encoder()``: teaching keys about types, for the whole process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from reprise.errors import InvalidOptionError

T = TypeVar("T")


@overload
def register_encoder(kind: type[T], function: Callable[[T], object]) -> Callable[[], None]: ...
@overload
def register_encoder(kind: str, function: Callable[[Any], object]) -> Callable[[], None]: ...
def register_encoder(kind: type | str, function: Callable[[Any], object]) -> Callable[[], None]:
    """Say what stands for values of a type in the keys of all cached functions of the process.

    For types of other packages that have no encoding, and for your own where ``__reprise_key__``
    cannot stand in the class. What is for one function only goes into its ``hash_funcs``, which
    come first, as does ``__reprise_key__``. Subclasses are served too, told apart by their class.
    The code of ``function`` counts as well: once it is edited, nothing is found that it made.

    Registering anew for a type replaces what was there, so that a script that is run again and
    again may call this each time.

    Args:
        kind: The type, or its qualified name as text, such as ``"package.module.Class"``, which
            spares the import.
        function: Takes a value and returns what tells it from every other: numbers, texts, tuples,
            whatever can be an argument itself. Not the value, and not its ``id``.

    Returns:
        A function that undoes it: what was there before serves again.

    Raises:
        InvalidOptionError: ``kind`` is no type or qualified name, or has an encoding that covers
            all of its content already; or ``function`` cannot be called.

    What ``function`` raises when a key is made comes as ``UserHashError``.

    >>> import reprise, threading
    >>> class Robot:
    ...     def __init__(self, name):
    ...         self.name, self.busy = name, threading.Lock()
    >>> @reprise.cache_data
    ... def weigh(robot):
    ...     print("weighing")
    ...     return len(robot.name)
    >>> undo = reprise.register_encoder(Robot, lambda robot: robot.name)
    >>> weigh(Robot("Marvin")), weigh(Robot("Marvin"))
    weighing
    (6, 6)
    >>> undo()
    """
    from reprise.keys.names import type_name
    from reprise.keys.registered import registry

    name = kind if isinstance(kind, str) else _name_of(kind, type_name)
    if not all(part.isidentifier() or part == "<locals>" for part in name.split(".")):
        raise InvalidOptionError(
            f"register_encoder needs the qualified name of a type, not {name!r}:\n\n"
            f'    register_encoder("package.module.Class", lambda value: value.name)'
        )
    if not callable(function):
        raise InvalidOptionError(
            f"register_encoder needs a function that takes the value and returns what stands for "
            f"it, not {function!r}:\n\n"
            f"    register_encoder({_written(kind)}, lambda value: value.name)"
        )
    _refuse_known(kind, name)
    return registry.put(name, function)


def _name_of(kind: object, type_name: Callable[[type], str]) -> str:
    if not isinstance(kind, type):
        raise InvalidOptionError(
            f"register_encoder needs a type or its qualified name, not {kind!r}:\n\n"
            f"    register_encoder({type(kind).__qualname__}, lambda value: value.name)"
        )
    return type_name(kind)


def _refuse_known(kind: type | str, name: str) -> None:
    from reprise.keys.names import package_name
    from reprise.keys.types.tables import has_encoding

    package, _, last = name.rpartition(".")
    package = package.partition(".")[0] or "builtins"
    known = package_name(kind) if isinstance(kind, type) else f"{package}.{last}"
    if kind is object or known == "builtins.object":
        reason = "is every value's base, and an encoder for it would speak for all that there is"
    elif has_encoding(known):
        reason = "has an encoding that covers all of its content"
    else:
        return
    raise InvalidOptionError(
        f"The type {name} {reason}. For one function, something else can stand for it:\n\n"
        f"    @cache_data(hash_funcs={{{_written(kind)}: lambda value: ...}})"
    )


def _written(kind: type | str) -> str:
    return repr(kind) if isinstance(kind, str) else kind.__name__
