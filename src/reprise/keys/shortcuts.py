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

Describer: TypeAlias = Callable[[Any], Items | None]
"""Describes a value of one type, which may turn out to be too large."""

_REMEMBERED: Final = 256
"""Digests, and types, that each function remembers."""

_LONGEST: Final = 64
"""Items of a container, or characters of a text, that are worth a look."""


class Shortcuts:
    """What one cached function remembers of its calls. It is used by all threads."""

    __slots__ = ("_describers", "_digests", "_version")

    def __init__(self) -> None:
        self._digests: dict[Description | None, bytes] = {}
        self._describers: dict[int, tuple[weakref.ref[type], Describer]] = {}
        self._version = registry.version

    def digest(
        self,
        values: tuple[Any, ...],
        included: tuple[int, ...],
        make: Callable[[tuple[Any, ...]], bytes],
    ) -> bytes:
        """The digest of a call: what ``make`` returns, or returned for the same before.

        Args:
            values: The bound arguments.
            included: The places of those that count.
            make: Makes the digest.
        """
        known = description = None
        try:
            description = self._describe(values, included)
            known = self._digests.get(description)
        except Exception:  # noqa: BLE001 - what has no hash, or methods that raise: they are encoded
            description = None
        if known is None:
            known = make(values)
            # Described again: another thread may have changed an object while it was encoded.
            if (
                description is not None
                and _tells_all(description)
                and self._describe(values, included) == description
            ):
                _add(self._digests, description, known)
        return known

    def _describe(self, values: tuple[Any, ...], included: tuple[int, ...]) -> Description | None:
        if self._version != registry.version:  # other encoders than before may have the word
            self._version = registry.version
            self._describers, self._digests = {}, {}
        described: list[Any] = []
        for place in included:
            value = values[place]
            cls = type(value)
            if cls in _SAME_IF_EQUAL:
                described.append(cls)
                described.append(value)
                continue
            describer = _CONTAINERS.get(cls) or self._describer(cls)
            one = describer(value)
            if one is None:
                return None
            described.append(one)
        return tuple(described)

    def _describer(self, cls: type) -> Describer:
        # Weakly: scripts that are run anew make their classes anew.
        known = self._describers.get(id(cls))
        if known is None or known[0]() is not cls:
            known = weakref.ref(cls), _describer_of(cls)
            _add(self._describers, id(cls), known)
        return known[1]


def _add(table: dict[Any, Any], key: Hashable, value: object) -> None:
    if len(table) >= _REMEMBERED:
        table.clear()
    table[key] = value


_SAME_IF_EQUAL: Final = frozenset({type(None), bool, int, float, str, bytes})


def _tells_all(description: Description) -> bool:
    """Whether what a dict finds equal to it always describes the very same values."""
    for one in description:
        if isinstance(one, tuple):
            _, types, items = one
            if not (_SAME_IF_EQUAL.issuperset(types) and all(map(_is_same_if_equal, items))):
                return False
        elif not (isinstance(one, type) or _is_same_if_equal(one)):
            return False
    return True


def _is_same_if_equal(value: Any) -> bool:
    if isinstance(value, float):
        return value != 0.0 and not math.isnan(value)  # 0.0 == -0.0, and NaN equals nothing
    return not isinstance(value, str | bytes) or len(value) <= _LONGEST


def _list(value: list[Any] | tuple[Any, ...]) -> Items | None:
    if len(value) > _LONGEST:
        return None
    items = tuple(value)
    return type(value), tuple(map(type, items)), items


def _dict(value: dict[Any, Any]) -> Items | None:
    if len(value) > _LONGEST:
        return None
    items = tuple(chain.from_iterable(value.copy().items()))
    return dict, tuple(map(type, items)), items


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


def _nothing(_: Any) -> None:
    """Of what has to be encoded each time."""


def _by_key(value: Any) -> Items | None:
    cls = type(value)
    code = _code_of(cls)
    if code is None:
        return None
    key = cls.__reprise_key__(value)
    if type(key) is tuple:
        return (code, tuple), tuple(map(type, key)), key
    return code, (type(key),), (key,)


def _by_fields(names: tuple[str, ...]) -> Describer:
    """Describe objects of a class by fields, which its digest names, if they have nothing else."""
    get = itemgetter(names[0], *names)  # the first one twice: of a single one there is no tuple

    def describe(value: Any) -> Items | None:
        code = _code_of(type(value))
        attributes = _attributes(value, "__dict__")
        if code is None or len(attributes) != len(names):
            return None
        try:
            items = get(attributes)
        except KeyError:
            return None
        return code, tuple(map(type, items)), items

    return describe


def _by_attributes(value: Any) -> Items | None:
    code = _code_of(type(value))
    attributes = _attributes(value, "__dict__")
    if code is None or len(attributes) > _LONGEST:
        return None
    items = tuple(chain.from_iterable(attributes.copy().items()))
    return code, tuple(map(type, items)), items


_attributes: Final = object.__getattribute__


def _code_of(cls: type) -> Hashable:
    """What stands for a class: its digest if that holds, itself if it is a library's."""
    return known_digest(cls) or (cls if is_installed_class(cls) else None)


_PLAIN_METHODS: Final = ("__reduce_ex__", "__reduce__", "__getstate__")


def _is_plain_object(cls: type) -> bool:
    """Whether its objects are reduced to their class and their attributes and nothing else."""
    return (
        cls not in copyreg.dispatch_table
        and all(getattr(cls, name) is getattr(object, name) for name in _PLAIN_METHODS)
        and not any(hasattr(cls, name) for name in ("__getnewargs__", "__getnewargs_ex__"))
        and not any(is_installed_class(base) for base in cls.__mro__[:-1])
    )
