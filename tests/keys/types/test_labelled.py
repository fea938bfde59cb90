"""xarray: dimensions, names, coordinates, attributes and all of the content."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest

xr = pytest.importorskip("xarray")


def array(content=None, dims=("x", "y"), **options):
    content = np.arange(6.0).reshape(2, 3) if content is None else content
    return xr.DataArray(content, dims=dims, **options)


def dataset(*names, **options):
    return xr.Dataset({name: ("x", [1, 2]) for name in names or "ab"}, **options)


def changed(value, place, item):
    made = value.copy()
    made[place] = item
    return made


def encoded(**encoding):
    made = xr.Variable("x", [1.0])
    made.encoding.update(encoding)
    return made


def opened(path):
    with xr.open_dataset(path, engine="scipy") as made:
        return made.load().drop_encoding()


DAYS = pd.date_range("2024-01-01", periods=2)
LARGE = array(np.zeros((300, 400)))
LEVELS = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["one", "two"])

DIFFER = [
    ("one item far inside", LARGE, changed(LARGE, (150, 200), 1e-9)),
    ("types", array(np.zeros(2), "x"), array(np.zeros(2, int), "x")),
    ("dimensions", array(), array(dims=("y", "x"))),
    ("order of dimensions", array(), array().transpose()),
    ("names", array(name="a"), array(name="b")),
    ("coordinates", array(coords={"x": [1, 2]}), array(coords={"x": [1, 3]})),
    ("without coordinates", array(coords={"x": [0, 1]}), array()),
    ("coordinates without dimension", array(coords={"z": 1}), array(coords={"z": 2})),
    ("attributes", array(attrs={"units": "m"}), array(attrs={"units": "km"})),
    (
        "attributes of coordinates",
        dataset(coords={"x": ("x", [1, 2], {"a": 1})}),
        dataset(coords={"x": [1, 2]}),
    ),
    ("attributes of a dataset", dataset(attrs={"a": 1}), dataset(attrs={"a": 2})),
    ("encoding", encoded(scale_factor=2), encoded(scale_factor=3)),
    (
        "what can be looked up",
        array(coords={"x": [1, 2]}),
        array(coords={"x": [1, 2]}).drop_indexes("x"),
    ),
    (
        "levels",
        array(np.zeros(4), "z", coords=xr.Coordinates.from_pandas_multiindex(LEVELS, "z")),
        array(np.zeros(4), "z", coords=xr.Coordinates.from_pandas_multiindex(LEVELS[::-1], "z")),
    ),
    ("array is not dataset", array(name="a"), array(name="a").to_dataset()),
    ("variable is not array", xr.Variable("x", [1]), xr.DataArray([1], dims="x")),
    ("variable is not its data", xr.Variable("x", [1]), np.array([1])),
    ("coordinate or variable", dataset(), dataset().set_coords("b")),
    ("names of variables", dataset("a"), dataset("b")),
    ("order of variables, which to_array follows", dataset("a", "b"), dataset("b", "a")),
    ("texts", xr.Variable("x", ["a", "b"]), xr.Variable("x", ["a", "c"])),
    (
        "categories",
        xr.Variable("x", pd.Categorical(["a"])),
        xr.Variable("x", pd.Categorical(["b"])),
    ),
]

SAME = [
    ("copies", array(coords={"x": [1, 2]}), array(coords={"x": [1, 2]}).copy(deep=True)),
    ("order in memory", array(), array(np.asfortranarray(np.arange(6.0).reshape(2, 3)))),
    ("there and back", array(), array().transpose("y", "x").transpose("x", "y")),
    (
        "order of coordinates",
        array(coords={"x": [1, 2], "z": 1}),
        array(coords={"z": 1, "x": [1, 2]}),
    ),
    ("order of attributes", array(attrs={"a": 1, "b": 2}), array(attrs={"b": 2, "a": 1})),
    (
        "by way of a dataset",
        array(name="a", coords={"x": [1, 2]}),
        array(name="a", coords={"x": [1, 2]}).to_dataset()["a"],
    ),
    ("a slice and its copy", array()[1:], array()[1:].copy(deep=True)),
    ("equal days", dataset(coords={"x": DAYS}), dataset(coords={"x": DAYS.copy()})),
    (
        "equal categories",
        xr.Variable("x", pd.Categorical(["a"])),
        xr.Variable("x", pd.Categorical(["a"])),
    ),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_labelled_arrays_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_labelled_arrays_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_what_was_read_from_a_file_equals_what_was_written(tmp_path):
    pytest.importorskip("scipy")
    value = xr.Dataset({"a": ("x", [1.5, 2.5])}, coords={"x": [1, 2]}, attrs={"k": "v"})
    value.to_netcdf(tmp_path / "a.nc", engine="scipy")
    read = opened(tmp_path / "a.nc")
    assert digest(read["a"].variable.data) != digest(value["x"].variable.data)
    assert digest(read.astype(float)) == digest(opened(tmp_path / "a.nc").astype(float))


def test_an_array_whose_content_has_no_encoding_is_refused():
    items = np.array([object(), 1], dtype=object)
    with pytest.raises(UnhashableParamError, match="holds a value of type object"):
        digest(xr.DataArray(items))


def test_digesting_leaves_a_dataset_as_it_was():
    value = dataset(coords={"x": DAYS}, attrs={"a": [1]})
    before = copy.deepcopy(value)
    digest(value)
    assert value.identical(before)
    assert list(value.variables) == list(before.variables)
