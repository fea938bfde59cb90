"""A helper beside the script, which is edited while the app runs."""

from __future__ import annotations


def rate() -> str:
    """Gives another answer after the edit."""
    return "low"


def unused() -> str:
    """Nothing that is cached calls this."""
    return "one"
