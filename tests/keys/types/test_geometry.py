"""shapely, pyproj and geopandas: kinds, coordinates, reference systems, columns."""

from __future__ import annotations

import pandas as pd
import pytest

from reprise.keys import digest

shapely = pytest.importorskip("shapely")
geopandas = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")

POINT = shapely.Point(1, 2)
RING = [(0, 0), (1, 0), (1, 1), (0, 0)]
HOLE = [(0.2, 0.1), (0.4, 0.1), (0.4, 0.2), (0.2, 0.1)]
CIRCLE = shapely.Point(0, 0).buffer(1, quad_segs=500)


def moved(place):
    coordinates = list(CIRCLE.exterior.coords)
    coordinates[place] = (coordinates[place][0] + 1e-12, coordinates[place][1])
    return shapely.Polygon(coordinates)


def together(*parts):
    return shapely.GeometryCollection(parts)


def frame(crs="EPSG:4326", name="geometry", **columns):
    points = geopandas.GeoSeries.from_xy([1, 2, 3], [4, 5, 6], crs=crs)
    columns = {name: points} | columns
    return geopandas.GeoDataFrame({"a": [1, 2, 3]} | columns, geometry=name, crs=crs)


def changed(item):
    made = frame()
    made.loc[1, "geometry"] = item
    return made


def collected(*parts):
    return geopandas.GeoSeries([together(*parts), None])


DIFFER = [
    ("coordinates", POINT, shapely.Point(1, 3)),
    ("one of many coordinates", moved(1000), CIRCLE),
    ("height", POINT, shapely.Point(1, 2, 0)),
    ("heights", shapely.Point(1, 2, 3), shapely.Point(1, 2, 4)),
    ("reference number", POINT, shapely.set_srid(POINT, 4326)),
    ("precision", POINT, shapely.set_precision(POINT, 1)),
    ("ring is not line", shapely.LinearRing(RING), shapely.LineString(RING)),
    (
        "rings in a collection",
        together(shapely.LinearRing(RING)),
        together(shapely.LineString(RING)),
    ),
    ("polygon is not its ring", shapely.Polygon(RING), shapely.LinearRing(RING)),
    ("holes", shapely.Polygon(RING), shapely.Polygon(RING, [HOLE])),
    ("order of points", shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(1, 1), (0, 0)])),
    ("one is not many", POINT, shapely.MultiPoint([POINT])),
    ("empty ones", shapely.Point(), shapely.Polygon()),
    ("parts of a collection", together(POINT), together(POINT, POINT)),
    ("reference systems", pyproj.CRS(4326), pyproj.CRS(3857)),
    ("columns", frame(), frame(a=[1, 9, 3])),
    ("a geometry in the middle", frame(), changed(shapely.Point(2, 5.1))),
    ("missing is not empty", changed(None), changed(shapely.Point())),
    ("reference systems of frames", frame(), frame(crs="EPSG:3857")),
    ("without reference system", frame(), frame(crs=None)),
    (
        "which column is active",
        frame(name="one"),
        frame(name="one").set_geometry(frame().geometry.rename("two")),
    ),
    ("frame is not plain", frame(), pd.DataFrame(frame())),
    ("series", frame().geometry, frame().geometry[::-1]),
    ("array is not series", frame().geometry, frame().geometry.array),
    (
        "rings in collections of a column",
        collected(shapely.LinearRing(RING)),
        collected(shapely.LineString(RING)),
    ),
    (
        "where columns are cut",
        geopandas.GeoSeries([POINT, None]),
        geopandas.GeoSeries([None, POINT]),
    ),
]

SAME = [
    ("from text", POINT, shapely.from_wkt("POINT (1 2)")),
    ("from bytes", CIRCLE, shapely.from_wkb(CIRCLE.wkb)),
    ("prepared", shapely.from_wkb(CIRCLE.wkb), CIRCLE),
    ("reference systems by two names", pyproj.CRS("EPSG:4326"), pyproj.CRS.from_epsg(4326)),
    ("copies", frame(), frame().copy()),
    (
        "by way of bytes",
        frame(),
        frame().set_geometry(geopandas.GeoSeries.from_wkb(frame().geometry.to_wkb(), crs=4326)),
    ),
    ("attrs", frame(), frame().copy()),
    ("missing geometries", changed(None), changed(None)),
    ("collections", collected(POINT), collected(shapely.Point(1, 2))),
]
shapely.prepare(CIRCLE)


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_geometries_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_geometries_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_an_index_that_was_built_for_searching_does_not_count():
    one, other = frame(), frame()
    assert one.sindex is not None
    assert digest(one) == digest(other)


def test_digesting_leaves_a_frame_as_it_was():
    value = frame()
    digest(value)
    assert value.equals(frame())
    assert not value.has_sindex
