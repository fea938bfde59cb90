"""What of Streamlit's own may stand in a recording that outlives the process, by name.

A part of :mod:`reprise.hosts.streamlit.internals`; the table of names has all that is touched here.
These tables are closed: a name that is read back is looked for in them and nowhere else.
"""
# ruff: noqa: SLF001 - that is what this file is for

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from reprise.hosts.streamlit import internals
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.names import (
    BLOCK_MESSAGE,
    CONVERTERS,
    ELEMENT,
    GENERATOR,
    MESSAGE,
    RECORDS,
    WIDGET_FACTS,
    WIDGET_STATE,
)


@functools.cache
def messages() -> dict[str, Any]:
    """The classes of messages: those of elements, that of containers, and that of all of them."""
    element = ELEMENT.find()()
    fields = (getattr(element, one.name) for one in element.DESCRIPTOR.fields)
    of_elements = (type(field) for field in fields if hasattr(field, "CopyFrom"))
    known = (BLOCK_MESSAGE.find(), MESSAGE.find(), *of_elements)
    return {kind.DESCRIPTOR.full_name: kind for kind in known}


@functools.cache
def records() -> dict[str, Any]:
    """The classes of plain records that elements are made with."""
    return {one.name: one.find() for one in RECORDS if one.present}


@functools.cache
def converters() -> dict[str, Any]:
    """The classes of what makes a widget's value of what the browser sends."""
    return {one.name: one.find() for one in CONVERTERS if one.present}


def widget_facts() -> Any:
    """The class of what Streamlit knows of a widget."""
    return WIDGET_FACTS.find()


@functools.cache
def value_types() -> frozenset[str]:
    """What a widget's value may be sent as."""
    return frozenset(WIDGET_STATE.find().DESCRIPTOR.fields_by_name)


def containers() -> dict[str, Any]:
    """The classes of containers. Not remembered: Streamlit may load some of them late."""
    return {kind.__qualname__: kind for kind in _below(GENERATOR.find())}


def _below(kind: Any) -> Iterator[Any]:
    yield kind
    for one in kind.__subclasses__():
        if one.__module__.startswith("streamlit."):
            yield from _below(one)


def message_of(content: bytes) -> Any:
    """A message as it is sent, made of its bytes."""
    return MESSAGE.find().FromString(content)


def number_of_root(generator: Generator) -> int:
    """The number of the sidebar, or of another part of every page."""
    return int(generator._root_container)


def root(number: int) -> Generator:
    """The one generator that all sessions share for the part of every page with that number.

    Raises:
        LookupError: there is none.
    """
    one: Generator
    for one in internals.public():
        if internals.is_generator(one) and internals.is_root(one) and one._root_container == number:
            return one
    raise LookupError(f"no part of every page has the number {number}")
