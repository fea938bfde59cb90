"""Pickling classes and functions of a script that is run anew, by their names.

Each run of a Streamlit script has a ``__main__`` of its own, and another session may have put its
own in ``sys.modules`` meanwhile. Pickle then refuses what the script defines, since it is not what
is found under that name. Here it is named if the function's own globals reach it by that name, and
found again in the script that asks: so a caller gets instances of its own classes, those that its
``isinstance`` knows.
"""

from __future__ import annotations

import functools
import io
import pickle
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType, FunctionType, ModuleType
from typing import Any, Final, TypeAlias

_MAIN: Final = "__main__"

_Reference: TypeAlias = "weakref.ref[Callable[..., object]] | None"


class NamingPickler(pickle.Pickler):
    """Names what the globals of a function reach by the same name."""

    _globals: Mapping[str, object] = {}

    def look_in(self, function: Callable[..., object]) -> None:
        """Look names up where ``function`` does."""
        self._globals = getattr(function, "__globals__", {})

    def reducer_override(self, obj: Any) -> Any:
        """Pickle's hook: how to pickle ``obj``, or ``NotImplemented`` for pickle's own way."""
        if not isinstance(obj, type | FunctionType):
            return NotImplemented
        module, name = obj.__module__, obj.__qualname__
        imported = _imported(module, name)
        if imported is obj:
            return NotImplemented
        replaced = isinstance(imported, type | FunctionType) and type(imported) is type(obj)
        own = module == self._globals.get("__name__")
        if (own or replaced) and self._reaches(module, name, obj):
            return find_by_name, (module, name)
        return NotImplemented

    def _reaches(self, module: str, name: str, obj: object) -> bool:
        return any(_attribute(names, name) is obj for names in self._namespaces(module))

    def _namespaces(self, module: str) -> Iterator[Mapping[str, object]]:
        """The function's globals, and a module of that name that the globals hold."""
        yield self._globals
        for value in self._globals.values():
            if isinstance(value, ModuleType) and value.__name__ == module:
                yield vars(value)


def find_by_name(module: str, name: str) -> object:
    """Find what was pickled by name; a stream that holds this is loaded by :func:`named_loads`."""
    __import__(module)
    found = _imported(module, name)
    if found is None:
        raise AttributeError(f"module {module!r} has no {name!r}")
    return found


def named_loads(function: Callable[..., object]) -> Callable[..., Any]:
    """Make the counterpart of ``pickle.loads`` for values that name things of a script.

    Args:
        function: The function that returned the value, kept weakly: a strong reference would keep
            alive everything that a finished run of a script left behind in its globals.
    """
    try:
        reference: _Reference = weakref.ref(function)
    except TypeError:
        # Not every callable can be referred to weakly; it was the last resort only.
        reference = None
    return functools.partial(_loads, reference)


def _loads(reference: _Reference, data: bytes, *, buffers: Iterable[Any] | None = None) -> Any:
    unpickler = _NamingUnpickler(io.BytesIO(data), buffers=buffers)
    unpickler.reference = reference
    return unpickler.load()


def recording_loads(
    function: Callable[..., object], data: bytes, buffers: Iterable[Any] | None
) -> tuple[Any, frozenset[str]]:
    """Load what this process pickled, and tell which modules its stream names."""
    unpickler = _RecordingUnpickler(io.BytesIO(data), buffers=buffers)
    unpickler.modules = set()
    try:
        unpickler.reference = weakref.ref(function)
    except TypeError:
        unpickler.reference = None
    return unpickler.load(), frozenset(unpickler.modules)


class _NamingUnpickler(pickle.Unpickler):
    reference: _Reference = None

    def find_class(self, module: str, name: str, /) -> Any:
        if module == __name__ and name == find_by_name.__name__:
            return self._find
        if module == _MAIN:
            return self._find(module, name)
        return super().find_class(module, name)

    def _find(self, module: str, name: str) -> Any:
        for names in self._namespaces(module):
            found = _attribute(names, name)
            if found is not None:
                return found
        return super().find_class(module, name)

    def _namespaces(self, module: str) -> Iterator[Mapping[str, object]]:
        """Where to look, best first: the asking script, the imported module, the function's own."""
        if module == _MAIN:
            # sys.modules may hold another session's script, with classes of the same names.
            yield from _calling_scripts()
        if module in sys.modules:
            yield vars(sys.modules[module])
        function = self.reference() if self.reference is not None else None
        names = getattr(function, "__globals__", {})
        if names.get("__name__") == module:
            yield names


class _RecordingUnpickler(_NamingUnpickler):
    modules: set[str]

    def find_class(self, module: str, name: str, /) -> Any:
        self.modules.add(module)
        return super().find_class(module, name)

    def _find(self, module: str, name: str) -> Any:
        self.modules.add(module)
        return super()._find(module, name)


def _calling_scripts() -> Iterator[Mapping[str, object]]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == _MAIN:
            yield frame.f_globals
        frame = frame.f_back


def _imported(module: str, name: str) -> object | None:
    return _attribute(vars(sys.modules[module]), name) if module in sys.modules else None


def _attribute(names: Mapping[str, object], qualname: str) -> object | None:
    """What a dotted name leads to in a namespace; ``None`` if nowhere."""
    first, *rest = qualname.split(".")
    found = names.get(first)
    for part in rest:
        found = getattr(found, part, None)
    return found
