"""The statements of a module that bind a name: they stand for what cannot count by content.

A connection at the top of a script has no content to digest and is another object after each
rerun, a counter has another content after each call. What matters is how they came to be.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import CodeType
from typing import Any

from reprise.keys.code.source import parsed
from reprise.keys.code.syntax import statements_digest


@dataclass(frozen=True, slots=True)
class Making:
    """How a name of a module came to stand for what it does."""

    digest: bytes
    """32 bytes, over the statements."""
    code: CodeType
    """The statements, compiled: what they name takes part too."""
    where: str


def making_of(name: str, namespace: dict[str, Any]) -> Making | None:
    """The statements of a module that bind ``name`` or change its object, if there is source."""
    filename = namespace.get("__file__")
    if not isinstance(filename, str):
        return None
    file = parsed(filename)
    if file is None:
        return None
    statements = [one for one in file.tree.body if name in _bound_by(one) | _changed_by(one)]
    if not statements:
        return None
    module = ast.Module(statements, [])
    code = compile(module, filename, "exec", dont_inherit=True)
    return Making(statements_digest(statements), code, f"{filename}:{statements[0].lineno}")


def _bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, not counting what functions and classes in it do."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    bound = set()
    for node in ast.iter_child_nodes(statement):
        if isinstance(node, ast.stmt):
            bound |= _bound_by(node)
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                bound.add(inner.id)
            elif isinstance(inner, ast.alias):
                bound.add((inner.asname or inner.name).partition(".")[0])
            elif isinstance(inner, ast.stmt):
                bound |= _bound_by(inner)
    return bound


def _changed_by(statement: ast.stmt) -> set[str]:
    """The names whose objects a statement changes: by assigning to a part, or by a method."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _root(statement.value.func)
    if isinstance(statement, ast.Assign):
        return set().union(*map(_root, statement.targets))
    if isinstance(statement, ast.AugAssign | ast.AnnAssign):
        return _root(statement.target)
    return set()


def _root(node: ast.expr) -> set[str]:
    """The name at the root of ``name.attribute`` or ``name[key]``."""
    inner: ast.AST = node
    while isinstance(inner, ast.Attribute | ast.Subscript | ast.Call):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return {inner.id} if isinstance(inner, ast.Name) and inner is not node else set()
