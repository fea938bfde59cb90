"""The digest of a code object: what it does, and nothing about where it stands.

Line numbers, file name and docstring do not count. Constants count with their exact types, by
value and where they are used: their places in the table of constants shift when a docstring is
added. Annotations of nested functions do count, for they are compiled into the code around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, Final

from reprise.keys.atoms import ATOMS
from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, number, seal, text

if TYPE_CHECKING:
    from dis import Instruction

_MEANINGLESS_FLAGS: Final = 0x1000000 | 0x4000000
"""``from __future__ import annotations``, and "has a docstring" (Python 3.13)."""

_STORED_BY_COMPILER: Final = frozenset({"__doc__", "__firstlineno__", "__static_attributes__"})
"""What the body of a class stores about itself, of which nothing is meaning."""

_LOADS: Final = frozenset({"LOAD_CONST", "LOAD_SMALL_INT"})
"""What puts such a thing in place."""


def code_digest(code: CodeType) -> bytes:
    r"""Return the digest (32 bytes) of ``code`` and of all code in it.

    >>> first, same = compile("x+1", "a.py", "eval"), compile("\nx  +  1", "b.py", "eval")
    >>> code_digest(first) == code_digest(same)
    True
    >>> code_digest(first) == code_digest(compile("x+True", "a.py", "eval"))
    False
    """
    return seal(_encode(code))


def _encode(code: CodeType) -> bytes:
    signature = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + 2]
    return frame(
        "code",
        [
            text(code.co_name),
            *map(number, signature),
            number(code.co_flags & ~_MEANINGLESS_FLAGS),
            frame("names", [text(name) for name in names]),
            frame("instructions", list(_instructions(code))),
            leaf("exceptions", code.co_exceptiontable),
        ],
    )


def _instructions(code: CodeType) -> Iterator[bytes]:
    import dis

    pending: Instruction | None = None
    for instruction in dis.get_instructions(code):
        if pending is not None:
            if instruction.argval in _STORED_BY_COMPILER and instruction.opname == "STORE_NAME":
                pending = None
                continue
            yield _instruction(pending, code)
            pending = None
        if instruction.opname in _LOADS:
            pending = instruction
        else:
            yield _instruction(instruction, code)
    if pending is not None:
        yield _instruction(pending, code)


def _instruction(instruction: Instruction, code: CodeType) -> bytes:
    import opcode

    place = instruction.opcode
    named = place in opcode.haslocal or place in opcode.hasname or place in opcode.hasfree
    if place in opcode.hasconst:
        # Not argval: on Python 3.11 that is unknown for the names of keyword arguments.
        argument = _constant(code.co_consts[instruction.arg or 0])
    elif named:
        argument = text(instruction.argrepr)
    else:
        argument = number(instruction.arg or 0)
    return frame("do", [text(instruction.opname), argument])


def _constant(value: object) -> bytes:
    """Encode one of the few types that compiled constants have."""
    atom = ATOMS.get(type(value))
    if atom is not None:
        return atom(value)
    if isinstance(value, CodeType):
        return leaf("code", code_digest(value))
    if isinstance(value, tuple):
        return frame("tuple", [_constant(item) for item in value])
    if isinstance(value, frozenset):
        return frame("frozenset", sorted(map(_constant, value)))
    if isinstance(value, slice):
        parts = (value.start, value.stop, value.step)
        return frame("slice", [_constant(part) for part in parts])
    raise UnencodableError(f"its code holds a constant of type {type(value).__name__}")
