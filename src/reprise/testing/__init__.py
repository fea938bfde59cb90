"""For tests of caches and of what is built on them: contract suites and a clock to move by hand.

The contract suites need pytest; the clock needs nothing.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from reprise.testing.clock import FakeClock

if TYPE_CHECKING:
    from reprise.testing.stores import StoreContract

__all__ = ["FakeClock", "StoreContract"]

_SUITES = {"StoreContract": "reprise.testing.stores"}


def __getattr__(name: str) -> Any:
    module = _SUITES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if module not in sys.modules:
        import pytest

        # Before the import, or the suite's failures would say "assert False" and no more.
        pytest.register_assert_rewrite(module)
    return getattr(importlib.import_module(module), name)
