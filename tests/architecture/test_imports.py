"""The arrows between the rooms, read from the source and compared with the design."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "reprise"

BASE = frozenset(
    {
        "annotations",
        "clocks",
        "config",
        "contracts",
        "envelopes",
        "errors",
        "forks",
        "hashing",
        "hosting",
        "memory_limit",
        "seals",
        "signing",
        "units",
    }
)
"""Below the rooms, known to all of them."""
ROOMS = frozenset({"keys", "values", "stores", "flights", "hosts", "observe"})
"""They do not know each other."""
ROOT = frozenset(
    {
        "auto",
        "cached",
        "composition",
        "decorators",
        "deprecated",
        "drop_in",
        "extending",
        "legacy",
        "storing",
        "progressing",
    }
)
"""What the public names are, and where the rooms are put together."""

ALLOWED: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "hosting": frozenset({"errors"}),
    "contracts": frozenset({"errors", "hosting"}),
    # The files of one level may use one another, as long as they form no circle.
    **dict.fromkeys(BASE - {"errors", "hosting", "contracts"}, BASE),
    **dict.fromkeys(ROOMS, BASE),
    "engine": BASE | ROOMS,
    **dict.fromkeys(ROOT, BASE | ROOMS | {"engine"} | ROOT),
    "cli": BASE | ROOMS | {"engine", "__init__"} | ROOT,
    "__main__": frozenset({"cli"}),
    # Contract suites are handed a store, a codec or a host by those who run them.
    "testing": BASE,
    "__init__": BASE | ROOMS | ROOT,
}
"""For every room, or file outside the rooms, the others that it may import."""

LIGHT = frozenset({"blake3"})
"""What may be imported at the top of a module, besides the standard library."""

LONGEST_FILE = 400


@dataclass(frozen=True, slots=True)
class Import:
    importer: str
    imported: str
    line: int
    runs_at_import: bool
    """At the top of the module, outside functions and ``if TYPE_CHECKING``."""

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = {module_name(path): path for path in SOURCES}
PACKAGES = {name for name in MODULES if MODULES[name].name == "__init__.py"} - {"reprise.__init__"}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def statements(node: ast.AST, at_top: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        inner = at_top and not (
            isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            or is_type_checking(child)
        )
        yield child, inner
        yield from statements(child, inner)


def targets(node: ast.AST, module: str, known: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            # A package counts as the first level itself; its name has lost its __init__.
            parents = module.split(".") + ["__init__"] * (module in PACKAGES)
            base = ".".join([*parents[: -node.level], *filter(None, [base])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in known else base


def imports_of(module: str, source: str, known: frozenset[str]) -> list[Import]:
    return [
        Import(module, target, getattr(node, "lineno", 0), at_top)
        for node, at_top in statements(ast.parse(source))
        for target in dict.fromkeys(targets(node, module, known))
    ]


IMPORTS = [
    found
    for module, path in MODULES.items()
    for found in imports_of(module, path.read_text(encoding="utf-8"), frozenset(MODULES))
]


def wrong_arrows(imports: list[Import]) -> list[str]:
    """Imports from a room that the importer's room must not know."""
    return [
        str(found)
        for found in imports
        if found.imported.split(".")[0] == "reprise"
        and found.imported != found.importer
        and room(found.imported) != room(found.importer)
        and room(found.imported) not in ALLOWED[room(found.importer)]
    ]


def heavy_imports(imports: list[Import]) -> list[str]:
    """Imports that every ``import reprise`` would have to pay for."""
    light = sys.stdlib_module_names | LIGHT | {"reprise"}
    return [
        str(found)
        for found in imports
        if found.runs_at_import
        and found.imported.split(".")[0] not in light
        and room(found.importer) not in {"cli", "testing"}
    ]


def cycle(imports: list[Import]) -> list[str]:
    """Modules that import one another while they are imported, if there are such."""
    graph: dict[str, set[str]] = {}
    for found in imports:
        if found.runs_at_import and found.imported.startswith("reprise."):
            graph.setdefault(found.importer, set()).add(found.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_file_belongs_to_a_room_of_the_design() -> None:
    assert {room(module) for module in MODULES} <= set(ALLOWED)


def test_every_directory_is_a_package() -> None:
    assert [path for path in SOURCES if not path.with_name("__init__.py").exists()] == []


def test_imports_follow_the_arrows_of_the_design() -> None:
    assert wrong_arrows(IMPORTS) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle(IMPORTS) == []


def test_modules_load_nothing_heavy_when_imported() -> None:
    assert heavy_imports(IMPORTS) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def example(importer: str, source: str) -> list[Import]:
    return imports_of(importer, source, frozenset({"reprise.values.pages", "reprise.keys"}))


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("reprise.keys.walk", "from reprise.values import pages"),
        ("reprise.keys.walk", "from reprise.values.pages import Page"),
        ("reprise.keys.walk", "import reprise.values.pages"),
        ("reprise.keys.walk", "from ..values.pages import Page"),
        ("reprise.keys.walk", "from ..values import pages"),
        ("reprise.keys.walk", "def f():\n    from reprise import engine"),
        ("reprise.errors", "from reprise.contracts import Key"),
        ("reprise.engine.plan", "from reprise.decorators import cache_data"),
        ("reprise.engine.plan", "from reprise import cache_data"),
    ],
)
def test_an_arrow_that_the_design_does_not_have_is_found(importer: str, source: str) -> None:
    assert wrong_arrows(example(importer, source)) != []


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("reprise.keys.walk", "from reprise.contracts import Key"),
        ("reprise.keys.walk", "from reprise.keys import arguments"),
        ("reprise.keys.walk", "from .arguments import digest"),
        ("reprise.engine.plan", "from reprise.values.pages import Page"),
        ("reprise.__init__", "from reprise.decorators import cache_data"),
        ("reprise.__init__", "from .decorators import cache_data"),
    ],
)
def test_an_arrow_of_the_design_is_let_through(importer: str, source: str) -> None:
    assert wrong_arrows(example(importer, source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import numpy",
        "from pandas.core import frame",
        "try:\n    import polars\nexcept ImportError: ...",
        "class A:\n    import pyarrow",
    ],
)
def test_a_heavy_import_at_the_top_is_found(source: str) -> None:
    assert heavy_imports(example("reprise.values.pages", source)) != []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import numpy",
        "if TYPE_CHECKING:\n    import numpy",
        "import asyncio",
        "from blake3 import blake3",
    ],
)
def test_light_and_late_imports_are_let_through(source: str) -> None:
    assert heavy_imports(example("reprise.values.pages", source)) == []


def test_a_circle_is_found() -> None:
    there = example("reprise.keys", "from reprise.values import pages")
    back = example("reprise.values.pages", "import reprise.keys")
    assert set(cycle(there + back)) == {"reprise.keys", "reprise.values.pages"}
