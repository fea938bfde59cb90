"""What a piece of code names outside itself: what it reads, what it writes, what it imports."""

from __future__ import annotations

from dataclasses import dataclass
from types import CodeType
from typing import Final

from reprise.keys.code.chains import Chain, Found
from reprise.keys.code.memo import PerCode
from reprise.keys.code.sketch import Sketch


@dataclass(frozen=True, slots=True)
class References:
    """What one code object, and all code in it, names outside itself."""

    loads: tuple[Chain, ...]
    """What is loaded, each chain as far as it can be followed."""
    reads: tuple[Chain, ...]
    """What something is made of. What is loaded only to be changed is not among it. ``[]`` stands
    for an item of what is before it in the chain, ``()`` for what a call of it gives."""
    writes: tuple[Chain, ...]
    """Names and attributes that are bound anew."""
    changes: tuple[Chain, ...]
    """What is changed in place, if it is a container of Python's: an object, and at the end of the
    chain the method that is called on it, or ``[]`` where an item is put into it."""
    tries: tuple[Chain, ...]
    """What is done, with nothing made of it, that may raise."""
    handles: bool
    """Whether exceptions are caught somewhere."""
    imports: tuple[str, ...]
    """Modules that are imported, spelled as the names of import chains are."""


def _find(code: CodeType) -> References:
    first = code.co_varnames[0] if code.co_argcount else None
    found = Found()
    _scan(code, first, found)
    return References(
        tuple(found.loads),
        tuple(found.reads),
        tuple(found.writes),
        tuple(found.changes),
        tuple(found.tries),
        bool(found.handlers),
        tuple(found.imports),
    )


def _scan(code: CodeType, first: str | None, found: Found) -> None:
    Sketch(first, found).read(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _scan(constant, None, found)


references: Final = PerCode(_find)
"""``references(code)`` are the :class:`References` of a code object, and of all code in it.

>>> code = compile("lambda: clean(LIMIT, LOG.append(1))", "a.py", "eval").co_consts[0]
>>> [chain.name for chain in references(code).loads]
['clean', 'LIMIT', 'LOG']
>>> [chain.name for chain in references(code).changes]
['LOG']
"""
