"""Where a reach begins: at a function, at any other callable, or at a class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, Final

from reprise.keys.code import functions
from reprise.keys.code.facts import facts
from reprise.keys.code.made import making_of
from reprise.keys.code.memo import ByCode
from reprise.keys.code.parts import BYTECODE, LeftOut, Part, combined, where
from reprise.keys.code.reach import CodeReach
from reprise.keys.code.recipe import Recipe
from reprise.keys.code.watch import OF_CLASS
from reprise.keys.framing import seal
from reprise.keys.walk import Encoders


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found at and from one root."""

    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    digest: bytes
    """32 bytes over all parts."""
    unchanged: Callable[[], bool]
    """Whether all of it is as it was."""


def of_callable(
    function: Callable[..., Any], encoders: Encoders, depends_on: Sequence[object] = ()
) -> Taken:
    """Take up a callable and all that it reaches.

    Args:
        function: A function, or an object that can be called.
        encoders: What is known of types.
        depends_on: Further values that its results depend on, with all that they reach.
    """
    if not isinstance(function, FunctionType) or depends_on:
        return _take_up(function, depends_on, CodeReach(encoders))
    known = _recipes.get(function.__code__)
    if known is not None:
        recipe, before = known
        watch = recipe.watch(function)
        if watch is not None:
            return Taken(before.parts, before.left_out, before.digest, watch.guard())
    reach = CodeReach(encoders)
    taken = _take_up(function, (), reach)
    made = reach.recipe(function)
    if made is not None:
        _recipes.set(function.__code__, (made, replace(taken, unchanged=bool)))
    return taken


_recipes: Final[ByCode[tuple[Recipe, Taken]]] = ByCode()


def _take_up(function: Callable[..., Any], depends_on: Sequence[object], reach: CodeReach) -> Taken:
    own = [*_own_parts(function, reach), *_further_parts(depends_on, reach)]
    reach.complete()
    parts = (*own, *reach.parts)
    return Taken(parts, reach.left_out, combined(parts), reach.watch(function).guard())


def of_callable_alone(
    function: Callable[..., Any], encoders: Encoders, depends_on: Sequence[object] = ()
) -> Taken:
    """Take up a callable without what it names; what else it depends on, with all of that."""
    own, further = CodeReach(encoders), CodeReach(encoders)
    parts = [*_own_parts(function, own), *_further_parts(depends_on, further)]
    further.complete()
    watch = own.watch(function)
    watch.also(further.watch().guard())
    parts += further.parts
    return Taken(tuple(parts), further.left_out, combined(parts), watch.guard())


def class_digest(cls: type, encoders: Encoders) -> bytes:
    """The digest (32 bytes) of a class of the user's: its code and all that this reaches.

    It is found out once for a class, for as long as nothing of that changes.
    """
    known = known_digest(cls)
    if known is not None:
        return known
    try:
        type.__setattr__(cls, OF_CLASS, None)  # before its attributes are counted
    except TypeError:  # it cannot be changed, so it is taken up each time
        return _of_class(cls, encoders).digest
    taken = _of_class(cls, encoders)
    type.__setattr__(cls, OF_CLASS, taken)
    return taken.digest


def known_digest(cls: type) -> bytes | None:
    """The digest of a class that was taken before, ``None`` if something changed since."""
    known = vars(cls).get(OF_CLASS)
    return known.digest if isinstance(known, Taken) and known.unchanged() else None


def _of_class(cls: type, encoders: Encoders) -> Taken:
    reach = CodeReach(encoders)
    reach.join(cls)
    reach.complete()
    parts = tuple(reach.parts)
    return Taken(parts, reach.left_out, combined(parts), reach.watch().guard())


def _own_parts(function: Callable[..., Any], reach: CodeReach) -> Iterator[Part]:
    if not isinstance(function, FunctionType):
        reach.identify = True
        yield Part("callable", seal(reach.join(function)))
        reach.identify = False
        return
    reach.visit(function)
    is_closure = "<locals>" in function.__qualname__
    for name, part in functions.parts_of(function, reach.state):
        # What a function at the top of a module closes over is made anew when that is run anew.
        reach.identify = is_closure or name.startswith("default")
        yield Part(name, seal(reach.encode(part)), *_told(name, function))
    reach.identify = False
    owner = _owner(function)
    if owner is not None:
        yield Part("class", seal(reach.join(owner)))
    if not is_closure and reach.has_opaque:
        yield from _making(function, reach)


def _owner(function: FunctionType) -> type | None:
    """The class of a method whose object is left out of keys, and its class with it."""
    *path, _ = function.__qualname__.split(".")
    first = function.__code__.co_varnames[:1]
    if not path or not first or not first[0].startswith("_"):
        return None
    owner: Any = function.__globals__.get(path[0])
    for name in path[1:]:
        owner = getattr(owner, name, None)
    return owner if isinstance(owner, type) else None


def _told(name: str, function: FunctionType) -> tuple[str, str]:
    """Where a part stands, and how it counts."""
    if name != "code":
        return "", ""
    code = function.__code__
    from_source = functions.is_library(function) or facts(code).from_source
    return where(code), "" if from_source else BYTECODE


def _making(function: FunctionType, reach: CodeReach) -> Iterator[Part]:
    """The statement that defines a function whose decorators hold what has no encoding."""
    innermost = inspect.unwrap(function)
    making = making_of(function.__name__, getattr(innermost, "__globals__", {}))
    if making is not None:
        reach.follow(making.code, innermost.__globals__, {})
        yield Part("definition", making.digest, making.where)


def _further_parts(depends_on: Sequence[object], reach: CodeReach) -> Iterator[Part]:
    for number, value in enumerate(depends_on):
        yield Part(
            f"depends_on {number}",
            seal(reach.join(value)),
            note=getattr(value, "__qualname__", type(value).__qualname__),
        )
