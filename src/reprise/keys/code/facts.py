"""All that is known of one code object: its digest, where that came from, and what it names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import CodeType
from typing import TYPE_CHECKING, Final

from reprise.keys.code.bytecode import code_digest
from reprise.keys.code.chains import Root
from reprise.keys.code.memo import PerCode
from reprise.keys.code.references import References, references
from reprise.keys.code.source import node_of
from reprise.keys.code.syntax import syntax_digest
from reprise.keys.framing import leaf

if TYPE_CHECKING:
    from reprise.keys.code.source import FunctionNode


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one code object."""

    encoding: bytes
    """Of what it does, by its syntax where possible."""
    from_source: bool
    """Otherwise from its instructions and constants, which depend on the version of Python."""
    references: References
    first: str | None
    """The name of its first parameter, which for a method is its object."""


def _facts(code: CodeType) -> Facts:
    first = code.co_varnames[0] if code.co_argcount else None
    named = references(code)
    node = node_of(code)
    try:
        digest = None if node is None else syntax_digest(node)
    except RecursionError:  # some hundred branches or operators in a row
        digest = None
    if node is None or digest is None:
        return Facts(leaf("code", code_digest(code)), False, named, first)
    encoding = leaf("syntax", digest)
    # Without code inside it loads none of them: its own are evaluated outside, where it is defined.
    inner = any(isinstance(constant, CodeType) for constant in code.co_consts)
    unread = _named_in_annotations_only(node) if inner else set()
    if not unread:
        return Facts(encoding, True, named, first)
    loads = tuple(
        chain for chain in named.loads if chain.root is not Root.GLOBAL or chain.name not in unread
    )
    return Facts(encoding, True, replace(named, loads=loads), first)


facts: Final = PerCode(_facts)
"""``facts(code)`` are the :class:`Facts` of a code object, found out once."""


def _named_in_annotations_only(node: FunctionNode) -> set[str]:
    """Names in annotations of functions inside: evaluated there, and then not looked at."""
    nodes = list(ast.walk(node))
    annotations = list(_annotations(nodes))
    if not annotations:
        return set()
    inside = {id(name): name.id for one in annotations for name in _names(ast.walk(one))}
    return set(inside.values()) - {name.id for name in _names(nodes) if id(name) not in inside}


def _annotations(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for one in nodes:
        for annotation in (getattr(one, "annotation", None), getattr(one, "returns", None)):
            if annotation is not None and not isinstance(one, ast.AnnAssign):
                yield annotation


def _names(nodes: Iterable[ast.AST]) -> list[ast.Name]:
    return [one for one in nodes if isinstance(one, ast.Name)]
