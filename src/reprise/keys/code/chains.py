"""What code names: chains of attributes, and what is done with what they lead to."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

CHANGING: Final = frozenset(
    {"__delitem__", "__setitem__", "add", "append", "appendleft", "clear", "difference_update"}
    | {"discard", "extend", "extendleft", "insert", "intersection_update", "move_to_end", "pop"}
    | {"popitem", "popleft", "remove", "reverse", "rotate", "setdefault", "sort", "subtract"}
    | {"symmetric_difference_update", "update"}
)
"""Methods of Python's containers that change them."""

TELLING: Final = frozenset({"pop", "popitem", "popleft", "setdefault"})
"""Those among them that return something of what is in there."""

RAISING: Final = frozenset({"[]", "pop", "popitem", "popleft", "remove", "__delitem__"})
"""Those, and the access to an item, that raise depending on what is in there."""


class Root(enum.Enum):
    """Where a chain of attributes begins."""

    GLOBAL = "global"
    FREE = "closure"
    FIRST = "first parameter"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Chain:
    """A name and attributes of it, such as ``helpers.text.clean``."""

    root: Root
    name: str
    """Of an import the module's, with a dot for each level of a relative one."""
    attributes: tuple[str, ...] = ()

    def then(self, attribute: str) -> Chain:
        """This chain and one attribute more."""
        return Chain(self.root, self.name, (*self.attributes, attribute))


@dataclass(frozen=True, slots=True)
class Found:
    """What was come across. Dicts for the sake of the order."""

    loads: dict[Chain, None] = field(default_factory=dict)
    reads: dict[Chain, None] = field(default_factory=dict)
    writes: dict[Chain, None] = field(default_factory=dict)
    changes: dict[Chain, None] = field(default_factory=dict)
    tries: dict[Chain, None] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)
    handlers: dict[str, None] = field(default_factory=dict)
