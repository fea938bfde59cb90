"""Content that is easily overlooked: it stands where a first look does not go."""

from __future__ import annotations

import functools
from collections import OrderedDict
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

import numpy as np
import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest


def test_an_item_that_was_moved_to_the_end_stands_there():
    moved = OrderedDict(a=1, b=2)
    moved.move_to_end("a")
    assert digest(moved) == digest(OrderedDict(b=2, a=1)) != digest(OrderedDict(a=1, b=2))


def test_zeros_at_the_end_of_a_text_of_numpy_count():
    assert len({digest(np.str_(text)) for text in ("", "\0", "\0\0")}) == 3
    assert digest(np.bytes_(b"a")) != digest(np.bytes_(b"a\0"))


def test_how_many_generators_were_spawned_counts():
    one, other = np.random.default_rng(1), np.random.default_rng(1)
    assert digest(one) == digest(other)
    one.spawn(1)
    assert digest(one) != digest(other)


def test_attributes_of_a_partial_count():
    one, other = functools.partial(print, 1), functools.partial(print, 1)
    assert digest(one) == digest(other)
    one.label = "a"
    assert digest(one) != digest(other)


@pytest.mark.parametrize("base", ["pandas.DataFrame", "numpy.float64", "random.Random"])
def test_a_subclass_of_the_users_counts_by_its_code_and_attributes(base):
    module, _, name = base.partition(".")
    library = getattr(pytest.importorskip(module), name)

    def made(body, unit):
        names = {"__name__": "__main__", "Base": library}
        exec(f"class Own(Base):\n    def total(self): return {body}", names)
        value = names["Own"]() if name == "DataFrame" else names["Own"](1)
        value.__dict__["unit"] = unit
        return digest(value)

    assert made(1, "m") == made(1, "m")
    assert len({made(1, "m"), made(2, "m"), made(1, "s")}) == 3


class Maker:
    def __init__(self, number):
        self.number = number

    def make(self):
        return Made(self)


class Made:
    def __init__(self, maker):
        self.maker = maker

    def __reduce__(self):
        return self.maker.make, ()


def test_an_object_that_another_makes_counts_by_that_one():
    assert digest(Made(Maker(1))) == digest(Made(Maker(1))) != digest(Made(Maker(2)))


@pytest.mark.skipif(not any(Path(path, "UTC").exists() for path in TZPATH), reason="no zone files")
def test_a_zone_that_was_read_from_a_file_has_no_name_and_no_key():
    path = next(Path(path, "UTC") for path in TZPATH if Path(path, "UTC").exists())
    with path.open("rb") as file:
        zone = ZoneInfo.from_file(file)
    with pytest.raises(UnhashableParamError, match="has no name"):
        digest(zone)


def test_a_view_of_addresses_has_no_key():
    with pytest.raises(UnhashableParamError, match="addresses"):
        digest(memoryview(np.array([object()])))


def test_a_dataset_of_arrow_has_no_key(tmp_path):
    dataset = pytest.importorskip("pyarrow.dataset")
    pa = pytest.importorskip("pyarrow")
    dataset.write_dataset(pa.table({"a": [1]}), tmp_path, format="parquet")
    with pytest.raises(UnhashableParamError, match="files"):
        digest(dataset.dataset(tmp_path))
