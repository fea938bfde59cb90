"""Digests of calls that need not be made again: a short description of the arguments finds them.

The digest of a small object takes some twenty times as long as looking at it. A description says
all that its encoding depends on: exact types, values, and for objects the digest of their class,
which is checked to hold still. As with plain keys, nothing is checked where a description is looked
up: what is kept under one has values whose equality means sameness, and is found by no others.
"""

from __future__ import annotations

import copyreg
import math
import weakref
from collections.abc import Callable, Hashable
from itertools import chain
from operator import itemgetter
from types import MemberDescriptorType
from typing import Any, Final, TypeAlias

from reprise.keys.code.root import known_digest
from reprise.keys.packages import is_installed_class
from reprise.keys.registered import registry
from reprise.keys.types.encoders import NO_HASH_FUNCS
from reprise.keys.types.objects import data_class
from reprise.keys.types.unlisted import unlisted
from reprise.keys.user import by_reprise_key

Items: TypeAlias = tuple[Hashable, tuple[type, ...], tuple[Any, ...]]
"""What stands for the type of an object, the types of what is in it, and what is in it."""

Description: TypeAlias = tuple[Hashable, ...]
"""Of each argument either type and value, or its items."""

Describer: TypeAlias = Callable[[Any, Any], Items | None]
"""Describes a value of one type, given what stands for that. The value may turn out to be too
large, or to hold more than plain values."""

_REMEMBERED: Final = 256
"""Digests, and types, that each function remembers."""

_LONGEST: Final = 64
"""Items of a container, or characters of a text, that are worth a look."""

_MOST_BITS: Final = 512
"""Bits of a whole number that are kept."""


class Shortcuts:
    """What one cached function remembers of its calls. It is used by all threads.

    Args:
        included: The places of the arguments that count.
        make: Makes the digest of all bound arguments of a call.
    """

    __slots__ = ("_describers", "_digests", "_included", "_make", "_version")

    def __init__(self, included: tuple[int, ...], make: Callable[[tuple[Any, ...]], bytes]) -> None:
        self._included = included
        self._make = make
        self._digests: dict[Description, bytes] = {}
        self._describers: dict[int, _Known] = {}
        self._version = registry.version

    def digest(self, values: tuple[Any, ...]) -> bytes:
        """The digest of a call: made now, or remembered of the same call before."""
        try:
            description = self._describe(values)
        except Exception:  # noqa: BLE001 - methods of the user's that raise: the walk tells of it
            return self._make(values)
        if description is None:
            return self._make(values)
        known = self._digests.get(description)
        return self._remembered(values, description) if known is None else known

    def _remembered(self, values: tuple[Any, ...], description: Description) -> bytes:
        made = self._make(values)
        try:
            # Described again: another thread may have changed an object while it was encoded.
            if _tells_all(description) and self._describe(values) == description:
                _add(self._digests, description, made)
        except Exception:  # noqa: BLE001 - as above
            return made
        return made

    def _describe(self, values: tuple[Any, ...]) -> Description | None:
        if self._version != registry.version:  # other encoders than before may have the word
            self._version = registry.version
            self._describers, self._digests = {}, {}
        described: list[Any] = []
        for place in self._included:
            value = values[place]
            cls = type(value)
            if cls in _SAME_IF_EQUAL:
                described.append(cls)
                described.append(value)
                continue
            container = _CONTAINERS.get(cls)
            one = self._object(value, cls) if container is None else container(value, cls)
            if one is None:
                return None
            described.append(one)
        return tuple(described)

    def _object(self, value: Any, cls: type) -> Items | None:
        # Weakly: scripts that are run anew make their classes anew.
        reference, known, describe = self._describers.get(id(cls), _UNKNOWN)
        is_known = reference() is cls
        if is_known and describe is _nothing:
            return None
        code = _code_of(cls)
        if code is None or cls in copyreg.dispatch_table:
            return None
        # By the code too: a class that is edited may say from then on how it is reduced.
        if not is_known or known != code:
            describe = _describer_of(cls)
            _add(self._describers, id(cls), (weakref.ref(cls), code, describe))
        return describe(value, code)


def _add(table: dict[Any, Any], key: Hashable, value: object) -> None:
    if len(table) >= _REMEMBERED:
        table.clear()
    table[key] = value


_SAME_IF_EQUAL: Final = frozenset({type(None), bool, int, float, str, bytes})


def _tells_all(description: Description) -> bool:
    """Whether what a dict finds equal to it always describes the very same values."""
    for one in description:
        if isinstance(one, tuple):
            if not all(map(_is_same_if_equal, one[2])):
                return False
        elif not (isinstance(one, type) or _is_same_if_equal(one)):
            return False
    return True


def _is_same_if_equal(value: Any) -> bool:
    """Whether equality with a plain value means sameness, and it is short enough to be kept."""
    if isinstance(value, float):
        return value != 0.0 and not math.isnan(value)  # 0.0 == -0.0, and NaN equals nothing
    if isinstance(value, int):
        return value.bit_length() <= _MOST_BITS
    return not isinstance(value, str | bytes) or len(value) <= _LONGEST


def _items(kind: Any, items: tuple[Any, ...]) -> Items | None:
    """Describe what is in an object, if that is plain.

    Of anything else the hash is not to be asked: it may be the user's own method, and that of
    deeply nested tuples ends the process.
    """
    if len(items) > 2 * _LONGEST:
        return None
    types = tuple(map(type, items))
    return (kind, types, items) if _SAME_IF_EQUAL.issuperset(types) else None


def _list(value: list[Any] | tuple[Any, ...], kind: Any) -> Items | None:
    return None if len(value) > _LONGEST else _items(kind, tuple(value))


def _dict(value: dict[Any, Any], kind: Hashable) -> Items | None:
    if len(value) > _LONGEST:
        return None
    return _items(kind, tuple(chain.from_iterable(value.copy().items())))


_CONTAINERS: Final[dict[type, Describer]] = {list: _list, tuple: _list, dict: _dict}


def _describer_of(cls: type) -> Describer:
    encoder = NO_HASH_FUNCS.find(cls)
    if encoder is by_reprise_key:
        return _by_key
    if encoder is data_class or (encoder is unlisted and _is_plain_object(cls)):
        own = [one for base in cls.__mro__ for one in vars(base).values()]
        slotted = any(type(one) is MemberDescriptorType for one in own)
        if not slotted and cls.__dictoffset__:
            fields = getattr(cls, "__dataclass_fields__", None)
            return _by_fields(tuple(fields)) if fields else _by_attributes
    return _nothing


def _nothing(_: Any, __: Any) -> Items | None:
    """Of what has to be encoded each time."""


def _by_key(value: Any, code: Any) -> Items | None:
    key = type(value).__reprise_key__(value)
    return _items((code, tuple), key) if type(key) is tuple else _items(code, (key,))


def _by_fields(names: tuple[str, ...]) -> Describer:
    """Describe objects of a class by fields, which its digest names, if they have nothing else."""
    get = itemgetter(names[0], *names)  # the first one twice: of a single one there is no tuple

    def describe(value: Any, code: Any) -> Items | None:
        attributes = _attributes(value, "__dict__")
        if len(attributes) != len(names):
            return None
        try:
            return _items(code, get(attributes))
        except KeyError:
            return None

    return describe


def _by_attributes(value: Any, code: Any) -> Items | None:
    return _dict(_attributes(value, "__dict__"), code)


_Known: TypeAlias = tuple[Callable[[], type | None], Hashable, Describer]
"""A class, what stood for it, and what describes its objects."""

_UNKNOWN: Final[_Known] = (lambda: None, None, _nothing)

_attributes: Final = object.__getattribute__


def _code_of(cls: type) -> Hashable:
    """What stands for a class: its digest if that holds, itself if it is a library's."""
    return known_digest(cls) or (cls if is_installed_class(cls) else None)


_PLAIN_METHODS: Final = ("__reduce_ex__", "__reduce__", "__getstate__")


def _is_plain_object(cls: type) -> bool:
    """Whether its objects are reduced to their class and their attributes and nothing else."""
    return (
        all(getattr(cls, name) is getattr(object, name) for name in _PLAIN_METHODS)
        and not any(hasattr(cls, name) for name in ("__getnewargs__", "__getnewargs_ex__"))
        and not any(is_installed_class(base) for base in cls.__mro__[:-1])
    )
