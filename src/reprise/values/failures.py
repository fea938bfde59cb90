"""What to say about a value that cannot be kept: where it goes wrong, and what to do."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Final

from reprise.errors import UnevaluatedDataFrameError, UnserializableReturnValueError
from reprise.values.pickling import NullSink, dump
from reprise.values.unevaluated import Query, query_kind

_DEPTH: Final = 20
"""How deep a value is searched for what cannot be pickled."""

_REPR: Final = 40
"""Characters of a dict key that a message shows."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Something inside the value, and how one writes the way to it."""

    path: str
    found: object


def unserializable(
    value: object, function: Callable[..., object], cause: BaseException
) -> UnserializableReturnValueError | UnevaluatedDataFrameError:
    """Make the error for a value that cannot be pickled.

    Args:
        value: What the function returned.
        function: The function.
        cause: What pickle raised; becomes the error's cause.

    Returns:
        The error, to be raised by the caller. A query deep inside the value makes it an
        :class:`UnevaluatedDataFrameError`.
    """
    place = _search(value, function)
    query = query_kind(place.found)
    if query is not None:
        error: UnserializableReturnValueError | UnevaluatedDataFrameError = unevaluated(
            query, function, place.path
        )
    else:
        error = UnserializableReturnValueError(_message(value, place, function, cause))
    error.__cause__ = cause
    return error


def refused(
    value: object, function: Callable[..., object], found: object, path: str, why: str
) -> UnserializableReturnValueError:
    """Make the error for a value that only pickle would take, where pickle is refused.

    Args:
        value: What the function returned.
        function: The function.
        found: The part of it that no safe codec takes.
        path: How one writes the way from the value to that part; empty for the value itself.
        why: What is the matter with it, where its type does not say it all.

    Returns:
        The error, to be raised by the caller.
    """
    name = _name(function)
    what = f"a value of type {_type_name(value)}"
    if path:
        what += f", and value{path} in it, of type {_type_name(found)},"
    reason = f" ({why})" if why else ""
    return UnserializableReturnValueError(
        f"{name}() returned {what} which only pickle can keep{reason}, and "
        'persist_codec="safe" refuses pickle.\n\n'
        "Return plain data, arrays or frames: numbers, texts, dates, lists, dicts, numpy arrays, "
        "and tables of pandas, polars and Arrow. For an object of a class of your own that can "
        "be\n\n"
        "    return dataclasses.asdict(result)\n\n"
        "Or allow pickle, if you trust all who know the secret of this deployment: what is stored "
        "is signed, and nothing is unpickled before its signature was verified:\n\n"
        f'    @cache_data(persist="disk")\n    def {name.rpartition(".")[2]}(...):'
    )


def unevaluated(
    query: Query, function: Callable[..., object], path: str = "value"
) -> UnevaluatedDataFrameError:
    """Make the error for a function that returned a query instead of its result."""
    name = _name(function)
    where = "" if path == "value" else f" (at {path})"
    return UnevaluatedDataFrameError(
        f"{name}() returned {query.what}{where}: a query that has not run yet, so that caching it "
        f"would save nothing. Run it inside the function and return the result:\n\n"
        f"    return result{query.evaluate}"
    )


def _message(
    value: object, place: _Place, function: Callable[..., object], cause: BaseException
) -> str:
    name = _name(function)
    what = f"a value of type {_type_name(value)}"
    if place.path != "value":
        what += f", and {place.path} in it, of type {_type_name(place.found)},"
    return (
        f"{name}() returned {what} which cannot be pickled ({cause}). cache_data gives every "
        f"caller a copy, and makes copies with pickle.\n\n{_advice(place.found)}"
        "If all callers may share this one object (a connection, a model, a client, a lock), use "
        "cache_resource instead:\n\n"
        f"    @cache_resource\n    def {name.rpartition('.')[2]}(...):"
    )


def _advice(found: object) -> str:
    """What helps with this very kind of object, as a paragraph; empty if nothing special does."""
    if isinstance(found, Generator | AsyncGenerator):
        return "A generator can be read only once. Return its items as a list: list(items).\n\n"
    if isinstance(found, Coroutine):
        return "A coroutine is no result yet. Await it in an async function, and return that.\n\n"
    # A file is an iterator too.
    if isinstance(found, io.IOBase):
        return "A file is open only here. Return what is read from it.\n\n"
    if isinstance(found, Iterator):
        return "An iterator can be read only once. Return its items as a list: list(items).\n\n"
    if isinstance(found, FunctionType | MethodType):
        return "Pickle finds functions by name: define it at the top level of a module.\n\n"
    if "<locals>" in type(found).__qualname__:
        return "Pickle finds classes by name: define this one at the top level of a module.\n\n"
    return ""


def _search(value: object, function: Callable[..., object]) -> _Place:
    """Follow what cannot be pickled down to the innermost part that can be told."""
    place = _Place("value", value)
    seen = {id(value)}
    for _ in range(_DEPTH):
        parts = [part for part in _parts(place) if id(part.found) not in seen]
        inner = _first_failing(parts, function)
        if inner is None:
            break
        seen.add(id(inner.found))
        place = inner
    return place


def _first_failing(places: list[_Place], function: Callable[..., object]) -> _Place | None:
    """Halve ``places`` until one is left: a long list takes few attempts."""
    if not _fails([place.found for place in places], function):
        return None
    while len(places) > 1:
        half = places[: len(places) // 2]
        places = half if _fails([p.found for p in half], function) else places[len(half) :]
    return places[0]


def _fails(values: list[object], function: Callable[..., object]) -> bool:
    try:
        dump(values, function, NullSink)
    except Exception:  # noqa: BLE001 - whatever the values' own methods raise is the answer
        return True
    return False


def _parts(place: _Place) -> Iterable[_Place]:
    value, path = place.found, place.path
    if isinstance(value, dict):
        for key, item in value.items():
            shown = _short(key)
            yield _Place(f"{path}[{shown}]", item)
            yield _Place(f"the key {shown} of {path}", key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield _Place(f"{path}[{index}]", item)
    elif isinstance(value, set | frozenset):
        for item in value:
            yield _Place(f"an item of {path}", item)
    elif _pickles_attributes(type(value)):
        for name, item in getattr(value, "__dict__", {}).items():
            yield _Place(f"{path}.{name}", item)


def _pickles_attributes(kind: type[Any]) -> bool:
    """Whether pickle takes an instance's attributes as they are, all of them."""
    plain = ("__reduce_ex__", "__reduce__", "__getstate__")
    return all(getattr(kind, method) is getattr(object, method) for method in plain)


def _short(key: object) -> str:
    try:
        text = repr(key)
    except Exception:  # noqa: BLE001 - a message must not fail over a user's __repr__
        text = f"<{_type_name(key)}>"
    return text if len(text) <= _REPR else f"{text[: _REPR - 3]}..."


def _type_name(value: object) -> str:
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else (f"{kind.__module__}.{kind.__qualname__}")
    )


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", repr(function))
