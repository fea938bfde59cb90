"""In what one miss differs from the one before it, if it is one thing only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import Parameter
from itertools import islice
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from reprise.contracts import MISSING
from reprise.observe.plainness import is_plain
from reprise.observe.showing import has_shape, shape_of, shown

if TYPE_CHECKING:
    from reprise.engine.function import DecoratedFunction
    from reprise.keys import Part

Look: TypeAlias = tuple[str, tuple[int, ...]]
"""What a value looks like: the name of its type, and its shape or length."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """The one thing that differs."""

    kind: str
    """``argument``, or the kind of a part of the code: ``closure``, ``global``, ``default``."""
    name: str
    before: bytes
    """The digest that it had, and the one that it has."""
    after: bytes
    value: object = field(compare=False, repr=False)

    @property
    def look(self) -> Look:
        """What it looks like."""
        return look_of(self.value)


def look_of(value: object) -> Look:
    """What a value looks like.

    >>> look_of([1, 2])
    ('builtins.list', (2,))
    """
    cls = type(value)
    return f"{cls.__module__}.{cls.__qualname__}", shape_of(value)


def arguments_by_label(
    decorated: DecoratedFunction, values: tuple[Any, ...]
) -> Iterator[tuple[str, object]]:
    """The bound values by the labels that keys give them; what is left out of keys too."""
    for (name, kind), value in zip(decorated.shape.kinds, values, strict=True):
        if kind is Parameter.VAR_KEYWORD and isinstance(value, Mapping):
            yield from ((f"**{keyword}", one) for keyword, one in value.items())
        else:
            yield name, value


def looks_of(decorated: DecoratedFunction, values: tuple[Any, ...]) -> dict[str, Look]:
    """What the arguments of a call look like, by label."""
    return {label: look_of(value) for label, value in arguments_by_label(decorated, values)}


def argument_that_differs(
    decorated: DecoratedFunction,
    before: tuple[Any, ...],
    after: tuple[Any, ...],
    values: tuple[Any, ...],
) -> Suspect | None:
    """The one argument in which two calls differ, unless it is plain.

    Args:
        decorated: The function.
        before: What stands in the key of the one call behind its code.
        after: That of the other.
        values: The bound values of the other.
    """
    if not before or not after or before[:-1] != after[:-1]:
        return None  # two sessions, or values that stand in the key themselves
    old, new = (dict(getattr(rest[-1], "parts", ())) for rest in (before, after))
    label = _only_difference(old, new)
    value = dict(arguments_by_label(decorated, values)).get(label, MISSING)
    if value is MISSING or is_plain(value) or _is_data(value):
        return None
    return Suspect("argument", label, old[label], new[label], value)


def _is_data(value: object) -> bool:
    """Whether a loop over such values is no mistake: arrays, frames, numbers of a library's."""
    from reprise.keys.packages import is_installed  # late: a third of the time to import

    cls = type(value)
    return _is_frozen(cls) or issubclass(cls, _CONTAINERS) or is_installed(cls.__module__)


def _is_frozen(cls: type) -> bool:
    return bool(getattr(getattr(cls, "__dataclass_params__", None), "frozen", False))


def part_that_differs(
    function: Callable[..., Any], before: tuple[Part, ...], after: tuple[Part, ...]
) -> Suspect | None:
    """The one value in which two versions of a function's code differ, unless it is plain."""
    old, new = ({part.name: part.digest for part in parts} for parts in (before, after))
    label = _only_difference(old, new)
    kind, _, name = label.partition(" ")
    value = _VALUES.get(kind, _unknown)(function, name)
    if value is MISSING or is_plain(value) or _is_material(value):
        return None
    return Suspect(kind, name, old[label], new[label], value)


def _is_material(value: object) -> bool:
    """Whether a factory of functions may well make one for each such value.

    Objects of libraries are none: a connection is made anew on each rerun.
    """
    cls = type(value)
    return has_shape(cls) or _is_frozen(cls) or cls in (FunctionType, partial, type)


def face_of(value: object) -> str:
    """What a reader sees of a value, as far as its class shows it: its public attributes in short.

    None of its code runs. Of a class without a ``__repr__`` of its own nothing is seen.

    >>> face_of(object())
    ''
    """
    cls = type(value)
    if cls.__repr__ is object.__repr__:
        return ""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:  # it has slots, or belongs to a library written in C
        return ""
    public = ((name, one) for name, one in attributes.items() if not name.startswith("_"))
    return ", ".join(f"{name}={_in_short(one)}" for name, one in islice(public, _ATTRIBUTES))


def _in_short(value: object) -> str:
    is_simple = is_plain(value) and not isinstance(value, (str, bytes, int, *_CONTAINERS))
    return repr(value) if is_simple else shown(value)


_ATTRIBUTES: Final = 50
"""How many attributes are looked at."""
_CONTAINERS: Final = (list, tuple, dict, set, frozenset, bytearray)


def _only_difference(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """The one key whose values differ; empty if there are more, or something came or went."""
    if before.keys() != after.keys():
        return ""
    different = [name for name, digest in after.items() if before[name] != digest]
    return different[0] if len(different) == 1 else ""


def _unknown(_: Callable[..., Any], __: str) -> object:
    return MISSING


def _closed_over(function: Callable[..., Any], name: str) -> object:
    code = getattr(function, "__code__", None)
    names = getattr(code, "co_freevars", ())
    if name not in names:
        return MISSING
    try:
        return (getattr(function, "__closure__", None) or ())[names.index(name)].cell_contents
    except ValueError:  # not assigned
        return MISSING


def _global(function: Callable[..., Any], name: str) -> object:
    namespace = getattr(function, "__globals__", {})
    module, _, attribute = name.rpartition(".")
    if module != namespace.get("__name__"):
        namespace = getattr(sys.modules.get(module), "__dict__", {})
    return namespace.get(attribute, MISSING)


_VALUES: dict[str, Callable[[Callable[..., Any], str], object]] = {
    "closure": _closed_over,
    "global": _global,
}
"""Where the values stand that parts of the code tell of. Of other parts no warning is given: who
edits a function ten times has no need of one."""
