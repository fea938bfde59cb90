"""Names for the arguments of a function that was wrapped before it was cached.

A decorator that takes ``*args, **kwargs`` and passes them on hides the names of the function behind
it, and with them which parameters are left out of the key. ``functools.wraps`` leaves a trace.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reprise.engine.shape import Shape
from reprise.keys import ArgumentKeys, Parameter


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
                arguments.update(arguments.pop(name, {}))
        return (arguments,)


def spelling_of(
    function: Callable[..., Any], shape: Shape, name: str, hash_funcs: Any
) -> Spelling | None:
    """The spelling behind ``function``, if it takes anything and wraps something that does not."""
    hides = shape == Shape(var_positional=shape.var_positional, var_keyword=shape.var_keyword)
    if not (hides and shape.var_positional and shape.var_keyword):
        return None
    if not hasattr(function, "__wrapped__"):
        return None
    parameter = Parameter("arguments", inspect.Parameter.VAR_KEYWORD)
    return Spelling(inspect.signature(function), ArgumentKeys(name, (parameter,), hash_funcs))
