"""Values whose classes a rerun or a reload has made anew: they are the current ones' everywhere."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

SCRIPT = """
import collections, dataclasses, enum, typing
from reprise import cache_data

class Colour(enum.Enum):
    RED = 1
    GREEN = 2

class Access(enum.Flag):
    READ = 1
    WRITE = 2

class Level(enum.IntEnum):
    LOW = 1

class Word(enum.StrEnum):
    A = "a"

@dataclasses.dataclass
class Point:
    x: int
    colour: Colour = Colour.RED

@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    x: int
    colour: Colour = Colour.RED

class Pair(typing.NamedTuple):
    x: int
    colour: Colour

class Plain:
    def __init__(self, x):
        self.x = x

class Failure(Exception):
    pass

class Text(str):
    pass

class Box(dict):
    pass

MAKERS = {
    "enum": lambda: Colour.RED,
    "flag": lambda: Access.READ | Access.WRITE,
    "int enum": lambda: Level.LOW,
    "text enum": lambda: Word.A,
    "class": lambda: Point,
    "dataclass": lambda: Point(1),
    "frozen dataclass": lambda: Frozen(1),
    "named tuple": lambda: Pair(1, Colour.RED),
    "plain": lambda: Plain(Colour.GREEN),
    "exception": lambda: Failure("a"),
    "text": lambda: Text("a"),
    "dict": lambda: Box(a=Colour.RED),
    "tuple": lambda: (Colour.RED, Frozen(2)),
    "list": lambda: [Colour.RED, Point(2)],
    "keys": lambda: {Colour.RED: Point(1), Frozen(1): 2},
    "set": lambda: {Colour.RED, Frozen(1)},
    "frozenset": lambda: frozenset({Colour.RED}),
    "array": lambda: __import__("numpy").array([Colour.RED, Frozen(1)], dtype=object),
}

@cache_data
def load(name):
    runs(name)
    return MAKERS[name]()

@cache_data
def take(argument):
    runs(argument)
    return 1
"""

HAS_NUMPY = importlib.util.find_spec("numpy") is not None
NAMES = [
    *("enum", "flag", "int enum", "text enum", "class", "dataclass", "frozen dataclass"),
    *("named tuple", "plain", "exception", "text", "dict", "tuple", "list", "keys", "set"),
    "frozenset",
    pytest.param("array", marks=pytest.mark.skipif(not HAS_NUMPY, reason="needs numpy")),
]


@pytest.fixture
def run(runs, monkeypatch):
    """Runs the script as Streamlit does: each time in a ``__main__`` of its own."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])

    def once(source=SCRIPT):
        module = ModuleType("__main__")
        module.__file__ = "app.py"
        module.runs = runs
        sys.modules["__main__"] = module
        exec(compile(source, "app.py", "exec"), vars(module))
        return module

    return once


def ours(value, module):
    """Every object in ``value`` whose class the script defines, checked against that script."""
    cls = value if isinstance(value, type) else type(value)
    if cls.__module__ == "__main__":
        assert cls is getattr(module, cls.__qualname__)
    if hasattr(cls, "__members__") and not isinstance(value, type):
        assert value is cls(value.value)
    if isinstance(value, dict):
        inner = [*value, *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)) or type(value).__name__ == "ndarray":
        inner = list(value)
    else:
        fields = getattr(cls, "__dataclass_fields__", None) or vars(cls).get("__annotations__", ())
        inner = [getattr(value, name) for name in fields if not isinstance(value, type)]
        inner += getattr(value, "__dict__", {}).values() if not isinstance(value, type) else []
    return 1 + sum(
        ours(one, module)
        for one in inner
        if not isinstance(one, (int, str)) or type(one).__module__ == "__main__"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_result_after_a_rerun_is_of_the_current_classes(run, runs, name):
    first = run()
    ours(first.load(name), first)
    for _ in range(2):
        rerun = run()
        assert ours(eval("load(name)", vars(rerun), {"name": name}), rerun)
    assert runs == [name], "and it was not computed again"


@pytest.mark.parametrize("name", NAMES)
def test_an_argument_after_a_rerun_has_the_same_key(run, runs, name):
    for _ in range(2):
        module = run()
        assert module.take(module.MAKERS[name]()) == 1
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("enum", "GREEN = 2", "GREEN = 3"),
        ("dataclass", "x: int\n    colour: Colour = Colour.RED", "x: int\n    colour: Colour = 1"),
        ("plain", "self.x = x", "self.x = x; self.y = 1"),
        ("plain", "class Failure", "    def area(self): return 1\n\nclass Failure"),
        ("text", "class Text(str):\n    pass", "class Text(str):\n    def upper(self): return 1"),
        (
            "exception",
            "class Failure(Exception):\n    pass",
            "class Failure(Exception):\n    a = 1",
        ),
    ],
)
def test_an_argument_of_an_edited_class_has_another_key(run, runs, name, old, new):
    module = run()
    module.take(module.MAKERS[name]())
    assert old in SCRIPT
    edited = run(SCRIPT.replace(old, new, 1))
    edited.take(edited.MAKERS[name]())
    assert len(runs) == 2


def test_a_result_after_a_reload_of_its_module_is_of_the_current_classes(
    runs, tmp_path, monkeypatch
):
    (tmp_path / "shapes_of_test.py").write_text(
        "import enum, dataclasses\n"
        "class Colour(enum.Enum):\n    RED = 1\n"
        "@dataclasses.dataclass\nclass Point:\n    x: int\n    colour: Colour = Colour.RED\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from reprise import cache_data

    shapes = importlib.import_module("shapes_of_test")
    monkeypatch.delitem(sys.modules, "shapes_of_test")
    monkeypatch.setitem(sys.modules, "shapes_of_test", shapes)

    @cache_data
    def load(x):
        runs(x)
        return [shapes.Point(x), (shapes.Colour.RED,)]

    @cache_data
    def take(argument):
        runs("taken")
        return 1

    load(1), take(load(1))
    shapes = importlib.reload(shapes)
    point, (colour,) = load(1)
    assert isinstance(point, shapes.Point)
    assert colour is point.colour is shapes.Colour.RED
    assert point == shapes.Point(1)
    take(load(1))
    assert runs.noted.count("taken") == 1
