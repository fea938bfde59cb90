"""Recordings: what a function displayed in a Streamlit app, and how it is displayed again.

A recording is a list of events, in the order in which they happened. Elements and containers are
numbered: an event names by its number what it writes to, and which number the new one gets. Those
that the function did not make itself are the recording's *outside*; where they stand is looked up
anew for each call.

Nothing in a recording changes once it is made, so that any number of sessions may replay it at the
same time. Streamlit copies what it is given, so nothing is copied here.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from reprise.hosting import Call, Input, Replayed, Unparted
from reprise.hosts.carried import Carried
from reprise.hosts.streamlit import internals, messages, widgets
from reprise.hosts.streamlit.inputs import Widget
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.listening import LISTENERS
from reprise.hosts.streamlit.places import Outside
from reprise.hosts.streamlit.returned import (
    NOWHERE,
    Restored,
    exchanged,
    give_state,
    numbered_by,
)

_ROWS: Final = "add_rows_metadata"
"""How far a chart is filled, in releases that can add rows to one."""
_EVENT_SIZE: Final = 200
"""Bytes that an event costs besides what it holds, roughly."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay.

    Args:
        call: The call that it is for.
        numbered: The generators of this run, by their numbers in the recording.
        sender: Sends messages as they are, where that is all that elements need.
    """

    call: Call
    numbered: list[Generator]
    sender: messages.Sender | None


class Event(Protocol):
    """One thing that happened."""

    @property
    def size(self) -> int:
        """Bytes that keeping it costs, roughly."""
        ...

    def play(self, replay: Replay) -> None:
        """Let it happen again."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A new element or a new container; ``message`` announced the element, where it is known."""

    method: str
    on: int
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    made: int
    message: Any = None

    @property
    def size(self) -> int:
        """The bytes of the messages in it."""
        values = (*self.args, *self.kwargs.values())
        return _EVENT_SIZE + sum(int(v.ByteSize()) for v in values if hasattr(v, "ByteSize"))

    def ended(self) -> Shown:
        """As it is when the function is done: a chart counts the rows that are added to it."""
        rows = self.kwargs.get(_ROWS)
        if rows is None:
            return self
        return dataclasses.replace(self, kwargs={**self.kwargs, _ROWS: copy.copy(rows)})

    def play(self, replay: Replay) -> None:
        """Show it in this run's container."""
        kwargs = self.kwargs
        if kwargs.get("agent_props") is not None and not internals.describes_for_agents():
            # Made in a session that an agent reads; a browser's must not carry it.
            kwargs = {name: value for name, value in kwargs.items() if name != "agent_props"}
        if kwargs.get(_ROWS) is not None:
            kwargs = {**kwargs, _ROWS: copy.copy(kwargs[_ROWS])}
        replay.numbered[self.made] = internals.show(
            self.method, replay.numbered[self.on], self.args, kwargs
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that changes what an earlier event made (``about``), or the page as a whole."""

    message: Any
    about: int | None

    @property
    def size(self) -> int:
        """The bytes of the message."""
        return _EVENT_SIZE + int(self.message.ByteSize())

    def play(self, replay: Replay) -> None:
        """Send a copy: Streamlit completes the message that it is given."""
        message = type(self.message)()
        message.CopyFrom(self.message)
        at = None if self.about is None else internals.path(replay.numbered[self.about])
        internals.send(message, at)


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A status container from outside got another label or state."""

    on: int
    changes: Mapping[str, Any]

    @property
    def size(self) -> int:
        """A constant: labels are short."""
        return _EVENT_SIZE

    def play(self, replay: Replay) -> None:
        """Change this run's; it remembers its state for the end of its ``with`` block."""
        replay.numbered[self.on].update(**self.changes)


@dataclass(frozen=True, slots=True)
class MediaAdded:
    """A file that an element shows.

    It holds the bytes: the media manager drops its own as soon as no session shows them.
    """

    arguments: Mapping[str, Any]
    url: str
    """Where it is served; elements name it."""

    @property
    def size(self) -> int:
        """The bytes of the file."""
        content: bytes = self.arguments["path_or_data"]
        return _EVENT_SIZE + len(content)

    def play(self, replay: Replay) -> None:  # noqa: ARG002 - media belong to a session
        """Hand it to the media manager for this session."""
        internals.add_media(dict(self.arguments))


@dataclass(frozen=True, slots=True)
class IdClaimed:
    """An element with a key, or another identity of its own."""

    element_type: str
    element_id: str

    @property
    def size(self) -> int:
        """A constant: identities are short."""
        return _EVENT_SIZE

    def play(self, replay: Replay) -> None:  # noqa: ARG002 - it is claimed for the page
        """Claim it in this run: a second one is as much of an error as without a cache."""
        internals.claim_id(self.element_type, self.element_id)


@dataclass(frozen=True, slots=True)
class FormOpened:
    """A form; it has a key to claim, and makes widgets inside of it belong to it."""

    shown: Shown
    form_id: str

    @property
    def size(self) -> int:
        """The bytes of its message."""
        return self.shown.size

    def play(self, replay: Replay) -> None:
        """Open it in this run: a second one with its key is as much of an error as without."""
        widgets.claim_form(replay.numbered[self.shown.on], self.form_id)
        self.shown.play(replay)
        widgets.mark_form(replay.numbered[self.shown.made], self.form_id)


@dataclass(frozen=True, slots=True)
class Registered:
    """A widget whose value is no input: the function itself had set it."""

    widget: Widget

    @property
    def size(self) -> int:
        """A constant: what it holds is small."""
        return _EVENT_SIZE

    def play(self, replay: Replay) -> None:
        """Register it in this run."""
        self.widget.register(replay.call)

    def check(self, call: Call) -> None:
        """See whether that can be done for ``call``; raises :class:`LookupError` if not."""
        self.widget.made(call)


@dataclass(frozen=True, slots=True)
class StateWritten:
    """The function wrote to its session's state, or to the page's address."""

    source: str
    method: str
    args: Carried
    kwargs: Carried

    @property
    def size(self) -> int:
        """A constant: what is written is small, as a rule."""
        return _EVENT_SIZE

    def check(self, call: Call) -> None:
        """See whether it can be made for ``call``; raises :class:`LookupError` if not."""
        self.args.make(call)
        self.kwargs.make(call)

    def play(self, replay: Replay) -> None:
        """Write it in this session."""
        import streamlit

        args, kwargs = self.args.make(replay.call), self.kwargs.make(replay.call)
        getattr(type(proxy := getattr(streamlit, self.source)), self.method)(proxy, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class StateReset:
    """A widget corrected its own value."""

    user_key: str
    value: Any

    @property
    def size(self) -> int:
        """A constant: values of widgets are small."""
        return _EVENT_SIZE

    def play(self, replay: Replay) -> None:  # noqa: ARG002 - state belongs to a session
        """Correct it in this session."""
        widgets.reset_state(self.user_key, copy.deepcopy(self.value))


@dataclass(frozen=True, slots=True)
class Tested:
    """What elements leave behind for Streamlit's ``AppTest``."""

    entries: Carried
    """By the identities of the elements."""

    @property
    def size(self) -> int:
        """Nothing outside of tests."""
        return 0

    def check(self, call: Call) -> None:
        """See whether they can be made for ``call``; raises :class:`LookupError` if not."""
        self.entries.make(call)

    def play(self, replay: Replay) -> None:
        """Leave it behind in this run."""
        widgets.put_testing_entries(self.entries.make(replay.call))


@dataclass(frozen=True, slots=True)
class MadeOneWith:
    """A generator that somebody has after the call, and whose own element was replaced."""

    number: int
    as_number: int

    @property
    def size(self) -> int:
        """Two numbers."""
        return _EVENT_SIZE

    def play(self, replay: Replay) -> None:
        """Let it be the one that writes to the same place."""
        replay.numbered[self.number] = replay.numbered[self.as_number]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A container that somebody reaches after the call remembers more than its place."""

    about: int
    state: Mapping[str, Any]

    @property
    def size(self) -> int:
        """A constant: it is a label and the like."""
        return _EVENT_SIZE

    def play(self, replay: Replay) -> None:
        """Let this run's remember it."""
        give_state(replay.numbered[self.about], self.state)


Identity: TypeAlias = tuple[str, tuple[Any, ...]]
"""What goes into the identities of elements: the page, and the surroundings of what is outside."""


@dataclass(frozen=True, slots=True)
class StreamlitRecording:
    """What one run of a function displayed.

    Args:
        realm: Where it was made.
        size: Bytes that keeping it costs, roughly.
        events: What happened.
        outside: What the events write to and did not make.
        numbers: How many generators are numbered.
        identity: Where it was made, when elements in it have identities that depend on that.
        obstacle: What cannot be replayed, to go into a message; empty when all can.
        inputs: What the function read of its session.
        refreshable: Whether it can be refreshed behind.
        returns_containers: Whether what the function returned holds some that are numbered.
        shared: Where all callers are given one object, the numbers of those by their ``id`` in it.
    """

    realm: str
    size: int = 0
    events: tuple[Event, ...] = ()
    outside: tuple[Outside, ...] = ()
    numbers: int = 0
    identity: Identity | None = None
    obstacle: str = ""
    inputs: tuple[Input, ...] = ()
    refreshable: bool = False
    returns_containers: bool = False
    shared: Mapping[int, int] = field(default_factory=dict)

    @property
    def replayable(self) -> bool:
        """Whether it can ever be replayed."""
        return not self.obstacle

    def play(self, call: Call) -> Replayed | None:
        """Display it again, in the containers that are in force for ``call``.

        Returns:
            What was displayed; ``None`` when it does not fit this call; nothing was displayed then.
        """
        numbered: list[Generator] = [None] * self.numbers
        try:
            for outside in self.outside:
                numbered[outside.number] = outside.resolve(call)
            for event in self.events:
                if isinstance(event, Registered | StateWritten | Tested):
                    event.check(call)
        except LookupError:
            return None
        if self.identity is not None and self.identity != identity(
            [numbered[outside.number] for outside in self.outside]
        ):
            return None
        replay = Replay(call, numbered, messages.sender(bool(LISTENERS.get())))
        restored = Restored(numbered, self.shared)
        with numbered_by(restored):
            for event in self.events:
                event.play(replay)
        # Those of a call without a page have no numbers, and lead nowhere for everybody.
        return restored if self.returns_containers and self.numbers else Unparted()

    def unparted(self, value: Any) -> Any:
        """``value`` with containers that lead nowhere; see :class:`reprise.hosting.Recording`."""
        return exchanged(value, self.shared, NOWHERE)


def identity(outside: list[Generator]) -> Identity:
    """What goes into the identities of elements that are written to ``outside`` in this run."""
    surroundings = [internals.surroundings(internals.written_to(each)) for each in outside]
    return internals.page(internals.current_run()), tuple(surroundings)
