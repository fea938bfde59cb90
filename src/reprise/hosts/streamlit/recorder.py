"""Recorders: they listen to Streamlit while a cached function runs."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from reprise.errors import CacheReplayClosureError
from reprise.hosting import Call
from reprise.hosts.containers import find
from reprise.hosts.streamlit import internals, messages, widgets
from reprise.hosts.streamlit.collapsing import collapsed
from reprise.hosts.streamlit.copies import APART
from reprise.hosts.streamlit.hidden import has_stand_in
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.log import SessionLog, is_closed
from reprise.hosts.streamlit.places import Ambient, At, Held, Outside, Place, Root
from reprise.hosts.streamlit.ready import ready
from reprise.hosts.streamlit.recording import (
    Event,
    FormOpened,
    IdClaimed,
    MediaAdded,
    Remembered,
    Sent,
    Shown,
    StateReset,
    StatusChanged,
    StreamlitRecording,
    Tested,
    identity,
)
from reprise.hosts.streamlit.returned import Numbered, containers_in, numbered_by, state_of
from reprise.hosts.streamlit.telling import lost_text, show_widget_warning

LIVE: Final = "streamlit"
"""The realm of what is made in a running app."""
BARE: Final = "streamlit-bare"
"""The realm of what is made without a session: nobody saw it."""

_PAGE_WIDE: Final = frozenset({"logo", "page_config_changed", "parent_message"})
"""Messages that concern no element and can be sent again as they are."""

P = ParamSpec("P")
T = TypeVar("T")


def _safely(
    method: Callable[Concatenate[LiveRecorder, P], None],
) -> Callable[Concatenate[LiveRecorder, P], None]:
    """Keep our own failures out of the app: what could not be followed is not replayed."""

    @functools.wraps(method)
    def safe(self: LiveRecorder, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if not self.listening():
            return
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - anything may go wrong in a future Streamlit
            self.obstructed(f"it could not be followed: {type(error).__name__}: {error}")

    return safe


class LiveRecorder:
    """Listens to one call in a running app.

    Args:
        call: The call.
        run: The script run that it belongs to.
    """

    def __init__(self, call: Call, run: Any) -> None:
        self._call = call
        self._run = run
        self._depth = internals.with_depth()
        self._ambient = internals.written_to(internals.main())
        self._open = True
        self._warned = False
        self._claimed = False
        self._obstacle = ""
        self._events: list[Event] = []
        self._log = SessionLog(call, self.obstructed, self._carried)
        # What elements with identities are, by these.
        self._kinds: dict[str, str] = {}
        self._outside: list[Outside] = []
        # Numbers of what was written to, and of what somebody has after the call.
        self._written: set[int] = set()
        self._kept: set[int] = set()
        self._returned: set[int] = set()
        # By id(), and by None what st.write() and the like write to.
        self._numbers: dict[int | None, int] = {}
        self._at: dict[tuple[int, ...], int] = {}
        # Numbers are found by id(), and an id is only good for as long as its object lives.
        self._alive: list[Generator] = []

    def listening(self) -> bool:
        """Whether what the calling thread displays belongs to this call."""
        return self._open and internals.current_run() is self._run

    def close(self) -> None:
        """Stop listening, for tasks too that outlive the call."""
        self._open = False

    # -- what happens

    @_safely
    def displayed(
        self,
        method: str,
        on: Generator,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        made: Any,
        *,
        message: Any,
    ) -> None:
        """A new element or container."""
        if made is internals.written_to(on):
            return  # it has no place on the page, so that nothing was displayed
        number = self._number(on)
        self._written.add(number)
        made_number = self._new(made, id(made))
        self._at[internals.path(made)] = made_number
        message, args = messages.kept(message, args)
        shown = Shown(method, number, args, kwargs, made_number, message)
        form_id = _form_in((*args, *kwargs.values())) if method == "_block" else ""
        if form_id:
            self._claim()
        self._events.append(FormOpened(shown, form_id) if form_id else shown)

    @_safely
    def sent(self, message: Any) -> None:
        """A message that announced neither."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.obstructed("st.navigation")
        elif kind in _PAGE_WIDE:
            self._events.append(Sent(_copy(message), None))
        elif kind == "delta" and message.delta.WhichOneof("type") not in {None, "new_transient"}:
            number = self._at.get(tuple(message.metadata.delta_path))
            if number is None:
                self.obstructed("it adds to an element that stands outside of it")
            else:
                self._events.append(Sent(_copy(message), number))

    @_safely
    def status_updated(self, status: Generator, changes: dict[str, Any]) -> None:
        """A status container changed.

        One made in this call is replayed without its Python side: nobody can reach that later.
        """
        number = self._numbers.get(id(status))
        if number is None or any(outside.number == number for outside in self._outside):
            number = self._number(status)
            self._written.add(number)
            self._events.append(StatusChanged(number, changes))
        else:
            self._events.append(Sent(internals.status_message(status), number))

    @_safely
    def media_added(self, arguments: dict[str, Any], url: str) -> None:
        """A file. Its address is its content's, and so a coordinate that no other file can take."""
        data = arguments["path_or_data"]
        content = Path(data).read_bytes() if isinstance(data, str) else bytes(data)
        kept = {**arguments, "path_or_data": content, "coordinates": f"reprise {url}"}
        self._events.append(MediaAdded(kept, url))

    @_safely
    def id_claimed(self, element_type: str, element_id: str) -> None:
        """An element with an identity."""
        if element_id:
            self._claim()
            self._kinds[element_id] = element_type
            self._events.append(IdClaimed(element_type, element_id))

    def obstructed(self, what: str) -> None:
        """Something that cannot be replayed; the first is what the user is told of."""
        if self._open:
            self._obstacle = self._obstacle or what

    def widget_found(self, warned: bool) -> bool:
        """A widget: the function runs every time, which the user should know of."""
        self._widget(warned)
        return warned or self._warned

    @_safely
    def _widget(self, warned: bool) -> None:
        if self._call.widgets_allowed:
            return
        self.obstructed("a widget")
        if not (warned or self._warned):
            self._warned = True
            show_widget_warning(self._call.name)

    @_safely
    def widget_registered(self, metadata: Any, user_key: str | None, answer: Any) -> None:
        """A widget's value is an input."""
        if not self._call.widgets_allowed:
            return
        self._claim()
        event = self._log.widget(metadata, user_key, answer)
        if event is not None:
            self._events.append(event)
        self._log.settled(user_key)

    @_safely
    def was_read(self, source: str, kind: str, key: str) -> None:
        """The session was read."""
        self._log.read(source, kind, key)

    @_safely
    def was_written(self, source: str, method: str, args: tuple[Any, ...], kw: Any) -> None:
        """The session was written to."""
        self._events.append(self._log.written(source, method, args, kw))

    @_safely
    def state_reset(self, user_key: str, value: Any) -> None:
        """A widget corrected its own value."""
        self._log.settled(user_key)
        self._events.append(StateReset(user_key, copy.deepcopy(value)))

    def _claim(self) -> None:
        """From here on something depends on where on the page the call is."""
        if not self._claimed:
            self._claimed = True
            self._log.place(self._run, self._ambient)

    # -- where it happens

    def _number(self, on: Generator) -> int:
        """The number of what is written to."""
        implicit = internals.is_main(on) and internals.with_depth() == self._depth
        target = internals.written_to(on)
        key = None if implicit else id(target)
        number = self._numbers.get(key)
        if number is None:
            places = (Ambient(),) if implicit else self._places(target)
            number = self._new(target, key)
            self._outside.append(Outside(number, places))
        return number

    def _places(self, target: Generator) -> tuple[Place, ...]:
        """Every place where ``target`` stands, seen from this call."""
        places: list[Place] = [
            At(path) for path in find(self._call, lambda value: value is target, is_closed)
        ]
        if internals.is_root(target):
            places.append(Root(target))
        if target is self._ambient:
            places.append(Ambient())
        places += Held.all_of(target, self._call, self._log.keys_read, is_closed)
        return tuple(places)

    def _new(self, generator: Generator, key: int | None) -> int:
        """Give ``generator`` the next number, to be found by ``key``."""
        number = len(self._alive)
        self._alive.append(generator)
        self._numbers[key] = number
        return number

    # -- what somebody has after the call

    def keep(self, act: Callable[[], T]) -> T:
        """Take or restore a snapshot: containers in the value are known by their numbers."""
        with numbered_by(self):
            return act()

    def number_of(self, generator: Generator) -> int:
        """The number of a container that the function returned."""
        number = self._number(generator)
        self._kept.add(number)
        self._returned.add(number)
        return number

    def numbered(self, number: int) -> Generator:
        """The container of this call that has it."""
        return self._alive[number]

    def _carried(self, generator: Generator) -> Numbered:
        """A container that the function left in its session's state."""
        number = self._number(generator)
        self._kept.add(number)
        return Numbered(number)

    def _share(self, value: object) -> dict[int, int]:
        """The numbers of containers in an object that all callers are given, by their ``id``."""
        found, others = containers_in(value, is_closed)
        if others:
            kind = type(value).__name__
            self.obstructed(f"it returns a {kind} with a container inside, for all to share")
        return {id(one): self.number_of(one) for one in found}

    def _remembered(self) -> list[Event]:
        made = self._kept - {outside.number for outside in self._outside}
        states = {number: state_of(self._alive[number]) for number in sorted(made)}
        return [Remembered(number, state) for number, state in states.items() if state]

    # -- the result

    def recording(self, shared: object = None) -> StreamlitRecording | None:
        """What was displayed since the start; ``None`` when nothing was.

        Args:
            shared: What the function returned, where all callers are given that very object.

        Raises:
            CacheReplayClosureError: something was displayed in a place that no later call can find.
        """
        self._finish()
        try:
            return self._recorded(self._share(shared))
        except CacheReplayClosureError:
            raise
        except Exception as error:  # noqa: BLE001 - as in _safely
            self.obstructed(f"it could not be followed: {type(error).__name__}: {error}")
            return StreamlitRecording(LIVE, obstacle=self._obstacle)

    def _recorded(self, ids: dict[int, int]) -> StreamlitRecording | None:
        if self._obstacle:
            return StreamlitRecording(LIVE, obstacle=self._obstacle)
        lost = {outside.number for outside in self._outside if not outside.places}
        if lost & self._written:
            raise CacheReplayClosureError(lost_text(self._call.name))
        if lost:
            obstacle = "it hands out a container that is not its own and not among its arguments"
            return StreamlitRecording(LIVE, obstacle=obstacle)
        if not self._events and not self._log and not self._kept:
            return None
        surroundings = [self._alive[each.number] for each in self._outside]
        left_behind = widgets.testing_entries(self._kinds)
        tested = [Tested(self._log.left_behind(left_behind))] if left_behind else []
        happened = [*self._events, *self._remembered(), *tested]
        noted, outside = collapsed(happened, self._outside, self, self._kept)
        events = ready(noted, self._kept)
        return StreamlitRecording(
            LIVE,
            sum(event.size for event in events),
            events,
            outside,
            len(self._alive),
            identity(surroundings) if self._claimed else None,
            inputs=self._log.inputs(self._kinds),
            refreshable=all(
                self._stands_in(place) for each in self._outside for place in each.places
            ),
            returns_containers=bool(self._returned),
            shared=ids,
        )

    def _stands_in(self, place: Place) -> bool:
        if isinstance(place, At):
            return has_stand_in(place.path, self._call)
        return not isinstance(place, Held)

    @_safely
    def _finish(self) -> None:
        self._log.finish()
        apart = APART.get()
        for refused in apart.refusals if apart is not None else ():
            self.obstructed(refused)
        noted = self._log.noted(self._events)
        self._events = [one.ended() if isinstance(one, Shown) else one for one in noted]


def _copy(message: Any) -> Any:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _form_in(values: tuple[Any, ...]) -> str:
    """The key of the form that a container is; empty if it is none."""
    for value in values:
        fields = getattr(type(value), "DESCRIPTOR", None)
        if getattr(fields, "name", "") == "Block" and value.WhichOneof("type") == "form":
            return str(value.form.form_id)
    return ""
