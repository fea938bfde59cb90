"""Whether all that an object holds can be seen from Python, told by the layout of its class.

An object of a class that was written in C may hold anything, and to Python look as if it were
empty: two such objects with different contents would have one encoding, a wrong hit.
"""

from __future__ import annotations

import struct
from types import MemberDescriptorType
from typing import Final

_POINTER: Final = struct.calcsize("P")
"""Bytes of a pointer."""

_MANAGED_DICT: Final = 1 << 4
"""The flag of classes whose objects keep their attributes in front of themselves."""


def hides_state(cls: type, below: type = object) -> bool:
    """Whether objects of ``cls`` have room for something that is neither attribute nor slot.

    Args:
        cls: The class.
        below: A base whose own content is known; only what is added to it is looked at.

    >>> import threading
    >>> class Point:
    ...     __slots__ = ("x", "y", "__dict__")
    >>> hides_state(Point), hides_state(threading.local)
    (False, True)
    """
    while cls is not below:
        base = cls.__base__
        if base is None:
            return False
        if cls.__itemsize__ != base.__itemsize__ or _added(cls, base) != _seen(cls, base):
            return True
        cls = base
    return False


def _added(cls: type, base: type) -> int:
    """How many pointers objects of ``cls`` are longer than those of its base."""
    return -(-cls.__basicsize__ // _POINTER) + (-base.__basicsize__ // _POINTER)


def _seen(cls: type, base: type) -> int:
    """How many pointers Python's own machinery has added: slots, attributes, weak references."""
    own = vars(cls)
    # Only a class statement leaves __slots__ behind: the members of a class in C are of any size.
    slots = [one for one in own.values() if type(one) is MemberDescriptorType]
    count = len(slots) if "__slots__" in own else 0
    if cls.__dictoffset__ and not base.__dictoffset__ and not cls.__flags__ & _MANAGED_DICT:
        count += 1
    # Negative where weak references are kept elsewhere, as they are from Python 3.12 on.
    return count + (cls.__weakrefoffset__ > 0 and not base.__weakrefoffset__)
