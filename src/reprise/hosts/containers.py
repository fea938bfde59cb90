"""Finding an object again that a function was handed, or reached by itself.

A path says where an object stands, seen from a call: in which argument, or under which name that
the function's code uses, and where inside lists, dictionaries and attributes. Followed on a later
call it leads to what stands there *then*.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final, NoReturn

from reprise.hosting import Call

MAX_LOOKED_AT: Final = 20_000
"""Objects. Containers of a page stand near the surface; nobody waits for a search of a data set."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path.

    Args:
        kind: ``argument`` and ``function`` begin a path; ``item``, ``attribute``, ``slot``,
            ``global`` and ``cell`` lead on, and ``member`` into a module.
        name: Which one.
    """

    kind: str
    name: Any = None


Path = tuple[Step, ...]

_FUNCTION: Final = Step("function")


def find(
    call: Call, wanted: Callable[[object], bool], leaf: Callable[[object], bool]
) -> tuple[Path, ...]:
    """Every path from ``call`` to an object that is ``wanted``, shortest first.

    Args:
        call: Where to begin.
        wanted: Tells what is looked for.
        leaf: Tells what is not looked into.
    """
    found: list[Path] = []
    seen: set[int] = set()
    queue: deque[tuple[Path, object]] = deque(
        ((Step("argument", name),), value) for name, value in call.arguments.items()
    )
    queue.append(((_FUNCTION,), call.function))
    left = MAX_LOOKED_AT
    while queue:
        path, value = queue.popleft()
        if wanted(value):
            found.append(path)
        elif not leaf(value) and id(value) not in seen:
            seen.add(id(value))
            inside = [((*path, step), inner) for step, inner in islice(_inside(value), left)]
            queue.extend(inside)
            left -= len(inside)
    return tuple(found)


def find_members(call: Call, wanted: object) -> tuple[Path, ...]:
    """Every path to what a module has, where the function's own code says ``module.name``.

    Not all that a module has is looked at: only what has a name that stands in that code.
    """
    function = call.function
    if type(function) is not FunctionType:
        return ()
    found: list[Path] = []
    names = sorted(_all_names(function.__code__))
    there = function.__globals__
    queue: deque[tuple[Path, object]] = deque(
        ((_FUNCTION, Step("global", name)), there[name]) for name in names if name in there
    )
    seen: set[int] = set()
    while queue:
        path, value = queue.popleft()
        if type(value) is ModuleType and id(value) not in seen:
            seen.add(id(value))
            held = vars(value)
            inside = [((*path, Step("member", name)), held[name]) for name in names if name in held]
            found.extend(inner for inner, each in inside if each is wanted)
            queue.extend(inside)
    return tuple(found)


def follow(path: Path, call: Call) -> object:
    """What stands at the end of ``path`` in this call.

    A path that :func:`find` would not give leads nowhere: it may have come from outside of the
    process, and must reach no more than the function itself names.

    Raises:
        LookupError: nothing does.
    """
    value: Any = None
    for step in path:
        try:
            value = _step(step, value, call)
        except (LookupError, AttributeError, TypeError, ValueError) as error:
            raise LookupError(f"{step.kind} {step.name!r} is not there") from error
    return value


def _step(step: Step, value: Any, call: Call) -> Any:
    match step.kind:
        case "argument":
            return call.arguments[step.name]
        case "function":
            return call.function
        case "item":
            return value[step.name] if issubclass(type(value), list | tuple | dict) else _nothing()
        case "global":
            named = step.name in _all_names(value.__code__)
            return value.__globals__[step.name] if named else _nothing()
        case "cell":
            return value.__closure__[value.__code__.co_freevars.index(step.name)].cell_contents
        case "member":
            named = type(value) is ModuleType and step.name in _all_names(call.function.__code__)
            return vars(value)[step.name] if named else _nothing()
        case "slot":
            return _slot(value, step.name)
        case _:
            closed = issubclass(type(value), type | ModuleType)
            return _nothing() if closed else _attributes(value)[step.name]


def _nothing() -> NoReturn:
    raise LookupError("no path leads there")


def _inside(value: Any) -> Iterator[tuple[Step, object]]:
    kind = type(value)  # isinstance would ask the object too, which may run code of the user's
    if kind is FunctionType:
        yield from _reached(value)
    elif kind is MethodType:
        # Not __self__: a method is found through its object, and that is an argument.
        if type(value.__func__) is FunctionType:
            yield from _reached(value.__func__)
    elif issubclass(kind, list | tuple):
        for index, inner in enumerate(value):
            yield Step("item", index), inner
    elif issubclass(kind, dict):
        for key, inner in list(islice(value.items(), MAX_LOOKED_AT)):
            yield Step("item", key), inner
    if not issubclass(kind, type | ModuleType):
        yield from _held(value)


def _held(value: object) -> Iterator[tuple[Step, object]]:
    """What the instance itself holds, in attributes and in slots."""
    for name, inner in list(_attributes(value).items()):
        yield Step("attribute", name), inner
    for name, slot in _slots(type(value)):
        try:
            yield Step("slot", name), slot.__get__(value)
        except AttributeError:  # not assigned yet
            continue


def _slots(kind: type) -> Iterator[tuple[str, Any]]:
    """The slots of the user's own classes, by the names that their classes give them."""
    for cls in kind.__mro__:
        if "__slots__" in vars(cls):
            for name, member in vars(cls).items():
                if type(member) is MemberDescriptorType:
                    yield f"{cls.__qualname__}.{name}", member


def _slot(value: object, name: str) -> Any:
    return dict(_slots(type(value)))[name].__get__(value)


def _attributes(value: object) -> dict[str, Any]:
    """The instance's own attributes, without asking the instance."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def _reached(function: FunctionType) -> Iterator[tuple[Step, object]]:
    for name in dict.fromkeys(_names(function.__code__)):
        if name in function.__globals__:
            yield Step("global", name), function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield Step("cell", name), cell.cell_contents
        except ValueError:  # not assigned yet
            continue


@lru_cache(maxsize=1000)
def _all_names(code: CodeType) -> frozenset[str]:
    return frozenset(_names(code))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
