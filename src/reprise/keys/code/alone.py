"""The syntax of a function at the top of a file, without parsing the rest of that.

To parse and compile a whole file takes some milliseconds for each hundred lines, and a first call
would wait for it. What proves that a piece of source is the code's own is that it compiles to the
very code object, line numbers and columns included; a piece of the file proves it as well as all of
it. Where it does not, the whole file is asked (``source``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from types import CodeType
from typing import Final

_ENDS: Final = 4
"""How many ends are tried: lines of a text may look like statements."""

_FILES: Final = 64
"""Files whose imports are remembered."""

_FUTURE: Final = annotations.compiler_flag
"""What a file may ask for at its top, and each piece of code remembers."""

_IMPORTS: Final = re.compile(r"^(?:from\s+\S+\s+)?import\s+(\([^)]*\)|[^\n;#]*)", re.MULTILINE)
_COMMENT: Final = re.compile(r"#[^\n]*")
_DEFINITION: Final = re.compile(r"(async\s+)?def\b")
_STATEMENT: Final = re.compile(r"[^\W\d]|@")


def alone(code: CodeType, lines: Sequence[str]) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The syntax of a function, found without looking at the rest of its file.

    Args:
        code: The function's.
        lines: Of the file.

    Returns:
        The syntax; ``None`` where it is not certain: ``code`` is no function at the top of the
        file, or stands there no more.
    """
    first, filename = code.co_firstlineno - 1, code.co_filename
    if code.co_qualname != code.co_name or not _begins(lines, first):
        return None
    flags = code.co_flags & _FUTURE
    before = _before(filename, lines, first)
    for end in _ends(lines, first):
        try:
            tree = ast.parse(before + "".join(lines[first:end]), filename)
            made = compile(tree, filename, "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # it was cut inside of brackets or of a text
        return _function_of(tree, code) if code in made.co_consts else None
    return None


def _function_of(tree: ast.Module, code: CodeType) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The first function; what follows was taken along where it could not be told apart."""
    node = next(one for one in tree.body if not isinstance(one, ast.Import))
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    return node if node.name == code.co_name else None  # not a lambda among its default values


def _before(filename: str, lines: Sequence[str], count: int) -> str:
    """As many lines, which import what the file does.

    Methods of what a file imports are called by other instructions than those of anything else.
    """
    names = imports_of(filename, lines) if count else []
    return (f"import {', '.join(names)}" if names else "") + "\n" * count


def imports_of(filename: str, lines: Sequence[str]) -> list[str]:
    """The names that a file with these lines imports, remembered for as long as it has them."""
    known = _imports.get(filename)
    if known is None or known[0] is not lines:
        if len(_imports) >= _FILES:
            _imports.clear()
        known = _imports[filename] = (lines, imported(lines))
    return known[1]


_imports: dict[str, tuple[Sequence[str], list[str]]] = {}


def imported(lines: Sequence[str]) -> list[str]:
    r"""The names that the statements at the margin of a file import.

    >>> imported(["import a.b, c as d\n", "from e import (\n", "    f,  # g\n", ")\n"])
    ['a', 'd', 'f']
    """
    listed = ",".join(_IMPORTS.findall("".join(lines)))
    items = _COMMENT.sub("", listed).replace("(", " ").replace(")", " ").split(",")
    words = (item.split() for item in items)
    names = (one[-1].partition(".")[0] for one in words if len(one) in (1, 3))
    return [name for name in dict.fromkeys(names) if name.isidentifier() and not iskeyword(name)]


def _begins(lines: Sequence[str], at: int) -> bool:
    return 0 <= at < len(lines) and _STATEMENT.match(lines[at]) is not None


def _ends(lines: Sequence[str], first: int) -> Iterator[int]:
    """Where what begins on a line may end: before each of the statements that come next."""
    begun, tried = False, 0
    for at in range(first, len(lines)):
        if begun and _STATEMENT.match(lines[at]):
            yield at
            tried += 1
            if tried == _ENDS:
                return
        begun = begun or _DEFINITION.match(lines[at]) is not None
    if begun:
        yield len(lines)
