"""Whether anything has changed that a fingerprint was made of; asked on every hit.

Names, attributes and classes are compared by identity, what can change in place by a dump of it or
by encoding it again. A hit must not cost what a fingerprint costs, so the comparisons are compiled
into one function: once for each number of names and functions, not for each watch.
"""

from __future__ import annotations

import functools
import itertools
import marshal
from collections.abc import Callable, Iterable, Mapping
from operator import is_, itemgetter
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any, Final

ABSENT: Final = object()
"""Stands for what is not there."""

_UNWATCHED: Final = frozenset(
    {"__builtins__", "__reprise_class__", "__reprise_made__", "__warningregistry__"}
)

OF_CLASS: Final = "__reprise_class__"
"""Where a class keeps its own digest. Anywhere else it would keep the class alive: each rerun of a
script makes new ones, and all that a script holds hangs on them."""

_FROZEN: Final = frozenset(
    {"bool", "bytes", "complex", "ellipsis"}
    | {"float", "function", "int", "method_descriptor", "NoneType", "NotImplementedType"}
    | {"range", "str", "wrapper_descriptor"}
)
"""Types of Python's whose values never change, or are watched for themselves."""

_FROZEN_ELSEWHERE: Final = frozenset(
    {"datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"}
    | {"datetime.timezone", "decimal.Decimal", "fractions.Fraction", "pathlib.PosixPath"}
    | {"pathlib.PurePosixPath", "pathlib.WindowsPath", "re.Pattern", "uuid.UUID"}
    | {"zoneinfo.ZoneInfo", "polars.DataType", "numpy.ufunc"}
)


class Watch:
    """Collects what was looked at; :meth:`guard` says whether it is still the same."""

    __slots__ = ("_absent", "_bases", "_cells", "_functions", "_names", "_others", "_spaces")

    def __init__(self) -> None:
        # One after another: what belongs to one comparison, in the order of its template.
        self._names: list[Any] = []
        self._absent: list[Any] = []
        self._functions: list[Any] = []
        self._cells: list[Any] = []
        self._spaces: list[Any] = []
        self._bases: list[Any] = []
        self._others: list[Callable[[], bool]] = []

    def name(self, namespace: dict[str, Any], name: str, value: object) -> None:
        """Watch that ``name`` goes on standing for ``value``, or for nothing if that is absent."""
        if value is ABSENT:
            self._absent += (namespace, name)
        else:
            self._names += (namespace, name, value)

    def function(self, function: FunctionType) -> None:
        """Watch a function's code and defaults, which reloading tools exchange.

        And that it gets no further attributes: those that it has are watched by their names.
        """
        code, defaults, own = function.__code__, function.__defaults__, vars(function)
        self._functions += (function, code, defaults, function.__kwdefaults__, own, len(own))

    def cell(self, cell: CellType) -> None:
        """Watch a variable of a function around."""
        self._cells += (cell, content_of(cell))

    def namespace(
        self,
        namespace: Mapping[str, Any],
        names: Iterable[str],
    ) -> None:
        """Watch names of a class or a module, and that there are no more than there are now."""
        watched = [name for name in names if name not in _UNWATCHED]
        every = [*watched, *set(namespace).difference(watched)]
        # Of the others only the names, so that no new one takes the place of one that goes. The
        # first one again: of a single name there would be no tuple.
        get = itemgetter(*every, every[0]) if every else _nothing
        self._spaces += (namespace, len(namespace), get, get(namespace)[: len(watched)])

    def bases(self, cls: type) -> None:
        """Watch what a class inherits from, and its name, which is in no namespace."""
        self._bases += (cls, cls.__bases__, cls.__qualname__)

    def content(self, value: Any, unchanged: Callable[[], bool]) -> None:
        """Watch the inside of a value: plain data by a dump of it, else ``unchanged`` is asked."""
        if is_plain(value):
            dumped = marshal.dumps(value, 2)
            self._others.append(lambda: marshal.dumps(value, 2) == dumped or unchanged())
        else:
            self._others.append(unchanged)

    def dump(self, value: Any, dumped: bytes) -> bool:
        """Watch plain data, if that is what was dumped."""
        if not is_plain(value) or marshal.dumps(value, 2) != dumped:
            return False
        self._others.append(lambda: marshal.dumps(value, 2) == dumped)
        return True

    def also(self, unchanged: Callable[[], bool]) -> None:
        """Ask another function too."""
        self._others.append(unchanged)

    def guard(self) -> Callable[[], bool]:
        """A function that says whether everything is as it was."""
        tables = (
            *(self._names, self._absent, self._functions, self._cells),
            *(self._spaces, self._bases, self._others),
        )
        counts = tuple(
            len(table) // len(fields) for table, (fields, _) in zip(tables, _TEMPLATES, strict=True)
        )
        guard: Callable[[], bool] = _maker(counts)(*itertools.chain(*tables))
        return guard


_TEMPLATES: Final = (
    (("space", "name", "value"), "{space}[{name}] is {value}"),
    (("space_", "name_"), "{name_} not in {space_}"),
    (
        ("function", "code", "defaults", "keywords", "own", "count"),
        (
            "{function}.__code__ is {code} and {function}.__defaults__ is {defaults} "
            "and {function}.__kwdefaults__ is {keywords} and len({own}) == {count}"
        ),
    ),
    (("cell", "content"), "{cell}.cell_contents is {content}"),
    (
        ("names", "size", "get", "values"),
        "len({names}) == {size} and all(map(is_, {get}({names}), {values}))",
    ),
    (
        ("cls", "bases", "title"),
        "{cls}.__bases__ is {bases} and {cls}.__qualname__ is {title}",
    ),
    (("other",), "{other}()"),
)
"""What belongs to each kind of comparison, and how it is written."""


@functools.lru_cache(maxsize=1024)
def _maker(counts: tuple[int, ...]) -> Callable[..., Callable[[], bool]]:
    """The function that makes guards with so many comparisons of each kind."""
    parameters: list[str] = []
    comparisons = ["True"]
    for count, (fields, template) in zip(counts, _TEMPLATES, strict=True):
        for number in range(count):
            named = {field: f"{field}{number}" for field in fields}
            parameters += named.values()
            comparisons.append(template.format(**named))
    lines = [
        f"def make({', '.join(parameters)}):",
        "    def unchanged():",
        "        try:",
        f"            return {' and '.join(comparisons)}",
        # A name that is gone, a variable that is deleted, data that another thread is changing.
        "        except (LookupError, ValueError, RuntimeError):",
        "            return False",
        "    return unchanged",
    ]
    made: dict[str, Any] = {"is_": is_}
    exec("\n".join(lines), made)  # noqa: S102 - of what stands above
    maker: Callable[..., Callable[[], bool]] = made["make"]
    return maker


def _nothing(_: Mapping[str, Any]) -> tuple[Any, ...]:
    """Of a namespace without names."""
    return ()


def is_plain(value: Any) -> bool:
    """Whether a dump by ``marshal`` tells all of a value, and is short enough to be made often.

    Bytes are not among it: whatever has a buffer (an array of any shape) is dumped as bytes.

    >>> is_plain({"a": [1, 2.0, ("b", None)]}), is_plain([b"a"]), is_plain([object()])
    (True, False, False)
    """
    room = _ITEMS
    waiting = [value]
    while waiting and room:
        one = waiting.pop()
        cls = type(one)
        if cls in (list, tuple, set, frozenset):
            waiting += list(one)
        elif cls is dict:
            waiting += [*dict.keys(one), *dict.values(one)]
        elif cls not in _DUMPED:
            return False
        room -= 1
    return not waiting


_DUMPED: Final = frozenset({type(None), bool, int, float, complex, str})
_ITEMS: Final = 10_000


def is_frozen(value: Any) -> bool:
    """Whether a value stays the same for as long as it is the same object.

    >>> is_frozen((1, "a", frozenset({2}))), is_frozen((1, []))
    (True, False)
    """
    cls = type(value)
    if isinstance(value, tuple | frozenset) and not hasattr(value, "__dict__"):
        return all(map(is_frozen, value))
    if cls is ModuleType:
        return True  # one of the user's is watched for itself
    if cls is BuiltinFunctionType:
        return isinstance(value.__self__, ModuleType | type | None)
    if cls.__qualname__ == "_lru_cache_wrapper":
        return is_frozen(value.__wrapped__)
    if cls.__module__ == "builtins":
        return cls.__name__ in _FROZEN or cls is type
    return isinstance(value, type) or f"{cls.__module__}.{cls.__qualname__}" in _FROZEN_ELSEWHERE


def content_of(cell: CellType) -> object:
    """What a variable of a function around holds, :data:`ABSENT` before it is assigned."""
    try:
        return cell.cell_contents
    except ValueError:
        return ABSENT
