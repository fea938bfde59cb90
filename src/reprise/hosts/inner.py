"""Functions that a cached function defines inside of itself, found again in a later call's code.

They are known by what their code does, not by where it stands: a later run of a script, or another
process, has compiled it anew, perhaps with other comments and on other lines. What is looked
through is the code of the cached function and nothing else, so that whoever has such a digest can
name no other code by it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType
from typing import Any

from blake3 import blake3

from reprise.hosting import Call
from reprise.hosts.carried import Carried, globals_of


@dataclass(frozen=True, slots=True)
class Inner:
    """A function that was defined inside of the cached function.

    Args:
        code: Digest of its code.
        cells: What it reaches of the variables around it.
        defaults: Those of its parameters.
        kwdefaults: Those of its keyword-only parameters.
    """

    code: bytes
    cells: tuple[Carried, ...]
    defaults: Carried
    kwdefaults: Carried

    def make(self, call: Call) -> FunctionType:
        """The same function as ``call`` would define it.

        Raises:
            LookupError: the function that is called has no such code.
        """
        cells = tuple(CellType(cell.make(call)) for cell in self.cells)
        defaults, kwdefaults = self.defaults.make(call), self.kwdefaults.make(call)
        try:
            code = _inside(call.function.__code__)[self.code]
            made = FunctionType(code, globals_of(call), None, defaults, cells)
            made.__kwdefaults__ = kwdefaults
        except (AttributeError, TypeError, ValueError) as error:
            raise LookupError("the function has no such code") from error
        return made


def inner_code(function: FunctionType, call: Call) -> bytes | None:
    """The digest to know a function by in later calls; ``None`` if it is not defined in this."""
    around = getattr(call.function, "__code__", None)
    if type(around) is not CodeType or function.__code__ not in _below(around):
        return None
    return digest_of(function.__code__)


def digest_of(code: CodeType) -> bytes:
    """A digest of what code does: neither of the lines nor of the file that it stands on."""
    return blake3(repr(_parts(code)).encode()).digest()


@functools.lru_cache(maxsize=1000)
def _inside(code: CodeType) -> dict[bytes, CodeType]:
    """The code inside of ``code``; where two pieces do the same, either is the other."""
    return {digest_of(one): one for one in _below(code)}


def _below(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _below(constant)


def _parts(code: CodeType) -> tuple[Any, ...]:
    return (
        *(code.co_qualname, code.co_code, code.co_exceptiontable, code.co_flags),
        *(code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        *(code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars),
        [_constant(one) for one in code.co_consts],
    )


def _constant(value: Any) -> Any:
    """What is equal for constants that mean the same; ``1``, ``True`` and ``1.0`` do not."""
    kind = type(value)
    if kind is CodeType:
        return _parts(value)
    if kind is tuple:
        return ("tuple", [_constant(one) for one in value])
    if kind is frozenset:  # in an order that is the same in every process
        return ("frozenset", sorted(repr(_constant(one)) for one in value))
    # Python refuses to write very long integers in decimal.
    return (kind.__name__, hex(value) if kind is int else repr(value))
