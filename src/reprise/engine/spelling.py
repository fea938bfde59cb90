"""Names for the arguments of a function that was wrapped before it was cached.

A decorator that takes ``*args, **kwargs`` and passes them on hides the names of the function behind
it, and with them which parameters are left out of the key. ``functools.wraps`` leaves a trace.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from reprise.engine.shape import Shape, Signature
from reprise.keys import ArgumentKeys, Parameter
from reprise.keys.file_parameters import file_parameters


@dataclass(frozen=True, slots=True)
class Spelling:
    """Makes keys by the names of the function behind a wrapper."""

    signature: inspect.Signature
    keys: ArgumentKeys

    def named(self, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """The arguments by name, as the one value of :attr:`keys`; ``None`` if they do not fit.

        Without defaults: the wrapper may fill in others, so what is left out is not spelled out.
        """
        args, kwargs = values
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError:
            return None
        arguments = dict(bound.arguments)
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                more = arguments.pop(name, {})
                # A positional-only parameter may have the name of one of them.
                clashes = arguments.keys() & more.keys()
                arguments |= {f"**{k}" if k in clashes else k: v for k, v in more.items()}
        return (arguments,)


def spelling_of(
    function: Callable[..., Any],
    shape: Shape,
    name: str,
    hash_funcs: Any,
    files: frozenset[str] = frozenset(),
) -> Spelling | None:
    """The spelling behind ``function``, if it takes anything and wraps something that does not."""
    hides = shape == Shape(var_positional=shape.var_positional, var_keyword=shape.var_keyword)
    if not (hides and shape.var_positional and shape.var_keyword):
        return None
    if not hasattr(function, "__wrapped__"):
        return None
    parameter = Parameter("arguments", inspect.Parameter.VAR_KEYWORD)
    keys = ArgumentKeys(name, (parameter,), hash_funcs, files)
    return Spelling(inspect.signature(function), keys)


def argument_keys(
    function: Callable[..., Any],
    signature: Signature,
    name: str,
    hash_funcs: Any,
    files: Iterable[str] = (),
) -> tuple[ArgumentKeys, Spelling | None]:
    """What makes the keys of a function, by its own names and by those behind it.

    Args:
        function: The function.
        signature: Its signature.
        name: Its name, for messages.
        hash_funcs: The user's hash functions.
        files: Names of parameters that count by the content of files, besides those annotated so.
    """
    by_content = file_parameters(function).union(files)
    shape, defaults = signature.shape, signature.by_name
    parameters = tuple(
        Parameter(one, kind, defaults[one]) if one in defaults else Parameter(one, kind)
        for one, kind in shape.kinds
    )
    return (
        ArgumentKeys(name, parameters, hash_funcs, by_content),
        spelling_of(function, shape, name, hash_funcs, by_content),
    )
