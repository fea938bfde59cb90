"""The parts of one class of the user's: bases, methods, constants, fields."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING
from functools import cached_property
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final, TypeAlias

from reprise.keys.code.functions import is_library
from reprise.keys.framing import frame, text
from reprise.keys.names import type_name

Join: TypeAlias = Callable[[object], bytes]


def encoded(cls: type, join: Join, join_made: Join) -> bytes:
    """All parts of a class in one encoding.

    Args:
        cls: The class.
        join: Encodes values that are a part of it.
        join_made: Encodes what was only made to tell of it.
    """
    bases = [join(base) for base in (type(cls), *cls.__bases__)]
    parts = [item for name, data in _parts(cls, join, join_made) for item in (text(name), data)]
    return frame("class", [text(type_name(cls)), frame("bases", bases), *parts])


def counted(cls: type) -> list[str]:
    """The names in a class from which its encoding follows."""
    own = list(vars(cls))
    return [name for name in own if name in _TOLD or not _is_machinery(name, cls)]


def functions_in(attribute: Any) -> Iterator[FunctionType]:
    """The user's functions in an attribute of a class."""
    if type(attribute) is FunctionType:
        yield attribute
    elif isinstance(attribute, property):
        for one in (attribute.fget, attribute.fset, attribute.fdel):
            yield from functions_in(one)
    else:
        for name in ("__func__", "func", "wrapped", "__wrapped__"):
            try:
                inner = getattr(attribute, name, None)
            except Exception:  # noqa: BLE001 - an object of the user's may raise anything
                return
            if type(inner) is FunctionType:
                yield inner


_STANDARD: Final = frozenset({FunctionType, property, classmethod, staticmethod, cached_property})
"""Kinds of attributes that are no more than their functions."""


def _parts(cls: type, join: Join, join_made: Join) -> Iterator[tuple[str, bytes]]:
    for name, attribute in sorted(vars(cls).items()):
        if _is_machinery(name, cls):
            continue
        found = [one for one in functions_in(attribute) if not _is_generated(one, cls)]
        rest = () if _is_only_functions(attribute) else _further(attribute)
        if found or (rest and not _is_descriptor(attribute) and any(functions_in(attribute))):
            kind = text(type(attribute).__name__)
            yield name, frame("functions", [kind, *map(join, found), *map(join, rest)])
        elif not (_is_descriptor(attribute) or any(functions_in(attribute))):
            yield name, join(attribute)
    for name, fields in _FIELDS.items():
        if isinstance(_own(cls, name), dict | tuple):
            yield name, join_made(fields(cls))


def _own(cls: type, name: str) -> object:
    # msgspec keeps its fields where vars() does not see them; to read pydantic's old name warns.
    # Types of compiled code may have no module, only what would say it of their instances.
    is_struct = str(type(cls).__module__).partition(".")[0] == "msgspec"
    return getattr(cls, name, None) if is_struct else vars(cls).get(name)


def _is_only_functions(attribute: object) -> bool:
    """Whether it is one of Python's own, or a cached method."""
    kind = type(attribute)
    return kind in _STANDARD or getattr(kind, "__reprise_method__", False) is True


def _further(attribute: Any) -> tuple[object, ...]:
    """What an attribute is besides its functions: which field a validator is for, an argument."""
    try:
        own = object.__getattribute__(attribute, "__dict__")
    except AttributeError:
        return (attribute,)
    return (attribute, {name: own[name] for name in own if name != "__wrapped__"})


_MACHINERY: Final = frozenset(
    {"__abstractmethods__", "__annotate__", "__annotate_func__", "__annotations__"}
    | {"__annotations_cache__", "__class_vars__", "__dict__", "__doc__", "__fields__"}
    | {"__fields_set__", "__firstlineno__", "__module__", "__orig_bases__"}
    | {"__parameters__", "__private_attributes__", "__qualname__", "__signature__"}
    | {"__static_attributes__", "__type_params__", "__validators__", "__weakref__", "_abc_impl"}
    | {"__config__", "__non_callable_proto_members__", "__protocol_attrs__", "__slotnames__"}
)
_OF_LIBRARIES: Final = ("__attrs_", "__dataclass_", "__pydantic_", "__reprise_", "__struct_")


def _is_machinery(name: str, cls: type) -> bool:
    """What Python and libraries keep for themselves in a class; it follows from all the rest."""
    if name in _MACHINERY or name.startswith(_OF_LIBRARIES):
        return True
    if name == "__match_args__":  # written by the user where there are no fields to make it of
        return any(one in vars(cls) for one in _WITH_FIELDS)
    if not issubclass(cls, enum.Enum):
        return False
    # The members are listed for themselves, and the names of an enum's own are _like_this_.
    own = vars(cls)[name]
    defined = isinstance(own, FunctionType | classmethod | staticmethod)
    machinery = name.startswith("_") and name.endswith("_") and not defined
    return machinery or isinstance(own, enum.property | enum.Enum)


def _is_generated(function: FunctionType, cls: type) -> bool:
    """Whether it follows from the fields or members of the class, as a dataclass's ``__init__``."""
    innermost = inspect.unwrap(function)
    code = innermost.__code__
    return (
        code.co_qualname.startswith("__create_fn__.")
        or code.co_filename.startswith("<attrs generated ")
        or str(innermost.__globals__.get("__name__")).startswith("namedtuple_")
        or (is_library(innermost) and any(name in vars(cls) for name in _WITH_FIELDS))
    )


def _is_descriptor(attribute: object) -> bool:
    # The last are the fields of named tuples, which _fields names.
    kinds = GetSetDescriptorType | MemberDescriptorType
    return isinstance(attribute, kinds) or type(attribute).__name__ == "_tuplegetter"


def _of_dataclass(cls: Any) -> object:
    fields = [
        (
            one.name,
            # Absence is no value: what stands for it is another object in each version of Python.
            [value for value in (one.default, one.default_factory) if value is not MISSING],
            one.default_factory is MISSING,
            (one.init, one.repr, one.hash, one.compare, one.kw_only),
            dict(one.metadata),
        )
        for one in cls.__dataclass_fields__.values()
    ]
    options = [getattr(cls.__dataclass_params__, name) for name in _OPTIONS]
    return [options, fields]


_OPTIONS: Final = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")
"""Options of dataclasses that every version of Python knows."""


def _of_attrs(cls: Any) -> object:
    return [
        (
            (one.name, one.default, one.validator, one.converter, one.alias, dict(one.metadata)),
            (one.init, one.repr, one.eq, one.order, one.hash, one.kw_only),
        )
        for one in cls.__attrs_attrs__
    ]


def _of_struct(cls: Any) -> object:
    return [cls.__struct_fields__, cls.__struct_defaults__, _annotations(cls)]


def _of_model(cls: Any) -> object:
    fields = [
        (name, repr(one.annotation), {slot: getattr(one, slot, None) for slot in _of_slots(one)})
        for name, one in cls.__pydantic_fields__.items()
    ]
    # Which field a validator is for, and when it runs.
    kinds = getattr(cls, "__pydantic_decorators__", None)
    validators = [
        (kind, sorted((name, repr(one.info)) for name, one in getattr(kinds, kind).items()))
        for kind in getattr(kinds, "__dataclass_fields__", ())
        if isinstance(getattr(kinds, kind), dict)
    ]
    return [fields, validators, dict(cls.model_config)]


def _of_slots(field: Any) -> list[str]:
    return [name for name in type(field).__slots__ if name not in ("annotation", "__dict__")]


def _of_old_model(cls: Any) -> object:
    return [(name, repr(one)) for name, one in cls.__fields__.items()]


def _of_enum(cls: Any) -> object:
    return [(name, member._value_) for name, member in cls.__members__.items()]


def _annotations(cls: type) -> list[tuple[str, str]]:
    return [(name, str(one)) for name, one in cls.__annotations__.items()]


_FIELDS: Final[dict[str, Callable[[Any], object]]] = {
    "__attrs_attrs__": _of_attrs,
    "__dataclass_fields__": _of_dataclass,
    "__fields__": _of_old_model,
    "__pydantic_fields__": _of_model,
    "__struct_fields__": _of_struct,
    "_member_map_": _of_enum,
}
"""What makes fields or members of a class's annotations and constants, by what it leaves there."""

_WITH_FIELDS: Final = (*_FIELDS, "_fields")
"""The last is what named tuples have."""

_TOLD: Final = frozenset(
    {"__annotations__", "__dataclass_params__", "__module__", "__pydantic_decorators__", *_FIELDS}
)
"""What is no part of its own, and joins with the name, or with the fields."""
