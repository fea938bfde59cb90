"""Encoders for shapely's geometries, geopandas' columns of them, and pyproj's systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprise.keys.framing import frame, leaf, number, stream, text

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def geometry(value: Any, walk: Walk) -> bytes:
    """Kind, coordinates (all of up to four dimensions), reference number and precision."""
    return frame("geometry", [walk(type(value)), *_parts(value)])


def _parts(value: Any) -> list[bytes]:
    import shapely

    grid = leaf("grid", repr(float(shapely.get_precision(value))).encode())
    known = [number(int(shapely.get_srid(value))), grid, number(int(value.has_z))]
    if value.geom_type == "GeometryCollection":
        # The binary form forgets of parts in a collection what it keeps of a whole.
        return [*known, *[frame(part.geom_type, _parts(part)) for part in value.geoms]]
    return [*known, leaf("WKB", shapely.to_wkb(value, byte_order=1))]


def column(value: Any, walk: Walk) -> list[bytes]:
    """The reference system and the geometries of a geopandas column."""
    import numpy as np
    import shapely

    plain = np.asarray(value, dtype=object)
    kinds = shapely.get_type_id(plain)
    numbers = (kinds, shapely.get_srid(plain), shapely.get_precision(plain), shapely.has_z(plain))
    collections = [walk(item) for item in plain[kinds == _COLLECTION]]
    written = shapely.to_wkb(plain, byte_order=1)
    sizes = [-1 if item is None else len(item) for item in written]
    joined = stream("WKB", filter(None, written))
    return [walk(value.crs), *map(walk, numbers), walk(sizes), joined, *collections]


_COLLECTION = 7


def reference_system(value: Any, walk: Walk) -> bytes:
    """What defines it, in well-known text; under which alias it was asked for does not count."""
    return frame("crs", [walk(type(value)), text(value.to_wkt() or value.srs)])
