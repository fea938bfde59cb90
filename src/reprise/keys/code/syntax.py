"""The digest of a function's syntax: what it says, and nothing about how it is laid out.

Comments, formatting, docstrings, annotations (but for those of fields) and line numbers do not
count, nor do the function's decorators and default values: what came of those is seen on the
function itself. The encoding is the same for all versions of Python that have the syntax.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.atoms import ATOMS
from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, seal, text

if TYPE_CHECKING:
    from reprise.keys.code.source import FunctionNode

_LAYOUT: Final = frozenset({"annotation", "ctx", "is_lazy", "kind", "returns", "type_comment"})
"""Fields that say nothing about what is done."""

_OUTSIDE: Final = frozenset({"decorator_list", "defaults", "kw_defaults"})
"""Fields of a function that are evaluated where it is defined, not where it runs."""


def syntax_digest(node: FunctionNode) -> bytes:
    r"""Return the digest (32 bytes) of a function's syntax.

    >>> one = ast.parse("def f(x: int): return x  # the same").body[0]
    >>> other = ast.parse("def f(x):\n    'Same.'\n    return (x)").body[0]
    >>> syntax_digest(one) == syntax_digest(other)
    True
    """
    return seal(frame("function", [_node(node.args, _OUTSIDE), _node(node, _OUTSIDE | {"args"})]))


def statements_digest(nodes: Sequence[ast.stmt]) -> bytes:
    """Return the digest (32 bytes) of statements of a module."""
    return seal(frame("statements", [_node(node) for node in nodes]))


def _node(node: ast.AST, without: frozenset[str] = frozenset()) -> bytes:
    kind = type(node)
    if kind in _OTHERWISE:
        otherwise = _otherwise(node)
        if otherwise is not None:
            return otherwise
    parts = [_name(kind.__name__)]
    for name in ("value",) if kind is ast.Constant else node._fields:
        if name in _LAYOUT or name in without:
            continue
        value: Any = getattr(node, name, None)
        # Newer versions add fields, which are empty where the syntax is the older one's.
        if (value is None and kind is not ast.Constant) or value == []:
            continue
        if name == "body" and kind in _DOCUMENTED and _is_text(value[0]):
            value = value[1:]
        parts.append(_field(name, value))
    if isinstance(node, ast.ClassDef):
        parts += [_annotated(one) for one in node.body if isinstance(one, ast.AnnAssign)]
    return frame("node", parts)


def _otherwise(node: ast.AST) -> bytes | None:
    """The encoding of what means the same as another piece of syntax, or nothing."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        # With an annotation or without, it is the same assignment.
        parts = [_field("targets", [node.target]), _field("value", node.value)]
        return frame("node", [text("Assign"), *parts])
    if isinstance(node, ast.Assert) and sys.flags.optimize:
        return frame("node", [text("Pass")])  # under -O the compiler leaves it out
    if isinstance(node, ast.Name) and node.id == "__debug__":
        return _value(not sys.flags.optimize)
    return None


_OTHERWISE: Final = frozenset({ast.AnnAssign, ast.Assert, ast.Name})

_name: Final = cache(text)
"""The encoding of a name that syntax has for its kinds and fields: there are few hundred."""


def _annotated(node: ast.AnnAssign) -> bytes:
    """An annotation in the body of a class, which a dataclass or a model makes a field of."""
    return frame("annotated", [_node(node.target), _node(node.annotation)])


_DOCUMENTED: Final = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _field(name: str, value: Any) -> bytes:
    return frame("field", [_name(name), _value(value)])


def _value(value: Any) -> bytes:
    if type(value) is list:
        return frame("list", [_value(item) for item in value])
    if isinstance(value, ast.AST):
        return _node(value)
    atom = ATOMS.get(type(value))
    if atom is None:
        raise UnencodableError(f"its syntax holds a constant of type {type(value).__name__}")
    return atom(value)
