"""Codecs: values as bytes that outlive the process, safe ones before pickle."""

from __future__ import annotations

from reprise.values.codecs.packed import (
    NotTakenError,
    Packed,
    RawBuffer,
    Received,
    UndecodableError,
)
from reprise.values.codecs.packing import decode, pack, pack_data, unpack, unpack_data

__all__ = [
    "NotTakenError",
    "Packed",
    "RawBuffer",
    "Received",
    "UndecodableError",
    "decode",
    "pack",
    "pack_data",
    "unpack",
    "unpack_data",
]
