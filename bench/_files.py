"""Writes what a run leaves: all of it, at its end, or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path


def write_all(directory: Path, contents: Mapping[str, Callable[[Path], object]]) -> None:
    """Write files of one directory, so that a run that is killed leaves the old ones as they were.

    Args:
        directory: Where they go; it is made if it is not there.
        contents: For each name, in this order, what writes it to the path that it is given.
    """
    directory.mkdir(parents=True, exist_ok=True)
    # Beside their places: only within a file system does a rename happen at once.
    with tempfile.TemporaryDirectory(dir=directory, prefix=".unfinished-") as unfinished:
        for name, write in contents.items():
            path = Path(unfinished, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path)
        for name in contents:
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(unfinished, name).replace(target)
