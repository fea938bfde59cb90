"""Encoders for xarray: dimensions, names, coordinates and the whole content.

Attributes count, unlike those of pandas: xarray carries them through operations, and labels, units
and decoding follow from them. So does ``encoding``, which says what ``to_netcdf`` writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprise.keys.framing import frame

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def variable(value: Any, walk: Walk) -> bytes:
    """Dimensions in their order, attributes, encoding and content."""
    parts = (value.dims, dict(value.attrs), dict(value.encoding), value.data)
    return frame("Variable", [walk(type(value)), *map(walk, parts)])


def data_array(value: Any, walk: Walk) -> bytes:
    """Name, variable, coordinates and indexes."""
    parts = [walk(value.name), walk(value.variable), *_coordinates(value, walk)]
    return frame("DataArray", [walk(type(value)), *parts])


def dataset(value: Any, walk: Walk) -> bytes:
    """Attributes, coordinates, and the variables in their order, which ``to_array`` follows."""
    known = (dict(value.attrs), dict(value.encoding))
    names = [name for name in value.variables if name not in value.coords]
    variables = [part for name in names for part in (walk(name), walk(value.variables[name]))]
    parts = [*map(walk, known), *_coordinates(value, walk), frame("variables", variables)]
    return frame("Dataset", [walk(type(value)), *parts])


def _coordinates(value: Any, walk: Walk) -> list[bytes]:
    """Coordinates by name, and which of them can be looked up, by an index of which class."""
    variables = {name: item.variable for name, item in value.coords.items()}
    indexes = {
        # What a pandas index knows besides its labels, a frequency for one, stands nowhere else.
        name: frame("index", [walk(type(index)), walk(getattr(index, "index", index))])
        for name, index in value.xindexes.items()
    }
    return [walk(variables), walk(indexes)]
