"""From a code object to the piece of source that it was compiled from, if that can be proved.

A file on disk may have been edited since it was imported, and what runs may have been changed on
its way through the compiler (Streamlit displays bare expressions, pytest rewrites assertions). So a
file is compiled again, and its syntax is believed for those code objects that come out the same.
"""

from __future__ import annotations

import ast
import linecache
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Final, TypeAlias

from reprise.keys.code.alone import alone, imports_of

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_FILES: Final = 64
"""Files that are kept parsed; the syntax of a file takes about 50 times its size."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One version of a source file."""

    text: str
    tree: ast.Module
    code: CodeType
    _codes: dict[tuple[str, int], list[CodeType]] = field(default_factory=dict)
    _nodes: dict[tuple[str, int], list[FunctionNode]] = field(default_factory=dict)

    def node(self, code: CodeType) -> FunctionNode | None:
        """The syntax of ``code``; ``None`` where it is not certain."""
        place = (code.co_name, code.co_firstlineno)
        if code not in self._codes.get(place, ()):
            return None
        nodes = self._nodes.get(place, [])
        if len(nodes) > 1:
            nodes = [node for node in nodes if _stands_at(node, code)]
        return nodes[0] if len(nodes) == 1 else None


def parsed(filename: str) -> ParsedFile | None:
    """The file as it is now; ``None`` where there is no such source, or it cannot be parsed.

    The cells of a notebook are files too: what runs them gives their source to ``linecache``.
    """
    text = "".join(_lines(filename))
    if not text:
        return None
    with _lock:
        known = _files.pop(filename, None)
        if known is None or known.text != text:
            known = _parse(filename, text)
        if known is not None:
            _files[filename] = known  # the latest used stands last
            if len(_files) > _FILES:
                del _files[next(iter(_files))]
        return known


def node_of(code: CodeType) -> FunctionNode | None:
    """The syntax that ``code`` was compiled from, or ``None`` where that cannot be proved."""
    node = alone(code, _lines(code.co_filename))
    if node is not None:
        return node
    file = parsed(code.co_filename)
    return None if file is None else file.node(code)


def read_ahead(filename: str) -> None:
    """Read a file, and what it imports, before the first of its functions is asked of."""
    imports_of(filename, _lines(filename))


def _lines(filename: str) -> list[str]:
    linecache.checkcache(filename)
    return linecache.getlines(filename)


def _parse(filename: str, text: str) -> ParsedFile | None:
    try:
        tree = ast.parse(text, filename)
        code = compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # edited into something that is no Python, or far too deep
    file = ParsedFile(text, tree, code)
    for inner in _codes_in(code):
        file._codes.setdefault((inner.co_name, inner.co_firstlineno), []).append(inner)  # noqa: SLF001
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = [one.lineno for one in node.decorator_list]
            file._nodes.setdefault((node.name, min([node.lineno, *decorators])), []).append(node)  # noqa: SLF001
        elif isinstance(node, ast.Lambda):
            file._nodes.setdefault(("<lambda>", node.lineno), []).append(node)  # noqa: SLF001
    return file


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _stands_at(node: FunctionNode, code: CodeType) -> bool:
    """Whether ``code`` ends where the body of ``node`` does: several lambdas may share a line."""
    if not isinstance(node, ast.Lambda):
        return False
    body = node.body
    place = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    return place in set(code.co_positions())


_files: dict[str, ParsedFile] = {}
_lock = threading.RLock()
