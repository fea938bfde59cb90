"""Snapshots: values in the form in which they are kept, and what they cost in bytes."""

from __future__ import annotations

from reprise.values.sizes import size_of
from reprise.values.snapshots import share, take_snapshot

__all__ = ["share", "size_of", "take_snapshot"]
