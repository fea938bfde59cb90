"""The forms in which widgets are written: what Streamlit knows of one, and how to make the rest.

Functions are not written. Of each there is where the cached function has it: a path from its
arguments or the names in its code, or a digest of code inside of its own. So whatever the bytes
are, they lead to nothing that the function itself does not name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FunctionType, NoneType
from typing import Any, Final

from reprise.hosting import NotWrittenError
from reprise.hosts.carried import Bound, Carried
from reprise.hosts.inner import Inner
from reprise.hosts.streamlit import kinds
from reprise.hosts.streamlit.converters import KNOWN, Converter, Known, held_by
from reprise.hosts.streamlit.inputs import CALLBACKS, Widget
from reprise.hosts.streamlit.returned import numbers_of
from reprise.hosts.writing import CARRIED, VALUE, Form, Pen, Reader, expect

INPUT: Final = "input"
CONVERTER: Final = "converter"

_MADE_ANEW: Final = frozenset({"serializer", "deserializer", "fragment_id", *CALLBACKS})
"""Fields of a widget's metadata that are not written as they are."""
_FOREIGN: Final = "a function that the cached function neither defines nor names"

NAMES: Final[dict[type, str]] = {Bound: _FOREIGN, FunctionType: _FOREIGN}
"""What functions are called that cannot be written."""


@contextmanager
def _in(field: str) -> Iterator[None]:
    """Let what cannot be written be told with where it stands."""
    try:
        yield
    except NotWrittenError as error:
        raise NotWrittenError(f"{error} in its {field}") from error


# -- what converts values


def _held(held: Mapping[str, Any], pen: Pen) -> dict[str, Any]:
    nodes = {}
    for name, value in held.items():
        with _in(name):
            nodes[name] = pen.value(value)
    return nodes


def _carried(parts: Iterable[tuple[str, Carried]], pen: Pen) -> dict[str, Any]:
    nodes = {}
    for name, part in parts:
        with _in(name):
            nodes[name] = pen.node(CARRIED, part)
    return nodes


def _names_of(kind: Any, names: Iterable[str]) -> None:
    """Refuse what would stand before a method of the class: the instance is asked first."""
    for name in names:
        hides = name.startswith("__") or callable(getattr(kind, name, None))
        expect(name.isidentifier() and not hides, f"{name!r} is nothing that it holds")


def _read_carried(reader: Reader, node: Any) -> Carried:
    part: Carried = reader.read(CARRIED, node)
    expect(not list(numbers_of([part])), "a container, which no widget holds")
    return part


def _write_converter(one: Converter, pen: Pen) -> Sequence[Any]:
    return one.kind.__qualname__, _held(one.held, pen), _carried(one.functions, pen)


def _read_converter(
    reader: Reader, name: str, held: dict[str, Any], functions: dict[str, Any]
) -> Converter:
    kind = kinds.converters()[name]
    _names_of(kind, held.keys() | functions.keys())
    made = tuple((name, _read_carried(reader, node)) for name, node in functions.items())
    return Converter(kind, reader.named(held), made)


def _read_inner_converter(reader: Reader, name: str, held: dict[str, Any]) -> Any:
    kind = kinds.converters()[name]
    _names_of(kind, held)
    made = object.__new__(kind)
    vars(made).update(reader.named(held))
    return made


# -- widgets


def _write_widget(one: Widget, pen: Pen) -> Sequence[Any]:
    key = one.user_key
    told = key is None or "with the key" in one.name
    named = one.name if told else f"{one.name} with the key {key!r}"
    if one.uploaded:
        raise NotWrittenError(f"{named} by which a user handed a file in")
    if one.converter is None:
        raise NotWrittenError(f"{named} that converts its values in a way of its own")
    known = {
        field.name: getattr(one.metadata, field.name)
        for field in dataclasses.fields(one.metadata)
        if field.name not in _MADE_ANEW
    }
    try:
        facts, callbacks = _held(known, pen), _carried(one.callbacks, pen)
        made = pen.node(CONVERTER, one.converter)
    except NotWrittenError as error:
        raise NotWrittenError(f"{named} that has {error}") from error
    return facts, key, callbacks, made, one.answer, one.name


def _read_widget(reader: Reader, *fields: Any) -> Widget:
    facts, key, callbacks, made, answer, name = fields
    metadata = _metadata(reader.named(facts))
    there = {field for field in CALLBACKS if hasattr(metadata, field)}
    expect(callbacks.keys() <= there, "no field for callbacks")
    return Widget(
        metadata,
        key,
        tuple((field, _read_carried(reader, node)) for field, node in callbacks.items()),
        reader.read(CONVERTER, made),
        answer,
        name,
    )


def _metadata(facts: dict[str, Any]) -> Any:
    kind = kinds.widget_facts()
    there = {field.name for field in dataclasses.fields(kind)}
    expect(facts.keys() == there - _MADE_ANEW, "other facts than there are of a widget")
    for fact in facts.values():
        plain = type(fact) in {NoneType, bool, int, str}
        texts = type(fact) is list and all(type(one) is str for one in fact)
        expect(plain or texts, "a fact that no widget has")
    expect(type(facts["id"]) is str, "no identity")
    expect(facts["value_type"] in kinds.value_types(), "no type of a value")
    return kind(**facts, **dict.fromkeys(there & _MADE_ANEW))


# -- functions


def _write_inner(one: Inner, pen: Pen) -> Sequence[Any]:
    cells = [pen.node(CARRIED, cell) for cell in one.cells]
    return one.code, cells, pen.node(CARRIED, one.defaults), pen.node(CARRIED, one.kwdefaults)


def _read_inner(reader: Reader, code: bytes, cells: list[Any], *defaults: Any) -> Inner:
    held = tuple(reader.read(CARRIED, cell) for cell in cells)
    return Inner(code, held, *(reader.read(CARRIED, one) for one in defaults))


def _read_known(_: Reader, name: str) -> Known:
    expect(name in KNOWN, "no function that is the same everywhere")
    return Known(name)


FORMS: Final = (
    Form(
        INPUT,
        "widget",
        Widget,
        tuple[dict[str, Any], str | None, dict[str, Any], Any, bytes, str],
        _write_widget,
        _read_widget,
    ),
    Form(
        CONVERTER,
        "converter",
        Converter,
        tuple[str, dict[str, Any], dict[str, Any]],
        _write_converter,
        _read_converter,
    ),
    Form(CARRIED, "inner", Inner, tuple[bytes, list[Any], Any, Any], _write_inner, _read_inner),
    Form(CARRIED, "known", Known, tuple[str], lambda one, _: (one.name,), _read_known),
)
"""Those that are the same in every release."""


def forms_of_converters() -> Iterator[Form]:
    """The forms of those that stand inside of others."""
    for kind in kinds.converters().values():
        yield Form(
            VALUE,
            "converter",
            kind,
            tuple[str, dict[str, Any]],
            lambda one, pen: (type(one).__qualname__, _held(held_by(one), pen)),
            _read_inner_converter,
        )
