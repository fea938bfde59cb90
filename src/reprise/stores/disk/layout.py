"""Where the disk store has what: the names in its folder, and who may read them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeGuard

_LARGEST_DEFAULT: Final = 20 * 10**9
"""Bytes that a store takes at most where nobody set a bound."""

_TEMPORARY: Final = "tmp-"
SHELVES: Final = tuple(f"{number:02x}" for number in range(256))
"""The folders under ``parts``: a file stands on the shelf that its name begins with."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places in the folder of a store.

    >>> Layout(Path("cache")).part(bytes.fromhex("ab" * 32)).parent.as_posix()
    'cache/parts/ab'
    """

    folder: Path

    @property
    def index(self) -> Path:
        """The SQLite database."""
        return self.folder / "index.sqlite3"

    @property
    def opening(self) -> Path:
        """The lock that is held while the index is opened, begun or moved aside."""
        return self.folder / "locks" / "index"

    @property
    def aside(self) -> Path:
        """Where damaged things go."""
        return self.folder / "aside"

    def shelf(self, shelf: str) -> Path:
        """The folder of all files whose names begin with ``shelf``."""
        return self.folder / "parts" / shelf

    def gate(self, shelf: str) -> Path:
        """The lock that keeps files of a shelf from being removed before their row is there."""
        return self.folder / "locks" / "parts" / shelf

    def part(self, digest: bytes) -> Path:
        """The file with this content."""
        name = digest.hex()
        return self.folder / "parts" / name[:2] / name

    def temporary(self, digest: bytes) -> Path:
        """A new name for a file on its way to :meth:`part`."""
        return self.part(digest).with_name(_TEMPORARY + secrets.token_hex(8))

    def computing(self, key: bytes) -> Path:
        """The lock of who computes the result of ``key``."""
        name = key.hex()
        return self.folder / "locks" / "keys" / name[:2] / name

    def lock_files(self, shelf: str) -> Iterator[Path]:
        """The locks of keys that begin with ``shelf``."""
        return listed(self.folder / "locks" / "keys" / shelf)


def shelf_of(digest: bytes) -> str:
    """The shelf of the file with this content."""
    return digest[:1].hex()


def is_temporary(path: Path) -> bool:
    """Whether a writer has not finished with ``path``, or never will."""
    return path.name.startswith(_TEMPORARY)


def is_digest(content: object) -> TypeGuard[bytes]:
    """Whether ``content`` can be what a file is named after."""
    return isinstance(content, bytes) and len(content) == 32


def digest_of(path: Path) -> bytes | None:
    """The content that a file of :meth:`Layout.part` is named after, if it is one."""
    try:
        digest = bytes.fromhex(path.name)
    except ValueError:
        return None
    return digest if is_digest(digest) and path.name == digest.hex() else None


def listed(folder: Path) -> Iterator[Path]:
    """What is in ``folder``, nothing where it is missing."""
    try:
        found = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    yield from found


def make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it that are missing, for this user alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def default_folder() -> Path:
    """The folder of the store where none was named: in the user's folder for caches."""
    from platformdirs import user_cache_path

    return user_cache_path("reprise", appauthor=False)


def default_max_size(folder: Path, taken: int) -> float:
    """Bytes that a store may take where nobody said: a tenth of what it could, at most 20 GB.

    Args:
        folder: Where the store is, or will be.
        taken: Bytes that it takes already, which are not free for that very reason.

    Raises:
        OSError: the system does not tell how much is free.
    """
    import shutil

    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return min(_LARGEST_DEFAULT, (shutil.disk_usage(there).free + taken) // 10)
