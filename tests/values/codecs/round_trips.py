from __future__ import annotations

import io
import math
import pickle
import struct
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from reprise.values import take_snapshot
from reprise.values.codecs import Packed, Received, pack, unpack
from reprise.values.spool import HeapBuffers


def load_things() -> None:
    """The cached function that the values of these tests come from."""


def received(packed: Packed) -> Received:
    """What comes back when nothing happened to what was packed."""
    buffers = tuple(b"".join(one.chunks) for one in packed.buffers)
    assert [len(data) for data in buffers] == [one.size for one in packed.buffers]
    kept = HeapBuffers(buffers, (False,) * len(buffers)) if buffers else None
    return Received(packed.codec, packed.stream, kept, packed.versions)


def round_trip(value: object, *, safe: bool = True) -> Any:
    return unpack(
        received(pack(take_snapshot(value, load_things), load_things, safe=safe)), load_things
    )


def codec_of(value: object) -> str:
    return pack(take_snapshot(value, load_things), load_things).codec


def through_pickle(value: object) -> Any:
    """The oracle: what every caller gets today."""
    return pickle.loads(pickle.dumps(value, 5))


def same(one: Any, other: Any) -> bool:
    """Equal down to types, order and the bits of numbers; only pickle's own memory of objects
    that are the same is not compared."""
    if type(one) is not type(other):
        return False
    if isinstance(one, numpy.ndarray):
        flags = ("c_contiguous", "f_contiguous", "writeable")
        alike = one.dtype == other.dtype and one.shape == other.shape
        alike = alike and all(getattr(one.flags, f) == getattr(other.flags, f) for f in flags)
        if one.dtype == object:
            return alike and same(one.ravel().tolist(), other.ravel().tolist())
        return alike and one.tobytes() == other.tobytes()
    if isinstance(one, numpy.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, complex):
        return same((one.real, one.imag), (other.real, other.imag))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, set | frozenset):
        order = lambda items: sorted(items, key=lambda item: (str(type(item)), repr(item)))
        return same(order(one), order(other))
    if hasattr(one, "fold") and one.fold != other.fold:
        return False
    if hasattr(one, "tzinfo") and not same(one.tzinfo, other.tzinfo):
        return False
    if isinstance(one, int):
        return one == other
    return repr(one) == repr(other)
