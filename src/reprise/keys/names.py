"""Names of classes and of other things, as they stand in encodings, tables and messages."""

from __future__ import annotations

import sys


def type_name(cls: type) -> str:
    """Module and qualified name, the same for a class that a rerun has created anew.

    >>> type_name(dict), type_name(sys.flags.__class__)
    ('builtins.dict', 'sys.flags')
    """
    return f"{cls.__module__}.{cls.__qualname__}"


def package_name(cls: type) -> str:
    """Top-level package and qualified name: inner modules move from version to version.

    >>> import decimal
    >>> package_name(decimal.Decimal)
    'decimal.Decimal'
    """
    return f"{str(cls.__module__).partition('.')[0]}.{cls.__qualname__}"


def short_name(cls: type) -> str:
    """The name for messages: builtins without their module."""
    return cls.__qualname__ if cls.__module__ == "builtins" else type_name(cls)


def defines(cls: type, name: str) -> bool:
    """Whether the class or a base of it has that attribute, whatever a metaclass makes up.

    >>> defines(bool, "bit_length"), defines(bool, "append")
    (True, False)
    """
    return any(name in vars(base) for base in cls.__mro__)


def answers_to(cls: type, name: str) -> bool:
    """Whether ``name`` is the class's own name, or one under which a module offers it.

    >>> from pathlib import PurePosixPath
    >>> answers_to(dict, "dict"), answers_to(dict, "builtins.dict"), answers_to(dict, "list")
    (True, True, False)
    """
    if name in (type_name(cls), short_name(cls)):
        return True
    module, _, attribute = name.rpartition(".")
    return getattr(sys.modules.get(module), attribute, None) is cls
