"""For tests of caches and of what is built on them: contract suites and a clock to move by hand.

The contract suites need pytest; the clock needs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprise.testing.clock import FakeClock

if TYPE_CHECKING:
    from reprise.testing.stores import StoreContract

__all__ = ["FakeClock", "StoreContract"]


def __getattr__(name: str) -> Any:
    if name != "StoreContract":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import pytest

    # Before the import, or the suite's failures would say "assert False" and no more.
    pytest.register_assert_rewrite("reprise.testing.stores")
    from reprise.testing.stores import StoreContract

    return StoreContract
