"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

import pyperf
from _disk_peers import DISK_PEERS
from _peers import AWAITED, PEERS

LIBRARIES = ("pandas", "numpy", "polars", "pyarrow", "pyperf")


def machine() -> str:
    """Processor, memory and system, in a line. It names neither the machine nor its paths."""
    known = pyperf.Run([1.0], collect_metadata=True, metadata={"name": "machine"}).get_metadata()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = known.get("cpu_model_name") or platform.processor() or platform.machine()
    return (
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release().partition('-')[0]}, Python {platform.python_version()}."
    )


def versions() -> str:
    """The versions of all caches and of the libraries whose values they keep."""
    peers = (*PEERS, *AWAITED, *DISK_PEERS)
    caches = dict.fromkeys(peer.distribution for peer in peers if peer.distribution)
    return ", ".join(f"{name} {version(name)}" for name in (*caches, *LIBRARIES)) + "."
