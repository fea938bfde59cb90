"""What was found damaged is moved aside: nobody trusts it again, and somebody can look at it.

The folder is bounded in number and bytes, so what damages everything cannot fill the disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Final

from reprise.stores.disk.layout import Layout, listed, make_folder
from reprise.stores.disk.rows import Row

MOST_FILES: Final = 64
"""Files in the folder."""

MOST_BYTES: Final = 64 * 2**20
"""Bytes of all files in the folder, and of one."""


def keep_index(layout: Layout) -> Path:
    """Move the index aside, its log with it, and say where to."""
    kept = _place(layout, "index.sqlite3")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{layout.index}{suffix}").replace(f"{kept}{suffix}")
    _bound(layout)
    return kept


def keep_note(layout: Layout, row: Row, reason: str) -> Path:
    """Write down what is known of a damaged entry, and say where."""
    kept = _place(layout, "entry.json")
    facts = {"reason": reason}
    for name, value in row._asdict().items():
        if name != "inline":
            facts[name] = value.hex() if isinstance(value, bytes) else repr(value)
    kept.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    _bound(layout)
    return kept


def keep_file(layout: Layout, path: Path, note: Path) -> None:
    """Move a damaged file aside, beside its note; one that is too large is removed."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > MOST_BYTES:
            path.unlink()
        else:
            path.replace(note.with_suffix(".parts"))
    _bound(layout)


def _place(layout: Layout, name: str) -> Path:
    make_folder(layout.aside)
    return layout.aside / f"{secrets.token_hex(6)}-{name}"


def _bound(layout: Layout) -> None:
    """Remove the oldest until the rest is within bounds."""
    found: list[tuple[float, int, Path]] = []
    for path in listed(layout.aside):
        with contextlib.suppress(FileNotFoundError):
            # The change time: files of parts have times of modification that tell nothing.
            there = path.stat()
            found.append((there.st_ctime, there.st_size, path))
    found.sort()
    size = sum(size for _, size, _ in found)
    while found and (len(found) > MOST_FILES or size > MOST_BYTES):
        _, one, path = found.pop(0)
        size -= one
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108
