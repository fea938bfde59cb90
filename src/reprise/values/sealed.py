"""Memory of arrays that nobody can write to any more, whatever flags are set.

An array's flag ``writeable`` is no protection: whoever has a view may set it again where what the
view stands on is writable. So a sealed array stands on an object of ours that offers the memory
read-only, and numpy itself refuses to set the flag.
"""

from __future__ import annotations

import sys
import weakref
from functools import partial
from typing import Any, Final

from reprise.seals import seals

REGISTERED_FROM: Final = 64 * 1024
"""Bytes from which on sealed memory is registered as unchanging; smaller ones are soon hashed."""


class SealedMemory:
    """Offers the memory of an array read-only, and keeps what owns it alive."""

    __slots__ = ("__array_interface__", "__weakref__", "owner")

    def __init__(self, array: Any, owner: Any) -> None:
        """Offer what ``array`` shows of the memory that ``owner`` owns."""
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "shape": array.shape,
            "strides": array.strides,
            "typestr": array.dtype.str,
            "data": (_address(array), True),
        }


def seal(array: Any, owner: Any) -> Any:
    """Make an array like ``array`` on the same memory that can never be made writable.

    Args:
        array: A numpy array of a plain data type.
        owner: The array that owns its memory. That nobody else has it is up to the caller.

    Returns:
        An array whose views can be handed to anybody.

    >>> import numpy
    >>> mine = numpy.arange(3)
    >>> sealed = seal(mine, mine).view()
    >>> sealed.flags.writeable = True
    Traceback (most recent call last):
        ...
    ValueError: cannot set WRITEABLE flag to True of this array
    """
    sealed = sys.modules["numpy"].asarray(SealedMemory(array, owner))
    if sealed.dtype != array.dtype:
        # A structure's fields are lost on this way.
        raise TypeError(f"memory of {array.dtype} cannot be sealed")
    return sealed


def sealed_copy(array: Any) -> Any:
    """Make a sealed array of the same content and order, on memory of its own."""
    own = array.copy(order="K")
    return seal(own, own)


def is_sealed(array: Any) -> bool:
    """Whether ``array`` shows memory that was sealed, so that nobody ever writes to it."""
    return type(_bottom(array).base) is SealedMemory


def extent_of(array: Any) -> int:
    """Bytes that ``array`` keeps alive; it may show a part of them only."""
    return int(_bottom(array).nbytes)


def owner_of(array: Any) -> Any:
    """The array that owns the memory of ``array``, or ``None`` where no plain array does."""
    bottom = _bottom(array)
    return bottom if bottom.base is None and bottom.flags.owndata else None


def lock(sealed: Any) -> None:
    """Make what owns the memory of ``sealed`` read-only, and register that it does not change.

    Args:
        sealed: What :func:`seal` made. Nobody but the memory it stands on holds the owner.
    """
    owner = sealed.base.owner
    owner.flags.writeable = False
    if sealed.nbytes >= REGISTERED_FROM and sealed.flags.forc and not sealed.dtype.hasobject:
        unchanged = partial(_is_locked, weakref.ref(owner))
        seals.register(sealed, _address(sealed), sealed.nbytes, unchanged)


def _is_locked(reference: weakref.ref[Any], _start: int, _stop: int) -> bool:
    owner = reference()
    return owner is not None and not owner.flags.writeable


def _bottom(array: Any) -> Any:
    """The last plain array on the way from ``array`` to what its memory belongs to."""
    kind = sys.modules["numpy"].ndarray
    while type(array.base) is kind:
        array = array.base
    return array


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])
