"""Encoders for lazy frames and expressions of polars: the serialized plan, data included.

That form is the same in every process; how frames in it lie in memory counts, unlike elsewhere.
Two things in it do not tell all. A Python function of an importable module is only a name there,
and an edit would go unseen: such plans are refused. Files are only paths: their sizes and times of
change are added, and what is no local file is refused.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf
from reprise.keys.types.files import status_of

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_MARK: Final = b"DSL_VERSION"
"""How plans begin, before the number of their form."""

_KNOWN: Final = 24
"""The first form that has been tried. Older ones name files and hold functions in other ways."""

# Polars writes which Python a pickle is from, then the pickle. Bytes from 0x80 on have 0xcc in
# front of them where they stand in a list of numbers, as the pages of frames do.
_PYTHON: Final = b"".join(
    (b"\xcc?" if part >= 0x80 else b"") + re.escape(bytes([part])) for part in sys.version_info[1:3]
)
_FUNCTION: Final = re.compile(_PYTHON + rb"\xcc?\x80[\x04\x05]\xcc?\x95|PLPYFN|PLPYUDF", re.DOTALL)
_FILES: Final = re.compile(rb"\xa5Paths(?:([\x90-\x9f])|\xdc(..)|\xdd(....))", re.DOTALL)
_PATH: Final = re.compile(rb"\x81\xa5inner(?:([\xa0-\xbf])|\xd9(.)|\xda(..)|\xdb(....))", re.DOTALL)


def lazy_frame(value: Any, walk: Walk) -> bytes:
    """Plan, data, and the state of the files that it will read."""
    plan = value.serialize()
    content, paths = _plan(plan), list(_paths(plan))
    return frame("polars.LazyFrame", [content, walk(paths), *map(_state, paths)])


def expression(value: Any, _: Walk) -> bytes:
    """The operations that it consists of, as a plan that does just those."""
    import polars

    return frame("polars.Expr", [_plan(polars.LazyFrame().select(value).serialize())])


def _plan(plan: bytes) -> bytes:
    known = plan.startswith(_MARK)
    if not known or int.from_bytes(plan[len(_MARK) :][:2], "little") < _KNOWN:
        raise UnencodableError("plans as this version of polars writes them have no encoding")
    if _FUNCTION.search(plan):
        raise UnencodableError("its plan calls Python functions, whose code it does not hold")
    return leaf("plan", plan)


def _paths(plan: bytes) -> Iterator[str]:
    """Read from a plan which files it names.

    Raises:
        UnencodableError: it reads some, and names them in a form that is not known.
    """
    if b"\xa4Scan" in plan and b"\xa5Paths" not in plan and b"\xa7Buffers" not in plan:
        raise UnencodableError("which files its plan reads could not be found out")
    for found in _FILES.finditer(plan):
        at = found.end()
        for _ in range(_length(found, 0x0F)):
            path = _PATH.match(plan, at)
            if path is None:
                raise UnencodableError("which files its plan reads could not be found out")
            at = path.end() + _length(path, 0x1F)
            yield plan[path.end() : at].decode()


def _length(header: re.Match[bytes], mask: int) -> int:
    """The length in a header of MessagePack: within its only byte, or in those that follow."""
    short, *long = header.groups()
    if short is not None:
        return int(short[0]) & mask
    return int.from_bytes(next(filter(None, long)), "big")


def _state(path: str) -> bytes:
    """The files behind a path, a pattern or a folder, each with what shows that it changed."""
    scheme, mark, local = path.rpartition("://")
    if mark and scheme != "file":
        raise UnencodableError(f"its plan reads {path}, which may change without a trace")
    return frame("files", [status_of(name) for name in _files(local)])


def _files(path: str) -> Iterator[str]:
    if os.path.isdir(path):  # noqa: PTH112 - the path is a text, and stays one
        for folder, inner, names in os.walk(path):
            inner.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))  # noqa: PTH118
    elif any(mark in path for mark in "*?[") and not os.path.exists(path):  # noqa: PTH110
        for found in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - as polars does
            yield from _files(found)
    else:
        yield path
