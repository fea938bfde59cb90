"""What one call reads of its session and writes to it, noted while the function runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Final

from reprise.errors import RepriseError
from reprise.hosting import Call, Input
from reprise.hosts.carried import Carried
from reprise.hosts.carrying import Carrier, NotCarriedError, not_carried
from reprise.hosts.streamlit import internals
from reprise.hosts.streamlit.converters import carried_entry
from reprise.hosts.streamlit.inputs import (
    Placed,
    Widget,
    answer_of,
    holds_upload,
    place,
    widget,
)
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.reads import Read
from reprise.hosts.streamlit.recording import Event, Registered, StateWritten

_BY_KEY: Final = frozenset({"__setitem__", "__delitem__", "__setattr__", "__delattr__"})
_EVERYTHING: Final = frozenset({"clear", "from_dict"})


@dataclass(slots=True, eq=False)
class Pending:
    """A write whose value is looked at when the function is done: it may go on filling it."""

    source: str
    method: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Nothing yet."""
        return 0

    def play(self, replay: object) -> None:  # noqa: ARG002 - it is an event like others
        """It is replaced before anything is replayed."""
        raise AssertionError("a write was replayed before it was noted")


class SessionLog:
    """What a call reads and writes.

    Args:
        call: The call.
        obstruct: Told of what keeps the call from being answered from the cache.
        carry_container: Says how a container that is written to the session is made for a later
            call.
    """

    def __init__(
        self,
        call: Call,
        obstruct: Callable[[str], None],
        carry_container: Callable[[Any], Carried] = not_carried,
    ) -> None:
        self._call = call
        self._carrier = Carrier(call, is_closed, _is_streamlits, internals.is_generator)
        self._writing = Carrier(
            call, is_closed, _is_streamlits, internals.is_generator, carry_container
        )
        self._obstruct = obstruct
        self._inputs: dict[Hashable, Input] = {}
        # What the function wrote, or settled in another way: by source, its keys.
        self._own: dict[str, set[str]] = {}
        self._all_own: set[str] = set()

    def place(self, run: Any, ambient: Generator) -> None:
        """From here on something depends on where on the page the call is."""
        placed = Placed(place(self._call, run, ambient))
        self._inputs.setdefault(placed.question, placed)

    def widget(self, metadata: Any, user_key: str | None, answer: Any) -> Event | None:
        """A widget was registered.

        Returns:
            What to do about it in a replay, where its value is no input: the function had set it.
        """
        try:
            found = widget(metadata, user_key, self._carrier)
            told = answer_of(self._call, metadata, answer)
            found = dataclasses.replace(found, answer=told, uploaded=holds_upload(answer.value))
        except NotCarriedError as error:
            self._obstruct(f"a widget whose callback holds {error}")
            return None
        except RepriseError:
            self._obstruct("a widget whose value has no encoding")
            return None
        if user_key is not None and self._is_own("session_state", user_key):
            return Registered(dataclasses.replace(found, answer=b""))
        self._inputs.setdefault(found.question, found)
        return None

    def left_behind(self, entries: Mapping[str, Any]) -> Carried:
        """How to make what elements left behind for ``AppTest`` for a later call."""
        return carried_entry(dict(entries), self._carrier)

    def settled(self, user_key: str | None) -> None:
        """What the state has under that key follows from what was read before."""
        if user_key is not None:
            self._own.setdefault("session_state", set()).add(user_key)

    def read(self, source: str, kind: str, key: str) -> None:
        """Something was read."""
        own = frozenset(self._own.get(source, ()))
        if source in self._all_own or key in own:
            return
        found = Read(source, kind, key, own if kind == "all" else frozenset())
        if found.question in self._inputs:
            return
        try:
            answer = found.digest(self._call)
        except RepriseError:
            self._obstruct(f"{found.name}, whose value has no encoding")
            return
        self._inputs[found.question] = dataclasses.replace(found, answer=answer)

    def written(
        self, source: str, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Event:
        """Something was written; gives what to do about it in a replay, yet to be :meth:`noted`."""
        own = self._own.setdefault(source, set())
        if method in _BY_KEY:
            own.add(str(args[0]))
        elif method in _EVERYTHING:
            self._all_own.add(source)
        else:
            own.update(map(str, dict(*args, **kwargs)))
        return Pending(source, method, args, kwargs)

    def noted(self, events: list[Event]) -> list[Event]:
        """The events with the values that were written as they are in the end."""
        return [self._note(event) if isinstance(event, Pending) else event for event in events]

    def _note(self, event: Pending) -> Event:
        try:
            args = self._writing.carry(event.args)
            kwargs = self._writing.carry(dict(event.kwargs))
        except NotCarriedError as error:
            self._obstruct(f"it writes {error} to st.{event.source}")
            return event
        return StateWritten(event.source, event.method, args, kwargs)

    def finish(self) -> None:
        """See whether what was read is still the same: what is changed in place, no replay does."""
        for one in self._inputs.values():
            if isinstance(one, Read) and self._changed(one):
                self._obstruct(f"it changes {one.name} in place")

    def _changed(self, one: Read) -> bool:
        own = self._own.get(one.source, set())
        if one.source != "session_state" or self._is_own(one.source, one.key):
            return False
        if one.kind == "all" and own - one.without:
            return False  # what was written since is in it
        try:
            return one.digest(self._call) != one.answer
        except RepriseError:
            return True

    @property
    def keys_read(self) -> tuple[str, ...]:
        """The keys of ``st.session_state`` that were read, or written."""
        read = [
            one.key
            for one in self._inputs.values()
            if isinstance(one, Read) and one.source == "session_state" and one.kind == "item"
        ]
        return tuple(dict.fromkeys([*read, *sorted(self._own.get("session_state", ()))]))

    def inputs(self, kinds: Mapping[str, str]) -> tuple[Input, ...]:
        """What was read, in the order in which it was.

        Args:
            kinds: What widgets are, by their identities.
        """
        return tuple(_named(one, kinds) for one in self._inputs.values())

    def __bool__(self) -> bool:
        return bool(self._inputs)

    def _is_own(self, source: str, key: str) -> bool:
        return source in self._all_own or key in self._own.get(source, ())


def _named(one: Input, kinds: Mapping[str, str]) -> Input:
    """An input with the name that a reader knows it by."""
    if not isinstance(one, Widget):
        return one
    key = "" if one.user_key is None else f" with the key {one.user_key!r}"
    return dataclasses.replace(one, name=f"a {kinds.get(one.metadata.id, 'widget')}{key}")


def _is_streamlits(value: object) -> bool:
    """Whether it is one of the objects of ``st``, as ``st.session_state`` is."""
    package = str(type(value).__module__).partition(".")[0]
    return package == "streamlit" and any(value is one for one in internals.public())


def is_closed(value: object) -> bool:
    """Whether it is not looked into: containers, and the insides of Streamlit and of Reprise."""
    kind = type(value)  # isinstance would ask the object too
    owner = value if kind in {FunctionType, MethodType} else kind
    package = str(owner.__module__).partition(".")[0]
    return package in {"streamlit", "reprise"} or internals.is_generator(value)
