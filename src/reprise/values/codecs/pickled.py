"""Pickle, for what no safe codec takes."""

from __future__ import annotations

import importlib
import pickle
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeGuard

from reprise.contracts import Snapshot
from reprise.values.codecs.packed import Packed, RawBuffer, Received, UndecodableError
from reprise.values.naming import find_by_name, named_loads, recording_loads
from reprise.values.pickling import Stream
from reprise.values.snapshots import Buffered, Pickled

CODEC: Final = "pickle"

_PYTHON: Final = "python"

_OURS: Final = frozenset({"__main__", "__mp_main__", "reprise"}) | sys.stdlib_module_names
"""Modules whose version goes without saying: it is the program's, or Python's."""


def is_pickled(snapshot: Snapshot) -> TypeGuard[Pickled | Buffered]:
    """Whether a snapshot consists of a pickled stream."""
    return isinstance(snapshot, Pickled | Buffered)


def restored(
    snapshot: Pickled | Buffered, function: Callable[..., object]
) -> tuple[Any, frozenset[str]]:
    """Restore a pickled snapshot, and tell the modules of all that its stream names.

    Raises:
        UndecodableError: it cannot be unpickled in this very process.
    """
    buffers = snapshot.buffers.take() if isinstance(snapshot, Buffered) else None
    try:
        return recording_loads(function, snapshot.stream.data, buffers)
    except MemoryError:
        raise
    except Exception as error:
        raise UndecodableError(f"what was pickled cannot be unpickled: {error}") from error


def pack(snapshot: Pickled | Buffered, modules: Iterable[str]) -> Packed:
    """Pack a pickled snapshot, without pickling anew."""
    kept = snapshot.buffers if isinstance(snapshot, Buffered) else None
    buffers = [] if kept is None else [RawBuffer((view,), view.nbytes) for view in kept.frozen()]
    return Packed(CODEC, snapshot.stream.data, tuple(buffers), versions_of(modules))


def stream_of(received: Received, function: Callable[..., object]) -> Stream:
    """What can be loaded of what was received.

    Raises:
        UndecodableError: it names things of other versions than those that are here.
    """
    check_versions(received.versions)
    data = received.stream
    # Asking Python for each name takes longer; only what is named by the script needs it.
    scripted = b"__main__" in data or find_by_name.__name__.encode() in data
    return Stream(data, named_loads(function) if scripted else pickle.loads)


def versions_of(modules: Iterable[str]) -> dict[str, str]:
    """The versions of Python and of the libraries that these modules belong to."""
    libraries = sorted({module.partition(".")[0] for module in modules} - _OURS)
    found = {library: _version(library) for library in libraries}
    return {_PYTHON: _python(), **found}


def check_versions(versions: Mapping[str, str]) -> None:
    """Refuse streams that may mean something else here than they did there.

    Raises:
        UndecodableError: a version is another one.
    """
    for library, there in versions.items():
        here = _python() if library == _PYTHON else _version(library)
        if here != there:
            raise UndecodableError(
                f"pickled by {library} {there or '?'}, and here is {here or '?'}"
            )


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def _version(library: str) -> str:
    """What a library says of itself; nothing for a module of the user's own."""
    try:
        version = getattr(importlib.import_module(library), "__version__", "")
    except ImportError as error:
        raise UndecodableError(f"{library} cannot be imported: {error}") from error
    return version if isinstance(version, str) else ""
