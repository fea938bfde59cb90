"""The texts of the two errors about keys: what stood where, and code to paste."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any, Final

from reprise.keys.failures import (
    UnencodableError,
    UnreadableFileError,
    UserFunctionError,
)
from reprise.keys.names import short_name, type_name
from reprise.keys.packages import is_installed_class

_IDENTIFYING: Final = frozenset(
    {"dsn", "id", "key", "name", "path", "query", "sql", "uri", "url", "uuid", "version"}
)
"""Names of attributes that may well tell two objects of a class apart."""

_TO_FILL_IN: Final = "<all that tells it from others>"


@dataclass(frozen=True, slots=True)
class Argument:
    """Where a value came in: a parameter, or one keyword of ``**kwargs``."""

    parameter: str
    keyword: str | None = None

    @property
    def label(self) -> str:
        """The name that tells it from all other arguments of the call."""
        return self.parameter if self.keyword is None else f"**{self.keyword}"

    @property
    def name(self) -> str:
        """The name that the caller knows it by."""
        return self.keyword or self.parameter


def unhashable(
    function: str, parameters: Iterable[str], argument: Argument, error: UnencodableError
) -> str:
    """Say which argument has no key, and the three ways out."""
    *holders, _ = reversed(error.trail)
    value = error.trail[0]
    cls = type(value)
    path, found = _path(argument.name, list(reversed(error.trail)))
    inside = "" if found else f", which holds a value of type {short_name(cls)}"
    subject = f"'{path}'" if found else f"'{path}' (of type {short_name(type(holders[0]))})"
    kind = f" (of type {short_name(cls)})" if found else ""
    reason = f": {error.reason}" if error.reason else ""
    return (
        f"Cannot make a key for argument {subject}{kind} of '{function}'{inside}{reason}.\n"
        f"There are three ways out:\n\n{ways_out(function, parameters, argument, error.trail)}"
    )


def unreadable_file(function: str, argument: Argument, error: UnreadableFileError) -> str:
    """Say which file has no content to make a key of, and what to pass instead."""
    name = function.rpartition(".")[2]
    return (
        f"Cannot make a key for argument '{argument.name}' of '{function}', which counts by the "
        f"content of its files: {error.path!r} {error.fault}.\n"
        f"Of a directory, pass the files that are read:\n\n"
        f'    {name}({argument.name}=sorted(Path("...").rglob("*.csv")))\n\n'
        f"What shall not count by its content is not annotated with reprise.File, and not listed "
        f"in files=."
    )


def user_function_failed(function: str, place: str, error: UserFunctionError) -> str:
    """Say which of the user's functions failed, where it stands and what for."""
    return (
        f"{_where(error.function)} {error.fault}.\n"
        f"It was asked for the key of a value of type {short_name(type(error.value))}, "
        f"for {place} of the cached function '{function}'."
    )


def ways_out(
    function: str, parameters: Iterable[str], argument: Argument, trail: list[object]
) -> str:
    """The three ways out of an argument that has no key, or another one each time.

    Args:
        function: The function's name.
        parameters: Its parameters as the user wrote them.
        argument: The argument.
        trail: The value to speak of, then what holds it, outwards.
    """
    value = _to_speak_for(trail)
    cls = type(value)
    # Not id(): addresses are used again, and two values of which the first is gone would be one.
    known = _telling_attributes(value, trail)
    # Where nothing is known there is nothing that runs: pasted as it is, it would be a wrong key.
    telling = ", ".join(f"{{0}}.{name}" for name in known) or _TO_FILL_IN
    if len(known) > 1:
        telling = f"({telling})"
    owned = cls.__qualname__.rpartition(".")[2]
    return (
        f"1. Leave the argument out of the key, by an underscore before its name:\n\n"
        f"       {_renamed(function, parameters, argument)}\n\n"
        f"2. Say all that tells two such values apart, for those that agree in it share a result:"
        f"\n\n"
        f"       hash_funcs={{{_as_code(cls)}: lambda value: {telling.format('value')}}}\n\n"
        f"3. Let the class say so, where it is your own:\n\n"
        f"       class {owned}:\n"
        f"           def __reprise_key__(self):\n"
        f"               return {telling.format('self')}\n"
    )


def _to_speak_for(trail: list[object]) -> object:
    """The value that the user can say something about.

    Of a lock in an object of the user's there is nothing to say, but of the object there is.
    """
    return next((value for value in trail if not is_installed_class(type(value))), trail[0])


def _renamed(function: str, parameters: Iterable[str], argument: Argument) -> str:
    name = function.rpartition(".")[2]
    if argument.keyword is not None:
        return f"{name}(..., _{argument.keyword}=...)"
    written = [
        one[: -len(argument.parameter)] + f"_{argument.parameter}"
        if one.lstrip("*") == argument.parameter
        else one
        for one in parameters
    ]
    return f"def {name}({', '.join(written)}):"


def _as_code(cls: type) -> str:
    """How to write the class: by name as text, unless it is one of the script's own."""
    top_level = "." not in cls.__qualname__
    if cls.__module__ in ("__main__", "builtins") and top_level and cls.__name__.isidentifier():
        return cls.__name__
    return f'"{type_name(cls)}"'


def _telling_attributes(value: object, trail: list[object]) -> list[str]:
    """The attributes to name: the first that could identify the object.

    Of one that holds what has no key it is all the others: none of them may be overlooked.
    """
    try:
        attributes = dict(vars(value))
    except Exception:  # noqa: BLE001 - it has none, or its class raises anything on being asked
        return []
    names = [name for name in attributes if str(name).isidentifier()]
    if value is not trail[0]:
        culprits = set(map(id, trail))
        return [name for name in names if id(attributes[name]) not in culprits]
    return [name for name in names if name.lower() in _IDENTIFYING][:1]


def _where(function: Callable[..., Any]) -> str:
    name = getattr(function, "__qualname__", None) or repr(function)
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return f"The function '{name}'"
    return f"The function '{name}' (File \"{code.co_filename}\", line {code.co_firstlineno})"


def _path(name: str, trail: list[object]) -> tuple[str, bool]:
    """Spell the way from the argument to the value, and whether that was possible to the end.

    Encoders walk through values that they made themselves, such as a dict of attributes. Those
    are not part of the path: what is in them is looked for in what held them.
    """
    holder = reached = trail[0]
    for inner in trail[1:]:
        reached = inner
        try:
            step = _step(holder, inner)
        except Exception:  # noqa: BLE001 - what the user's classes raise must not hide the message
            step = None
        if step is not None:
            name, holder = name + step, inner
    return name, holder is reached


def _step(holder: object, inner: object) -> str | None:
    if isinstance(holder, Mapping):
        for key, item in holder.items():
            if item is inner:
                return f"[{key!r}]"
            if key is inner:
                return ".keys()"
    elif isinstance(holder, list | tuple):
        fields = getattr(holder, "_fields", None)
        for place, item in enumerate(holder):
            if item is inner:
                return f".{fields[place]}" if fields else f"[{place}]"
    for name in _attribute_names(holder):
        if getattr(holder, name, None) is inner:
            return f".{name}"
    return None


def _attribute_names(holder: object) -> Iterator[str]:
    yield from getattr(holder, "__dict__", None) or ()
    for cls in type(holder).__mro__:
        slots = vars(cls).get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots
