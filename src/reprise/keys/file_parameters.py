"""Which parameters of a function are files, told by their annotations."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args

from reprise.annotations import BY_CONTENT

_NAMES: Final = re.compile(r"[^\W\d][\w.]*")
_NOTHING: Final = object()


def file_parameters(function: Callable[..., Any]) -> frozenset[str]:
    """The names of the parameters that are annotated with ``reprise.File``, or something of it.

    Annotations may be text, as they are after ``from __future__ import annotations``. They are
    not evaluated: names in them are looked up, and those that lead nowhere mean nothing. A bare
    ``File`` that leads nowhere, imported for type checkers only or in a function around, is taken
    for ours, for of any other no harm is done.

    >>> from reprise import File
    >>> def load(path: File, others: "list[File] | None", limit: int): ...
    >>> sorted(file_parameters(load))
    ['others', 'path']
    """
    if isinstance(function, functools.partial):
        return file_parameters(function.func)
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    names = getattr(function, "__globals__", {})
    return frozenset(
        name
        for name, annotation in _annotations(function).items()
        if name != "return" and _mentions_file(annotation, names)
    )


def _annotations(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        return getattr(function, "__annotations__", None) or {}
    except NameError:  # Python 3.14 evaluates them now, and one has a name for type checkers only
        library: Any = importlib.import_module("annotationlib")
        written: Mapping[str, str] = library.get_annotations(function, format=library.Format.STRING)
        return written


def _mentions_file(annotation: Any, names: Mapping[str, Any]) -> bool:
    if annotation is BY_CONTENT:
        return True
    if isinstance(annotation, str):
        return any(
            name == "File" if found is _NOTHING else _mentions_file(found, names)
            for name, found in _looked_up(annotation, names)
        )
    inner = getattr(annotation, "__forward_arg__", None) or getattr(annotation, "__value__", None)
    parts = (*get_args(annotation), *((inner,) if isinstance(inner, str) else ()))
    return any(_mentions_file(part, names) for part in parts)


def _looked_up(annotation: str, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _NAMES.findall(annotation):
        first, *rest = name.rstrip(".").split(".")
        found = names.get(first, _NOTHING)
        for part in rest:
            found = getattr(found, part, _NOTHING)
        if not isinstance(found, str):  # a text that is no annotation, or leads back to itself
            yield name.rpartition(".")[2], found
