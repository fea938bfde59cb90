"""Encoders for figures of plotly and altair: what they say, and the data by content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprise.keys.framing import frame, leaf

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def plotly_figure(value: Any, walk: Walk) -> bytes:
    """Traces, layout, frames, and the grid of subplots that ``add_trace`` asks."""
    parts = (value.data, value.layout, value.frames, vars(value).get("_grid_ref"))
    return frame("plotly", [walk(type(value)), *map(walk, parts)])


def plotly_part(value: Any, walk: Walk) -> bytes:
    """A trace, a layout or a part of one: all properties that were set."""
    return frame("plotly.part", [walk(type(value)), walk(value.to_plotly_json())])


def altair_part(value: Any, walk: Walk) -> bytes:
    """A chart or a part of one, as it was described.

    Not ``to_dict()``: that refuses data of more than 5000 rows, and names data by a digest.
    """
    import altair

    def told(items: dict[str, Any]) -> dict[str, Any]:
        return {name: item for name, item in items.items() if item is not altair.Undefined}

    own = told(vars(value))
    if "_kwds" in own:
        own["_kwds"] = told(own["_kwds"])
    return frame("altair", [walk(type(value)), walk(own)])


def altair_undefined(_: object, __: Walk) -> bytes:
    """What stands for a property that was not given."""
    return leaf("undefined", b"")
