"""Containers in what a function returns.

A container belongs to the run that made it. So a value that is kept has a number in the place of
each: the number that the recording knows the container by. A later call gets this run's container
of that number, made by the replay, and what it writes there stands where it would without a cache.

``cache_data`` pickles what it keeps, and a container is pickled as its number. ``cache_resource``
hands out the very object that was returned; a container, and a tuple with containers inside, cannot
be changed and are put together anew. Any other object that holds a container would bring it into
all sessions, so that the function runs every time.

What is private to Streamlit here is named in the table of :mod:`reprise.hosts.streamlit.internals`.
"""
# ruff: noqa: SLF001 - see above

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from reprise.hosting import Call
from reprise.hosts.carried import Carried, Filled, Keyed
from reprise.hosts.containers import find
from reprise.hosts.inner import Inner
from reprise.hosts.streamlit import internals
from reprise.hosts.streamlit.internals import Generator

T = TypeVar("T")


class Numbering(Protocol):
    """Which container has which number, in one call."""

    def number_of(self, generator: Generator) -> int:
        """The number of a container that is about to be kept."""
        ...

    def numbered(self, number: int) -> Generator:
        """The container of this call's run that has it."""
        ...


class Nowhere:
    """The numbering where no page is: what is written to a container is seen by nobody."""

    def number_of(self, generator: Generator) -> int:  # noqa: ARG002 - all are the same
        """There is one number."""
        return 0

    def numbered(self, number: int) -> Generator:  # noqa: ARG002 - all are the same
        """A container without a place."""
        from streamlit.delta_generator import DeltaGenerator

        # Its parent tells it from the one that writes into the innermost ``with``.
        return DeltaGenerator(root_container=None, parent=internals.main())


NOWHERE: Final = Nowhere()
_NUMBERING: Final[ContextVar[Numbering | None]] = ContextVar("reprise_numbering", default=None)
"""Whose containers are kept, or restored, in the calling thread or task."""


@contextmanager
def numbered_by(numbering: Numbering) -> Iterator[None]:
    """Keep and restore containers by this numbering for a while."""
    token = _NUMBERING.set(numbering)
    try:
        yield
    finally:
        _NUMBERING.reset(token)


def container(number: int) -> Generator:
    """The container with that number of the call that is answered now; pickles name this."""
    return (_NUMBERING.get() or NOWHERE).numbered(number)


def reducing(original: Callable[..., Any]) -> Callable[..., Any]:
    """A hook: while a value is kept, a container in it is pickled as its number."""

    @functools.wraps(original)
    def hook(generator: Generator, protocol: Any) -> Any:
        numbering = _NUMBERING.get()
        if numbering is None:
            return original(generator, protocol)
        return container, (numbering.number_of(generator),)

    return hook


@dataclass(frozen=True, slots=True)
class Numbered:
    """A container that a function wrote to its session's state; implements ``Carried``."""

    number: int

    def make(self, call: Call) -> Generator:  # noqa: ARG002 - the replay knows for which call
        """This run's."""
        return container(self.number)


def numbers_of(parts: Iterable[Carried]) -> Iterator[int]:
    """The numbers of containers that values are made of."""
    for part in parts:
        if isinstance(part, Numbered):
            yield part.number
        elif isinstance(part, Filled | Keyed):
            yield from numbers_of(part.parts)
        elif isinstance(part, Inner):
            yield from numbers_of((*part.cells, part.defaults, part.kwdefaults))


@dataclass(frozen=True, slots=True)
class Restored:
    """The generators of one replay, for a value that holds some of them.

    Args:
        generators: By their numbers.
        shared: Where all callers are given one object, the numbers of those by their ``id`` in it.
    """

    generators: Sequence[Generator]
    shared: Mapping[int, int] = field(default_factory=dict)

    def number_of(self, generator: Generator) -> int:
        """What is replayed is kept already."""
        raise LookupError(f"{generator!r} is replayed, and not to be kept")

    def numbered(self, number: int) -> Generator:
        """The generator with that number."""
        return self.generators[number]

    def own(self, value: Any, restore: Callable[[], Any]) -> Any:  # noqa: ARG002 - the contract
        """The value of this call; implements ``reprise.hosting.Replayed``."""
        with numbered_by(self):
            return exchanged(restore(), self.shared, self)


def exchanged(value: Any, numbers: Mapping[int, int], numbering: Numbering) -> Any:
    """``value`` with the containers of a numbering in the place of those with these ``id``."""
    if internals.is_generator(value):
        return numbering.numbered(numbers[id(value)]) if id(value) in numbers else value
    if not isinstance(value, tuple) or not numbers:
        return value
    parts = [exchanged(part, numbers, numbering) for part in value]
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    return type(value)._make(parts) if hasattr(value, "_make") else tuple(parts)


def containers_in(value: Any, closed: Callable[[object], bool]) -> tuple[list[Generator], bool]:
    """The containers in an object that all callers share.

    Returns:
        Those that stand in nothing but tuples, and whether there are others.
    """
    found: list[Generator] = []
    others = False
    for _, *steps in find(Call(len, {"value": value}), internals.is_generator, closed):
        part = value
        for step in steps:
            if not isinstance(part, tuple) or step.kind != "item":
                others = True
                break
            part = part[step.name]
        else:
            found.append(part)
    return found, others


_EVERY_GENERATOR: Final = frozenset(
    {"_root_container", "_provided_cursor", "_parent", "_block_type", "_creating_fragment_id"}
    | {"_form_data", "_delta_path"}
)


def state_of(generator: Generator) -> dict[str, Any]:
    """What a container remembers besides its place: a status its label, an expander if it is open.

    A container that nobody reaches later needs none of it.
    """
    return {
        name: copy.deepcopy(value)
        for name, value in vars(generator).items()
        if name not in _EVERY_GENERATOR
    }


def give_state(generator: Generator, state: Mapping[str, Any]) -> None:
    """Let a container that was replayed remember that, and where it stands itself."""
    generator.__dict__.update(copy.deepcopy(dict(state)))
    if "_delta_path" in vars(generator):
        generator._delta_path = list(internals.path(generator))
