"""What makes a widget's value of what the browser sends, and the other way: for each call anew.

Streamlit has an object of a class of its own for each widget. It holds data, and sometimes a
function of the user's, as ``format_func`` is: another call, perhaps of another user, gets its own.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
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
_OPTIONS: Final = "options"
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
class Handing:
    """Makes a widget's value of what the browser sends, and hands out a copy.

    What it makes may be one of the options, which all sessions share: one could change it for all.
    Streamlit copies what the widget returns, and not what ``st.session_state`` has.
    """

    deserialize: Callable[..., Any]

    def __call__(self, *sent: Any) -> Any:
        """A copy of the value."""
        return copied(self.deserialize(*sent))


def copied(value: Any) -> Any:
    """A copy; the value itself where that is not equal, for widgets compare it with the options."""
    try:
        duplicate = copy.deepcopy(value)
        return duplicate if duplicate == value else value
    except Exception:  # noqa: BLE001 - of any type: the user's objects are copied and compared
        return value


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
            vars(made)[_FALLBACK] = widgets.chosen(user_key, self.held[_OPTIONS], several)
        serialize, deserialize = (MethodType(getattr(self.kind, name), made) for name in _METHODS)
        hands_out = _OPTIONS in self.held
        return {
            "serializer": serialize,
            "deserializer": Handing(deserialize) if hands_out else deserialize,
        }


def converter(metadata: Any, carrier: Carrier) -> Converter | None:
    """How to make a widget's for another call; ``None`` where it is of no kind that is known."""
    given = [getattr(metadata, f"{name}r", None) for name in _METHODS]
    # Of a widget that a cached function inside of this one has shown again:
    methods = [one.deserialize if isinstance(one, Handing) else one for one in given]
    made = getattr(methods[0], "__self__", None)
    kind = type(made)
    if not _is_known(made):
        return None
    if any(one != getattr(made, name) for one, name in zip(methods, _METHODS, strict=True)):
        return None
    held = _own(held_by(made))
    functions = {name: one for name, one in held.items() if callable(one)}
    if _FALLBACK in held:
        held[_FALLBACK] = None
    return Converter(
        kind,
        {name: one for name, one in held.items() if name not in functions},
        tuple((name, carried_function(one, carrier)) for name, one in functions.items()),
    )


def _is_known(made: Any) -> bool:
    return kinds.converters().get(type(made).__qualname__) is type(made)


def _own(held: Mapping[str, Any]) -> dict[str, Any]:
    """That with copies of the options: the session of this call may have got one of them."""
    own = dict(held)
    for name, one in held.items():
        if name == _OPTIONS and type(one) in {list, tuple}:
            own[name] = type(one)(map(copied, one))
        elif _is_known(one):  # some have another one inside, with the same options
            own[name] = inner = object.__new__(type(one))
            vars(inner).update(_own(held_by(one)))
    return own


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
