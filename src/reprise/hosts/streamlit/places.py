"""Where something stands on a page that a function writes to and did not make.

It is looked up anew for each call, so that what is replayed goes into this run's containers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from reprise.hosting import Call
from reprise.hosts.containers import Path, find, follow
from reprise.hosts.streamlit import internals
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.listening import unheard


class Place(Protocol):
    """Where something outside of the function stands, seen from a call."""

    def resolve(self, call: Call) -> Generator:
        """What stands there in this call.

        Raises:
            LookupError: nothing does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ambient:
    """Where ``st.write()`` goes at the moment of the call."""

    def resolve(self, call: Call) -> Generator:  # noqa: ARG002 - it is the same for every call
        """The generator behind ``st``."""
        return internals.main()


@dataclass(frozen=True, slots=True)
class Root:
    """The sidebar or another part of every page."""

    generator: Generator

    def resolve(self, call: Call) -> Generator:  # noqa: ARG002 - it is the same for every call
        """The one generator that all sessions share for it."""
        return self.generator


@dataclass(frozen=True, slots=True)
class At:
    """A container that was passed in as an argument, or that the function reaches by itself."""

    path: Path

    def resolve(self, call: Call) -> Generator:
        """What the path leads to in this call."""
        found = follow(self.path, call)
        if not internals.is_generator(found):
            raise LookupError("there is no container there")
        return found


@dataclass(frozen=True, slots=True)
class Held:
    """A container that stands in ``st.session_state``, or inside of something that does."""

    path: Path

    @classmethod
    def all_of(
        cls,
        target: Generator,
        call: Call,
        keys: Iterable[str],
        closed: Callable[[object], bool],
    ) -> tuple[Held, ...]:
        """Every place where ``target`` stands in what the session has under these keys."""
        with unheard():
            session = _session()
            values = {key: session[key] for key in keys if key in session}
        held = dataclasses.replace(call, function=_NO_FUNCTION, arguments=values)
        return tuple(cls(path) for path in find(held, lambda value: value is target, closed))

    def resolve(self, call: Call) -> Generator:
        """What the path leads to in this session."""
        with unheard():
            held = dataclasses.replace(call, function=_NO_FUNCTION, arguments=_session())
            found = follow(self.path, held)
        if not internals.is_generator(found):
            raise LookupError("there is no container there")
        return found


_NO_FUNCTION: Final = len
"""Something that reaches nothing, in the place of the function: paths begin in the session."""


def _session() -> Any:
    import streamlit

    return streamlit.session_state


@dataclass(frozen=True, slots=True)
class Outside:
    """Something that events write to, or that was returned, and that the function did not make.

    Args:
        number: Its number in the recording.
        places: Every place where it stood. A call that has different things in these places
            cannot be told which of them was meant.
        one_element: Whether it must be a place for one element, as ``st.empty()`` is: what was
            written there and replaced was left out of the recording.
    """

    number: int
    places: tuple[Place, ...]
    one_element: bool = False

    def resolve(self, call: Call) -> Generator:
        """What stands there in this call.

        Raises:
            LookupError: nothing does, or the places disagree.
        """
        found = [place.resolve(call) for place in self.places]
        if len({id(internals.written_to(generator)) for generator in found}) != 1:
            raise LookupError("different containers stand in these places")
        target = internals.written_to(found[0])
        if self.one_element and not internals.holds_one_element(target):
            raise LookupError("what is written there does not replace what is there")
        return found[0]
