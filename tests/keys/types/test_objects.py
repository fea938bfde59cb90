"""Objects told by class and attributes: dataclasses, models, estimators, images, containers."""

from __future__ import annotations

import enum
import importlib.util
from dataclasses import dataclass, field, make_dataclass
from functools import cached_property
from types import SimpleNamespace

import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest


@dataclass
class Point:
    x: int
    y: int = field(default=0, compare=False)

    @cached_property
    def norm(self):
        return self.x + self.y


@dataclass
class Pixel:
    x: int
    y: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    inner: tuple[Node, ...] = ()


class Named(Node):
    __slots__ = ("label",)


@dataclass
class Tree:
    name: str
    parent: Tree | None = None
    children: list[Tree] = field(default_factory=list)


def tree(*names):
    root = Tree("root")
    root.children = [Tree(name, root) for name in names]
    return root


def test_a_dataclass_counts_by_its_fields():
    assert digest(Point(1, 2)) == digest(Point(1, 2))
    assert digest(Point(1, 2)) != digest(Point(2, 1))
    assert digest(Point(1)) != digest(Pixel(1))
    assert digest(Point(1)) != digest({"x": 1, "y": 0})


def test_a_field_that_comparison_leaves_out_counts_all_the_same():
    assert Point(1, 2) == Point(1, 3)
    assert digest(Point(1, 2)) != digest(Point(1, 3))


def test_an_attribute_that_is_no_field_counts():
    one, other = Point(1), Point(1)
    one.extra = 1
    assert digest(one) != digest(other)


def test_looking_at_a_cached_property_changes_nothing():
    one, other = Point(1), Point(1)
    assert one.norm == 1
    assert digest(one) == digest(other)


def test_slots_count():
    assert digest(Node("a", (Node("b"),))) == digest(Node("a", (Node("b"),)))
    assert digest(Node("a", (Node("b"),))) != digest(Node("a", (Node("c"),)))


def test_slots_of_a_subclass_count():
    one, other = Named("a"), Named("a")
    object.__setattr__(one, "label", 1)
    assert digest(one) != digest(other)
    object.__setattr__(other, "label", 1)
    assert digest(one) == digest(other)


def test_a_tree_that_knows_its_parents():
    assert digest(tree("a", "b")) == digest(tree("a", "b"))
    assert digest(tree("a", "b")) != digest(tree("b", "a"))
    assert digest(tree("a").children[0]) != digest(tree("a"))


def test_classes_made_anew_by_a_rerun_are_the_same():
    def run(color):
        made = make_dataclass("Made", ["x"])
        kind = enum.Enum("Color", ["RED", "GREEN"], module="__main__")
        return [made(1), kind[color], kind, made]

    assert digest(run("RED")) == digest(run("RED"))
    assert digest(run("RED")) != digest(run("GREEN"))


def test_an_enum_whose_values_have_no_encoding_counts_by_name():
    handle = object()
    kind = enum.Enum("Handle", {"A": handle, "B": object()})
    assert digest(kind.A) == digest(kind.A)
    assert digest(kind.A) != digest(kind.B)


def test_pydantic_models():
    pydantic = pytest.importorskip("pydantic")

    class Person(pydantic.BaseModel):
        name: str
        age: int = 0
        _note: str = "n"

    class Dog(pydantic.BaseModel):
        name: str
        age: int = 0

    lee = Person(name="Lee", age=1)
    assert digest(lee) == digest(Person(age=1, name="Lee"))
    assert digest(lee) != digest(Person(name="Lea", age=1))
    assert digest(lee) != digest(Dog(name="Lee", age=1))
    # ``model_dump(exclude_unset=True)`` tells these two apart.
    assert digest(Person(name="Lee")) != digest(Person(name="Lee", age=0))
    lee._note = "m"
    assert digest(lee) != digest(Person(name="Lee", age=1))


def test_a_model_with_extra_fields_and_one_with_something_without_content():
    pydantic = pytest.importorskip("pydantic")

    class Open(pydantic.BaseModel, extra="allow", arbitrary_types_allowed=True):
        inner: object = None

    assert digest(Open(a=1)) != digest(Open(a=2))
    with pytest.raises(UnhashableParamError, match=r"argument 'value.inner' \(of type object\)"):
        digest(Open(inner=object()))


def test_attrs_classes():
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Slotted:
        x: int
        y: list = attrs.field(factory=list, eq=False)

    @attrs.define(slots=False)
    class Open:
        x: int

    assert digest(Slotted(1, [2])) == digest(Slotted(1, [2]))
    assert digest(Slotted(1, [2])) != digest(Slotted(1, [3]))
    assert digest(Open(1)) == digest(Open(1))
    assert digest(Open(1)) != digest(Open(2))
    assert digest(Open(1)) != digest(Slotted(1))


def test_msgspec_structs():
    msgspec = pytest.importorskip("msgspec")
    kind = msgspec.defstruct("Kind", ["x", "y"])
    assert digest(kind(1, [2])) == digest(kind(1, [2]))
    assert digest(kind(1, [2])) != digest(kind(1, [3]))


def test_images():
    image = pytest.importorskip("PIL.Image")
    wide, square = image.new("L", (8, 2)), image.new("L", (4, 4))
    assert wide.tobytes() == square.tobytes()
    assert digest(wide) != digest(square)
    assert digest(wide) == digest(wide.copy())
    assert digest(wide) != digest(image.new("L", (8, 2), 1))
    assert digest(wide) != digest(image.new("P", (8, 2)))
    painted = image.new("P", (8, 2))
    painted.putpalette([1, 2, 3])
    assert digest(painted) != digest(image.new("P", (8, 2)))


def test_every_frame_of_an_animation_counts(tmp_path):
    image = pytest.importorskip("PIL.Image")

    def opened(name, last):
        frames = [image.new("L", (2, 2), fill) for fill in (10, last)]
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        return image.open(tmp_path / name)

    with opened("a.gif", 20) as one, opened("b.gif", 20) as same, opened("c.gif", 30) as other:
        assert digest(one) == digest(same)
        assert digest(one) != digest(other)
        assert one.tell() == 0
        same.seek(1)
        assert digest(one) != digest(same)


def test_estimators():
    pytest.importorskip("sklearn")
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = [[float(i), float(i * i)] for i in range(20)]

    def forest(seed, trees=3):
        return RandomForestRegressor(trees, random_state=seed).fit(rows, range(20))

    assert digest(Ridge(1.0)) == digest(Ridge(1.0))
    assert digest(Ridge(1.0)) != digest(Ridge(2.0))
    assert digest(Ridge(1.0)) != digest(Ridge(1.0).fit(rows, range(20)))
    assert digest(forest(0)) == digest(forest(0))
    assert digest(forest(0)) != digest(forest(1))
    line = make_pipeline(StandardScaler(), Ridge())
    assert digest(line) == digest(make_pipeline(StandardScaler(), Ridge()))
    assert digest(line) != digest(make_pipeline(StandardScaler(), Ridge(alpha=2)))


def test_sparse_matrices():
    sparse = pytest.importorskip("scipy.sparse")
    assert digest(sparse.csr_array([[0, 1]])) == digest(sparse.csr_array([[0, 1]]))
    assert digest(sparse.csr_array([[0, 1]])) != digest(sparse.csr_array([[1, 0]]))
    assert digest(sparse.csr_array([[0, 1]])) != digest(sparse.csc_array([[0, 1]]))


def test_zones_of_other_packages():
    import datetime as dt

    zones = []
    if importlib.util.find_spec("dateutil"):
        from dateutil import tz

        zones += [
            tz.gettz("Europe/Berlin"),
            tz.gettz("Europe/Paris"),
            tz.tzutc(),
            tz.tzoffset("A", 1),
        ]
    if importlib.util.find_spec("pytz"):
        import pytz

        zones += [pytz.timezone("Europe/Berlin"), pytz.timezone("Europe/Paris"), pytz.utc]
    moments = [dt.datetime(2024, 7, 1, tzinfo=zone) for zone in zones]
    assert len({digest(moment) for moment in moments}) == len(zones)
    assert [digest(moment) for moment in moments] == [
        digest(moment.replace()) for moment in moments
    ]


@pytest.fixture
def delta_generator():
    return pytest.importorskip("streamlit.delta_generator").DeltaGenerator


def test_where_a_result_is_shown_is_no_input(delta_generator):
    one, other = delta_generator(), delta_generator(root_container=1)
    assert digest(one) == digest(other)
    assert digest([one]) != digest([None])


def uploaded(**changes):
    module = pytest.importorskip("streamlit.runtime.uploaded_file_manager")
    given = {"file_id": "1", "name": "a.csv", "type": "text/csv", "data": b"abc"} | changes
    return module.UploadedFile(module.UploadedFileRec(**given), SimpleNamespace())


def test_an_uploaded_file_counts_by_name_type_and_content():
    assert digest(uploaded()) == digest(uploaded(file_id="2"))
    for change in ({"name": "b.csv"}, {"type": "text/plain"}, {"data": b"abd"}):
        assert digest(uploaded()) != digest(uploaded(**change))


def test_an_uploaded_file_that_was_read_gives_something_else():
    read = uploaded()
    read.read()
    assert digest(read) != digest(uploaded())
