"""What a private name of Streamlit's is: where it stands, what for, and which releases have it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


# Compared and hashed by identity: one is looked up for each element that is shown.
@dataclass(frozen=True, slots=True, eq=False)
class Private:
    """One private name.

    Args:
        module: Where it stands, without the leading ``streamlit``.
        name: What it is called there, with dots.
        use: What for, to complete "Reprise needs it to ...".
        since: The earliest release in which it was seen; ``None`` when all from 1.40 on have it.
        until: The latest release in which it was seen, where later ones have another name.
        replay: Whether recording and replay rely on it.
    """

    module: str
    name: str
    use: str
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None
    replay: bool = True

    def expected_in(self, version: tuple[int, int]) -> bool:
        """Whether that release is known, or for a new one assumed, to have it."""
        return (self.since is None or version >= self.since) and (
            self.until is None or version <= self.until
        )

    def find(self) -> Any:
        """What it names now; ``None`` for what only instances have.

        Raises:
            AttributeError: it is not there any more.
            ImportError: its module is not there any more.
        """
        found: Any = importlib.import_module(f"streamlit{self.module}")
        for part in self.name.split("."):
            if not hasattr(found, part) and _is_set_on_instances(found, part):
                return None
            found = getattr(found, part)
        return found

    def wrap(self, wrapper: Callable[[Any], Any]) -> None:
        """Put what ``wrapper`` makes of it in its place.

        Raises:
            AttributeError: it is not there any more.
            ImportError: its module is not there any more.
        """
        owner: Any = importlib.import_module(f"streamlit{self.module}")
        *outer, name = self.name.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, name, wrapper(getattr(owner, name)))

    @property
    def present(self) -> bool:
        """Whether it is there."""
        try:
            self.find()
        except (AttributeError, ImportError):
            return False
        return True


def _is_set_on_instances(owner: Any, name: str) -> bool:
    """Whether it is declared, a field of a dataclass, or an attribute that ``__init__`` sets."""
    code = getattr(getattr(owner, "__init__", None), "__code__", None)
    fields = getattr(owner, "__dataclass_fields__", ())
    declared = getattr(owner, "__annotations__", ())
    return name in fields or name in declared or name in getattr(code, "co_names", ())
