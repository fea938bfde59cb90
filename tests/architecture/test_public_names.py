"""What ``reprise`` offers is what it says that it offers."""

from __future__ import annotations

import inspect
import types

import pytest

import reprise
from reprise import errors


def kind_and_name(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order that ``make format`` keeps."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_all_is_sorted_and_without_repetition() -> None:
    assert list(reprise.__all__) == sorted(set(reprise.__all__), key=kind_and_name)


def test_all_names_everything_public_and_nothing_else() -> None:
    public = {
        name
        for name, value in vars(reprise).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    # Submodules become attributes when they are imported, and ``from __future__`` leaves one, too.
    assert public - {"annotations"} == set(reprise.__all__) - {"__version__"}


@pytest.mark.parametrize("name", reprise.__all__)
def test_every_public_class_and_function_explains_itself(name: str) -> None:
    value = getattr(reprise, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert inspect.getdoc(value), f"reprise.{name} has no docstring"
        assert value.__doc__ is not None, f"reprise.{name} has only an inherited docstring"


def test_every_error_and_warning_is_public() -> None:
    kinds = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == "reprise.errors"
    }
    assert kinds <= set(reprise.__all__)
