"""Where entries live."""

from __future__ import annotations

from reprise.stores.expiry import Sweeper
from reprise.stores.memory import MemoryStore

__all__ = ["MemoryStore", "Sweeper"]
