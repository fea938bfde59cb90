"""The store on disk."""

from __future__ import annotations

from reprise.stores.disk.checking import Problem, Report
from reprise.stores.disk.layout import default_folder, default_max_size
from reprise.stores.disk.locks import ComputeLock
from reprise.stores.disk.store import DiskStore

__all__ = ["ComputeLock", "DiskStore", "Problem", "Report", "default_folder", "default_max_size"]
