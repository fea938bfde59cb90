"""What goes wrong inside an encoding, before it is known for which argument of which function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class UnencodableError(Exception):
    """A value has no encoding. Caught within this room, and told as ``UnhashableParamError``."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.trail: list[object] = []
        """The value, then what held it, outwards; the walk fills it while it unwinds."""


class UnreadableFileError(Exception):
    """A file that counts by its content has none; told as ``UnhashableParamError``."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(fault)
        self.path = path
        self.fault = fault
        """What is the matter with it, to follow its path in a sentence."""


class UserFunctionError(Exception):
    """A function of the user's that makes a part of a key failed; told as ``UserHashError``."""

    def __init__(self, function: Callable[..., Any], value: object, fault: str) -> None:
        super().__init__(fault)
        self.function = function
        self.value = value
        self.fault = fault
        """What it did, to follow its name in a sentence."""
