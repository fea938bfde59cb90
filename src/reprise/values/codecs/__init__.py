"""Codecs: values as bytes that outlive the process, safe ones before pickle."""

from __future__ import annotations

from reprise.values.codecs.packed import Packed, RawBuffer, Received, UndecodableError
from reprise.values.codecs.packing import pack, unpack

__all__ = ["Packed", "RawBuffer", "Received", "UndecodableError", "pack", "unpack"]
