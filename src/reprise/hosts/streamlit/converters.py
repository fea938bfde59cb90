"""What makes a widget's value of what the browser sends, and the other way: for each call anew.

Streamlit has an object of a class of its own for each widget. It holds data, and sometimes a
function of the user's, as ``format_func`` is: another call, perhaps of another user, gets its own.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Final

from reprise.hosting import Call
from reprise.hosts.carried import Carried, Keyed, Same
from reprise.hosts.carrying import Carrier
from reprise.hosts.streamlit import kinds, widgets

_METHODS: Final = ("serialize", "deserialize")
_FALLBACK: Final = "session_state_fallback"
"""What the session of the call has for the widget, in releases that know stale values by it."""
_OF_TEXTS: Final = ("capitalize", "casefold", "lower", "strip", "swapcase", "title", "upper")
KNOWN: Final[Mapping[str, Any]] = {
    "str": str,
    "repr": repr,
    **{f"str.{name}": getattr(str, name) for name in _OF_TEXTS},
}
"""Functions that are the same everywhere, by the names that they are written by."""


@dataclass(frozen=True, slots=True)
class Known:
    """One of the functions that are the same everywhere; implements ``Carried``."""

    name: str

    def make(self, call: Call) -> Any:  # noqa: ARG002 - it is the same for every call
        """That."""
        return KNOWN[self.name]


@dataclass(frozen=True, slots=True)
class Converter:
    """How to make one for another call.

    Args:
        kind: Its class, which is Streamlit's.
        held: What it holds, besides functions.
        functions: How to make the functions that it holds.
    """

    kind: Any
    held: Mapping[str, Any]
    functions: tuple[tuple[str, Carried], ...]

    def make(self, call: Call, user_key: str | None) -> dict[str, Any]:
        """Its two methods, by the fields of a widget's metadata that they belong in.

        Raises:
            LookupError: a function that it holds is not there.
        """
        made = object.__new__(self.kind)
        vars(made).update(self.held)
        vars(made).update((name, carried.make(call)) for name, carried in self.functions)
        if _FALLBACK in self.held:
            several = "default_option_indices" in self.held
            vars(made)[_FALLBACK] = widgets.chosen(user_key, self.held["options"], several)
        return {f"{name}r": MethodType(getattr(self.kind, name), made) for name in _METHODS}


def converter(metadata: Any, carrier: Carrier) -> Converter | None:
    """How to make a widget's for another call; ``None`` where it is of no kind that is known."""
    methods = [getattr(metadata, f"{name}r", None) for name in _METHODS]
    made = getattr(methods[0], "__self__", None)
    kind = type(made)
    if kinds.converters().get(kind.__qualname__) is not kind:
        return None
    if any(one != getattr(made, name) for one, name in zip(methods, _METHODS, strict=True)):
        return None
    held = held_by(made)
    functions = {name: one for name, one in held.items() if callable(one)}
    if _FALLBACK in held:
        held[_FALLBACK] = None
    return Converter(
        kind,
        {name: one for name, one in held.items() if name not in functions},
        tuple((name, carried_function(one, carrier)) for name, one in functions.items()),
    )


def held_by(made: Any) -> dict[str, Any]:
    """What such an object holds. The parameters of its generic class are nothing to it."""
    return {name: one for name, one in vars(made).items() if name != "__orig_class__"}


def carried_function(value: Any, carrier: Carrier) -> Carried:
    """How to make a function for another call; that function itself, where it is not known how."""
    for name, known in KNOWN.items():
        if value is known:
            return Known(name)
    if type(value) not in {FunctionType, MethodType, functools.partial}:
        return Same(value)
    try:
        return carrier.carry(value)
    except Exception:  # noqa: BLE001 - of any type: what a user's function holds is copied
        return Same(value)


def carried_entry(value: Any, carrier: Carrier) -> Carried:
    """How to make what a widget left behind for ``AppTest``: data, a function, or both by names."""
    if callable(value):
        return carried_function(value, carrier)
    if type(value) is dict:
        return Keyed(tuple(value), tuple(carried_entry(one, carrier) for one in value.values()))
    return Same(value)
