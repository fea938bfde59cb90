"""The generated wrapper: the function's very signature, and a hit in a handful of bytecodes.

As :mod:`dataclasses` generates ``__init__``, so that CPython itself binds arguments and defaults:
``f(3)``, ``f(x=3)`` and ``f(3, y=2)`` where 2 is the default come out as one tuple of values, and a
wrong call fails with CPython's own message. No ``*args`` are packed, no signature is bound in
Python, nothing is locked or hashed beyond the dict lookup.

The lookup asks for ``(code, type(x), x, ...)`` **without looking at what x is**. That is safe
because of what is *inserted* under such tuples: only values whose equality is exactly the sameness
that we mean (``reprise.keys``). Anything else (a list raises, ``-0.0`` is never inserted, an object
with an ``__eq__`` of its own has a type that no inserted tuple holds) falls through to the engine.

Code is compiled once for each shape; a decoration then only copies it into a function object (a
Streamlit app decorates all its functions anew on each rerun).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, Final

from reprise.engine.shape import Shape, Signature


@dataclass(frozen=True, slots=True)
class Variant:
    """What distinguishes the generated code of functions with one shape."""

    is_async: bool
    timed: bool
    """It has a ttl, so that a hit reads the clock."""
    scoped: bool
    """It is cached for each session, so that the session is a part of the key."""
    guarded: bool
    """It names or closes over something that may change, to be asked about on each hit."""


# The names that generated code refers to. No parameter can have them: they are not identifiers
# that anyone would write, and a clash would be a SyntaxError in tests, not a wrong answer.
_GET, _CODE, _SESSION, _NOW, _TYPE, _GUARD, _ENGINE = (
    f"__reprise_{name}__" for name in ("get", "code", "session", "now", "type", "guard", "engine")
)
_OWN_NAME: Final = "__reprise_own_name__"
_ENTRY, _RESTORE, _VALUE = (f"__reprise_{name}__" for name in ("entry", "restore", "value"))


@dataclass(frozen=True, slots=True)
class Services:
    """What a wrapper calls."""

    get: Callable[[Any], Any]
    session: Callable[[], str]
    now: Callable[[], float]
    engine: Callable[[tuple[Any, ...]], Any]


def make_wrapper(
    name: str, signature: Signature, variant: Variant, services: Services
) -> FunctionType:
    """Make the wrapper of one function.

    Args:
        name: The function's name; shown in tracebacks and in errors about wrong arguments.
        signature: The signature that the wrapper gets.
        variant: Which code it needs.
        services: What that code calls.

    Returns:
        A function with a namespace of its own; :func:`look_for` changes what it asks for.
    """
    own_name = f"{_CODE}{next(_numbers)}"
    namespace: dict[str, Any] = {
        _GET: services.get,
        _OWN_NAME: own_name,
        own_name: object(),  # equal to nothing: unlinked wrappers always ask the engine
        _SESSION: services.session,
        _NOW: services.now,
        _TYPE: type,
        _GUARD: bool,  # false until it is linked
        _ENGINE: services.engine,
    }
    # The code finds the version to look for under a name that no other wrapper has: tools that
    # reload modules put a new function's code into the old function (IPython's autoreload does),
    # where it then finds nothing, and asks the engine, instead of the old version's entries.
    code = _wrapper_code(signature.shape, variant)
    own = code.replace(co_names=tuple(own_name if n == _CODE else n for n in code.co_names))
    return _function(own, namespace, name, signature)


_numbers: Final = itertools.count()


def look_for(wrapper: FunctionType, code: object, guard: Callable[[], bool]) -> None:
    """Let ``wrapper`` look for entries of ``code``, for as long as ``guard`` says yes."""
    wrapper.__globals__[wrapper.__globals__[_OWN_NAME]] = code
    wrapper.__globals__[_GUARD] = guard


def look_with(wrapper: FunctionType, get: Callable[[Any], Any]) -> None:
    """Let ``wrapper`` look entries up with ``get`` from now on."""
    wrapper.__globals__[_GET] = get


def make_binder(name: str, signature: Signature) -> FunctionType:
    """A function of that signature which returns its bound values as one tuple."""
    return _function(_binder_code(signature.shape), {}, name, signature)


def _function(
    code: CodeType, namespace: dict[str, Any], name: str, signature: Signature
) -> FunctionType:
    # A copy of its own: tracebacks and errors name the function, and CPython's inline caches, which
    # remember the namespace, are not fought over by functions of one shape.
    own = code.replace(co_name=name, co_qualname=name)
    made = FunctionType(own, namespace, name, signature.defaults)
    made.__kwdefaults__ = signature.keyword_defaults
    return made


@functools.lru_cache(maxsize=1024)
def _wrapper_code(shape: Shape, variant: Variant) -> CodeType:
    return _compile(
        shape, _wrapper_lines(shape, variant), "async def" if variant.is_async else "def"
    )


@functools.lru_cache(maxsize=1024)
def _binder_code(shape: Shape) -> CodeType:
    return _compile(shape, [f"return {_tuple(shape.names)}"], "def")


def _compile(shape: Shape, body: list[str], keyword: str) -> CodeType:
    source = f"{keyword} wrapper({shape.declaration()}):\n" + "".join(
        f"    {line}\n" for line in body
    )
    module = compile(source, "<generated by reprise>", "exec")
    return next(const for const in module.co_consts if isinstance(const, CodeType))


def _wrapper_lines(shape: Shape, variant: Variant) -> list[str]:
    await_ = "await " if variant.is_async else ""
    now = f"{_NOW}()" if variant.timed else "0.0"
    return [
        "try:",
        f"    {_ENTRY} = {_lookup(shape, variant)}",
        # Hashing calls the argument's own __hash__, which may raise anything: not for us to judge.
        "except Exception:",
        f"    {_ENTRY} = None",
        f"if {_ENTRY} is not None and {_ENTRY}.fast_until > {now}:",
        f"    {_RESTORE} = {_ENTRY}.restore",
        f"    if {_RESTORE} is None:",
        f"        {_ENTRY}.hits += 1",
        f"        return {_ENTRY}.value",
        "    try:",
        f"        {_VALUE} = {_RESTORE}()",
        # The engine meets the same failure, drops the entry with a warning and computes.
        "    except Exception:",
        "        pass",
        "    else:",
        f"        {_ENTRY}.hits += 1",
        f"        return {_VALUE}",
        f"return {await_}{_ENGINE}({_tuple(shape.names)})",
    ]


def _lookup(shape: Shape, variant: Variant) -> str:
    parts = [_CODE]
    if variant.scoped:
        parts.append(f"{_SESSION}()")
    for name in shape.named:
        if not name.startswith("_"):
            parts += [f"{_TYPE}({name})", name]
    get = f"{_GET}({_tuple(tuple(parts))})"
    conditions = [f"not {name}" for name in (shape.var_positional, shape.var_keyword) if name]
    if variant.guarded:
        conditions.append(f"{_GUARD}()")
    return f"{get} if {' and '.join(conditions)} else None" if conditions else get


def _tuple(parts: tuple[str, ...]) -> str:
    return "(" + "".join(f"{part}, " for part in parts) + ")"
