"""Other decorators in the place of Streamlit's own, for apps that are not to be edited."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

_NAMES: Final = ("cache_data", "cache_resource", "cache")
_NONE: Final = object()
"""Stands for ``st.cache`` in releases that do not have it any more."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands in the place of one of Streamlit's decorators.

    Args:
        name: Its name in ``streamlit``.
        original: Streamlit's own.
        given: What stands there instead.
    """

    name: str
    original: Any
    given: Any

    def put(self) -> None:
        """Bind every name to ours that Streamlit's modules bind to the original."""
        self._rebind(self.original, self.given)

    def undo(self) -> None:
        """Bind them to the original again, those too that were bound to ours later on."""
        self._rebind(self.given, self.original)

    def clear_original(self) -> None:
        """Clear the functions that were decorated with the original before it was replaced."""
        clear = getattr(self.original, "clear", None)
        if callable(clear):
            clear()

    def _rebind(self, old: Any, new: Any) -> None:
        for module, name in list(_bindings(old)):
            setattr(module, name, new)
        streamlit = sys.modules["streamlit"]
        if new is _NONE:
            delattr(streamlit, self.name)
        else:
            setattr(streamlit, self.name, new)


def replacements(cache_data: Any, cache_resource: Any, cache: Any) -> tuple[Replacement, ...]:
    """What would stand in the place of what; nothing is changed yet."""
    import streamlit

    given = (cache_data, cache_resource, cache)
    return tuple(
        Replacement(name, getattr(streamlit, name, _NONE), ours)
        for name, ours in zip(_NAMES, given, strict=True)
    )


def _bindings(value: Any) -> Iterator[tuple[ModuleType, str]]:
    """Where the loaded modules of Streamlit bind that very object."""
    if value is _NONE:
        return
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] == "streamlit":
            for name, bound in list(vars(module).items()):
                if bound is value:
                    yield module, name
