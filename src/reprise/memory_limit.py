"""How much memory this process may use, containers and limits taken into account.

Physical memory alone says little in a container: a process that fills a quarter of the machine is
killed in a container which may use an eighth of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

UNKNOWN = 2**30
"""Bytes that are taken for granted where the system tells nothing."""

# Version 1 writes "no limit" as the largest multiple of a page below 2**63.
_NO_LIMIT = 2**60


def usable_memory(root: Path = Path("/")) -> int:
    """The memory that this process may use before the system stops it.

    >>> usable_memory() > 0
    True

    Args:
        root: Where ``/proc`` and ``/sys`` are looked for.

    Returns:
        Bytes: the smallest of physical memory, the limits of the control groups that the process
        is in, and its own resource limits. :data:`UNKNOWN` where none of them can be read.
    """
    limits = [*cgroup_limits(root), *_resource_limits()]
    physical = physical_memory()
    if physical is not None:
        limits.append(physical)
    return min(limits, default=UNKNOWN)


def cgroup_limits(root: Path = Path("/")) -> Iterator[int]:
    """The limits of every control group that this process is in, in bytes (Linux).

    A limit holds for all groups below it, so that the groups above count too. In a container the
    named group often lies outside of what is mounted; then the mounted folder is its own.

    Args:
        root: Where ``/proc`` and ``/sys`` are looked for.

    Yields:
        Limits; "no limit" is left out.
    """
    mounted = root / "sys" / "fs" / "cgroup"
    for line in (_read(root / "proc" / "self" / "cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not group:
            continue
        if not controllers:
            # Where both versions are in use, version 2 may be mounted beside the others.
            yield from _limits_upwards(mounted, group, "memory.max")
            yield from _limits_upwards(mounted / "unified", group, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _limits_upwards(mounted / "memory", group, "memory.limit_in_bytes")


def _limits_upwards(mounted: Path, group: str, name: str) -> Iterator[int]:
    # A group outside of the process's own view is written with ".." and cannot be looked at.
    steps = [step for step in PurePosixPath(group).parts if step not in ("/", "..")]
    for depth in range(len(steps), -1, -1):
        text = (_read(mounted.joinpath(*steps[:depth], name)) or "").strip()
        if text.isdecimal() and 0 < int(text) < _NO_LIMIT:
            yield int(text)


def _read(path: Path) -> str | None:
    """What a file of the kernel's says; ``None`` where there is none or it may not be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


if sys.platform == "win32":

    def physical_memory() -> int | None:
        """Bytes of memory in this machine; ``None`` where the system does not tell."""
        import ctypes

        class Status(ctypes.Structure):
            """MEMORYSTATUSEX, as the Windows API defines it."""

            _fields_ = (
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                *(
                    (name, ctypes.c_ulonglong)
                    for name in (
                        "total_physical",
                        "available_physical",
                        "total_page_file",
                        "available_page_file",
                        "total_virtual",
                        "available_virtual",
                        "available_extended_virtual",
                    )
                ),
            )

        status = Status(length=ctypes.sizeof(Status))
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return int(status.total_physical)

    def _resource_limits() -> Iterator[int]:
        yield from ()

else:

    def physical_memory() -> int | None:
        """Bytes of memory in this machine; ``None`` where the system does not tell."""
        try:
            size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (ValueError, OSError):  # a name that this system does not know
            return None
        return size if size > 0 else None

    def _resource_limits() -> Iterator[int]:
        import resource

        for name in ("RLIMIT_AS", "RLIMIT_DATA"):
            kind = getattr(resource, name, None)
            if kind is not None:
                soft, _ = resource.getrlimit(kind)
                if soft != resource.RLIM_INFINITY and 0 < soft < _NO_LIMIT:
                    yield soft
