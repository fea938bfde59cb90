"""Other decorators in the place of Streamlit's own, for apps that are not to be edited."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

_NAMES: Final = ("cache_data", "cache_resource", "cache")
_NONE: Final = object()
"""Stands for ``st.cache`` in releases that do not have it any more."""

_STATE: Final = "__reprise_replaced__"
"""Where Streamlit's own module keeps the replacements: Streamlit's watcher of files may throw our
modules away and have them imported anew, and the originals must still be found then."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name of a module that is none of Streamlit's.

    Args:
        module: The module, for as long as it lives: the app's script is a new one in every run.
        name: The name in it.
    """

    module: weakref.ref[ModuleType]
    name: str

    def change(self, old: Any, new: Any) -> None:
        """Bind the name to ``new``, if it is still bound to ``old``."""
        module = self.module()
        if module is not None:
            names = _names_of(module)
            if names.get(self.name, _NONE) is old:
                names[self.name] = new


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands in the place of one of Streamlit's decorators.

    Args:
        name: Its name in ``streamlit``.
        original: Streamlit's own.
        given: What stands there instead.
        elsewhere: Where modules of others had imported the original to.
    """

    name: str
    original: Any
    given: Any
    elsewhere: tuple[Binding, ...]

    def put(self) -> None:
        """Bind every name to ours that is bound to the original now."""
        self._rebind_inside(self.original, self.given)
        for binding in self.elsewhere:
            binding.change(self.original, self.given)

    def undo(self) -> None:
        """Bind them to the original again, those of Streamlit's too that came later.

        What others bound to ours later on stays: whether they took it from Streamlit or from
        Reprise cannot be told, and it works.
        """
        self._rebind_inside(self.given, self.original)
        for binding in self.elsewhere:
            binding.change(self.given, self.original)

    def clear_original(self) -> None:
        """Clear the functions that were decorated with the original before it was replaced."""
        clear = getattr(self.original, "clear", None)
        if callable(clear):
            clear()

    def _rebind_inside(self, old: Any, new: Any) -> None:
        for module, name in list(_bindings(old)):
            if _is_streamlits(module):
                _names_of(module)[name] = new
        names = _names_of(sys.modules["streamlit"])
        if new is _NONE:
            names.pop(self.name, None)
        else:
            names[self.name] = new


def replace(cache_data: Any, cache_resource: Any, cache: Any) -> None:
    """Put these in the place of Streamlit's decorators, which is loaded.

    Where they stand there already nothing happens, and at no moment stands there anything else: a
    script that runs in another thread would decorate its functions with it.
    """
    import streamlit

    given = (cache_data, cache_resource, cache)
    now = tuple(getattr(streamlit, name, _NONE) for name in _NAMES)
    if all(bound is ours for bound, ours in zip(now, given, strict=True)):
        return
    restore()
    made = tuple(_replacement(name, ours) for name, ours in zip(_NAMES, given, strict=True))
    _names_of(streamlit)[_STATE] = made
    for replacement in made:
        replacement.put()


def restore() -> None:
    """Give Streamlit its own decorators back, if others stand in their place."""
    for replacement in _replaced():
        replacement.undo()
    _names_of(sys.modules["streamlit"]).pop(_STATE, None)


def clear_replaced(name: str) -> None:
    """Clear functions that were decorated with Streamlit's own decorator before.

    Args:
        name: ``cache_data`` or ``cache_resource``.
    """
    for replacement in _replaced():
        if replacement.name == name:
            replacement.clear_original()


def _replaced() -> tuple[Replacement, ...]:
    kept: tuple[Replacement, ...] = _names_of(sys.modules["streamlit"]).get(_STATE, ())
    return kept


def _replacement(name: str, given: Any) -> Replacement:
    original = _names_of(sys.modules["streamlit"]).get(name, _NONE)
    elsewhere = tuple(
        Binding(weakref.ref(module), bound)
        for module, bound in _bindings(original)
        if not _is_streamlits(module)
    )
    return Replacement(name, original, given, elsewhere)


def _bindings(value: Any) -> Iterator[tuple[ModuleType, str]]:
    """Where the loaded modules bind that very object."""
    if value is _NONE:
        return
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType):
            for name, bound in list(_names_of(module).items()):
                if bound is value:
                    yield module, name


def _names_of(module: ModuleType) -> dict[str, Any]:
    """What the module binds; asking in the usual way would load one that is lazy."""
    names: dict[str, Any] = object.__getattribute__(module, "__dict__")
    return names


def _is_streamlits(module: ModuleType) -> bool:
    name = _names_of(module).get("__name__")
    return isinstance(name, str) and name.partition(".")[0] == "streamlit"
