from __future__ import annotations

import pickle
import struct
from typing import Any

import numpy

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
    """Equal down to types, order and the bits of numbers."""
    if type(one) is not type(other):
        return False
    for kind, compare in COMPARED.items():
        if isinstance(one, kind):
            return compare(one, other)
    if getattr(one, "fold", 0) != getattr(other, "fold", 0):
        return False
    if hasattr(one, "tzinfo") and not same(one.tzinfo, other.tzinfo):
        return False
    return repr(one) == repr(other)


def same_arrays(one: numpy.ndarray, other: numpy.ndarray) -> bool:
    flags = ("c_contiguous", "f_contiguous", "writeable")
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if any(getattr(one.flags, flag) != getattr(other.flags, flag) for flag in flags):
        return False
    if one.dtype == object:
        return same(one.ravel().tolist(), other.ravel().tolist())
    return one.tobytes() == other.tobytes()


def same_items(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(map(same, one, other))


def same_sets(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(any(same(a, b) for b in other) for a in one)


COMPARED: dict[Any, Any] = {
    numpy.ndarray: same_arrays,
    numpy.generic: lambda one, other: one.dtype == other.dtype and one.tobytes() == other.tobytes(),
    int: lambda one, other: one == other,
    float: lambda one, other: struct.pack("d", one) == struct.pack("d", other),
    complex: lambda one, other: same((one.real, one.imag), (other.real, other.imag)),
    dict: lambda one, other: same(list(one.items()), list(other.items())),
    list: same_items,
    tuple: same_items,
    set | frozenset: same_sets,
}
