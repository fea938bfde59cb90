"""Encoder for matplotlib: the state of every artist that a figure consists of.

Pixels would not do, for data outside the axes leaves none, and neither would a pickle, which has
none for a formatter that is a lambda. So all objects are walked through as they are: nothing is
drawn, asked for its size or autoscaled, none of which would leave the figure as it was.

Those objects refer to one another in all directions. Each is written once, in the order in which
the walk meets it, and is a number from then on, as in a pickle. Arrays, colours and other values
within them join by content.
"""

from __future__ import annotations

import enum
import itertools
import types
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.framing import frame, leaf, number, text

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_PACKAGES: Final = frozenset({"matplotlib", "mpl_toolkits"})

_SHOWN: Final = frozenset(
    {
        "canvas",
        "_canvas_callbacks",
        "_button_pick_id",
        "_scroll_pick_id",
        "_axobservers",
        "stale_callback",
        "_stale",
        "_remove_method",
        "_cachedRenderer",
    }
)
"""Where an artist is shown, who listens to it, and whether it must be drawn again."""

_FIGURE: Final = frozenset({"number", "_number"})
"""Which of pyplot's figures it is."""

_TRANSFORM: Final = frozenset(
    {"_parents", "_invalid", "_inverted", "_affine", "_transformed_path", "_transformed_points"}
)
"""What transforms remember of one another."""

_LINE: Final = frozenset(
    {
        "_x",
        "_y",
        "_xy",
        "_path",
        "_subslice",
        "_x_filled",
        "_invalidx",
        "_invalidy",
        "_transformed_path",
    }
)
"""What a line makes of ``_xorig`` and ``_yorig`` when it is drawn."""


def drawing(value: Any, walk: Walk) -> bytes:
    """A figure, an artist or anything else of matplotlib's, with all that it refers to."""
    return frame("drawing", [_Portrait(walk).of(value)])


class _Portrait:
    """One walk through the objects of a drawing."""

    __slots__ = ("_places", "_walk")

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._places: dict[int, tuple[int, object]] = {}

    def of(self, value: Any) -> bytes:
        """Encode a value that may be, or may hold, one of matplotlib's objects."""
        cls = type(value)
        if cls in self._walk.atoms:
            return self._walk(value)
        if cls is dict:
            return self._dict(value)
        if cls in (list, tuple):
            return frame(cls.__name__, list(map(self.of, value)))
        if isinstance(value, weakref.ref):
            return frame("weakly", [self.of(value())])
        if cls is types.MethodType:
            return frame("method", [text(value.__func__.__qualname__), self.of(value.__self__)])
        if cls is partial:
            return frame("partial", list(map(self.of, (value.func, value.args, value.keywords))))
        if _is_of_matplotlib(cls):
            return self._object(value)
        return self._walk(value)

    def _dict(self, value: dict[Any, Any]) -> bytes:
        items = list(value.items())
        if all(type(key) in self._walk.atoms for key in value):
            items.sort(key=lambda item: self._walk(item[0]))
        return frame("dict", [self.of(part) for item in items for part in item])

    def _object(self, value: Any) -> bytes:
        known = self._places.get(id(value))
        if known is not None:
            return frame("seen", [number(known[0])])
        self._places[id(value)] = (len(self._places), value)
        if type(value).__name__ == "CallbackRegistry":
            return leaf("callbacks", b"")
        if type(value).__name__ == "Grouper":  # keeps its members weakly
            return frame("groups", [self.of(list(group)) for group in value])
        own = _state(value)
        parts = [part for name in sorted(own) for part in (text(name), self.of(own[name]))]
        return frame("object", [self._walk(type(value)), *parts])


def _is_of_matplotlib(cls: type) -> bool:
    if issubclass(cls, type | enum.Enum | BaseException):
        return False
    return any(base.__module__.partition(".")[0] in _PACKAGES for base in cls.__mro__)


def _state(value: Any) -> dict[str, Any]:
    """Attributes without those that follow from others, or say where a figure is shown."""
    own = dict(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                own[name] = getattr(value, name)
    aside = _SHOWN
    if isinstance(own.get("_counter"), itertools.count):  # what it has counted stands beside it
        aside |= {"_counter"}
    if "_axstack" in own:
        aside |= _FIGURE
    if "_xorig" in own:
        aside |= _LINE
    if "_parents" in own:
        aside |= _TRANSFORM | _computed(value, own)
    return {name: item for name, item in own.items() if name not in aside}


def _computed(value: Any, own: dict[str, Any]) -> set[str]:
    """What a box that follows another, and all transforms but one, compute from the rest."""
    points = {"_points"} if "_bbox" in own and "_transform" in own else set()
    return points if type(value).__name__ == "Affine2D" else points | {"_mtx"}
