"""Keys that users make: by ``hash_funcs``, ``__reprise_key__`` and registered encoders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reprise.keys.failures import UnencodableError, UserFunctionError
from reprise.keys.framing import frame, leaf
from reprise.keys.identity import identity_of
from reprise.keys.names import answers_to, short_name, type_name
from reprise.keys.walk import Encoder, Encoders, Walk


@dataclass(frozen=True, slots=True)
class HashFunc:
    """One entry of ``hash_funcs``."""

    kind: type | str
    function: Callable[[Any], Any]

    def serves(self, cls: type) -> bool:
        """Whether the entry is for ``cls``, or for what it was called before a rerun."""
        if isinstance(self.kind, str):
            return answers_to(cls, self.kind)
        return self.kind is cls or type_name(self.kind) == type_name(cls)


def by_hash_func(function: Callable[[Any], Any], others: Encoders) -> Encoder:
    """Make an encoder that asks ``function`` and encodes what it returns.

    The result is encoded without this entry: ``{str: str.lower}`` would never come to an end.
    """

    def encode(value: Any, _: Walk) -> bytes:
        result = _ask(function, value)
        return _encode_result(function, value, result, Walk(others))

    return encode


def by_reprise_key(value: Any, walk: Walk) -> bytes:
    """Encode what the object says identifies it."""
    function = type(value).__reprise_key__
    result = _ask(function, value)
    with walk.keyed_by(function, value):
        return _encode_result(function, value, result, walk)


def by_encoder(function: Callable[[Any], Any]) -> Encoder:
    """Make an encoder that asks a registered ``function`` and encodes what it returns.

    The function's own code counts too: once it is edited, what it returns means something else.
    """

    def encode(value: Any, walk: Walk) -> bytes:
        code = walk.once(function, lambda: _code_of(function, walk))
        result = _ask(function, value)
        with walk.keyed_by(function, value):
            return frame("encoded", [code, _encode_result(function, value, result, walk)])

    return encode


def _code_of(function: Callable[[Any], Any], walk: Walk) -> bytes:
    encoder = walk.encoders.plain.find(type(function))  # hash functions do not speak for code
    try:
        return encoder(function, walk)
    except UnencodableError:
        return leaf("identity", identity_of(function))


def _ask(function: Callable[[Any], Any], value: object) -> object:
    try:
        return function(value)
    except Exception as error:
        fault = f"raised {type(error).__name__}: {error}"
        raise UserFunctionError(function, value, fault) from error


def _encode_result(
    function: Callable[[Any], Any], value: object, result: object, walk: Walk
) -> bytes:
    try:
        encoding = walk(result)
    except UnencodableError as error:
        what = short_name(type(error.trail[0] if error.trail else result))
        fault = f"returned something that cannot be part of a key itself (a {what})"
        raise UserFunctionError(function, value, fault) from error
    # With the code of the class: what the cached function does with the object may be in there.
    return frame("key of", [walk.class_of(value), encoding])
