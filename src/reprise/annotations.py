"""What parameters of cached functions can be annotated with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class ByContent:
    """Marks parameters that are paths of files whose content is a part of the key."""


BY_CONTENT: Final = ByContent()

File: TypeAlias = Annotated[str | os.PathLike[str], BY_CONTENT]
"""The path of a file that counts by its content: once the file has changed, there is no hit.

Text and ``Path`` can be passed, also in lists, tuples, sets and dicts, and so can ``None``. A file
that is missing counts as that; a directory is refused. ``files=`` of the decorators does the same.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from reprise import File, cache_data
>>> @cache_data
... def words(path: File):
...     return Path(path).read_text().split()
>>> with TemporaryDirectory() as folder:
...     path = Path(folder) / "a.txt"
...     _ = path.write_text("one two")
...     print(words(path))
...     _ = path.write_text("three")
...     print(words(path))
['one', 'two']
['three']
"""
