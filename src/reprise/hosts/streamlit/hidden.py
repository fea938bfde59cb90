"""Pages that nobody sees: where a cached function runs that is refreshed behind."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from reprise.hosting import Call, NotBehindError, Recording
from reprise.hosts.containers import Path, follow
from reprise.hosts.streamlit import copies, internals, widgets
from reprise.hosts.streamlit.listening import unheard
from reprise.hosts.streamlit.reads import Read

_NUMBERS: Final = itertools.count()
_DEEPEST: Final = 5
"""How far inside of lists and the like a container is looked for that is passed in."""


class StreamlitHiddenPage:
    """A copy of the calling thread's run, with the values that its session has now.

    Args:
        recording: What is to be refreshed.
        call: The call that found it stale.

    Raises:
        NotBehindError: its session holds something that was read and cannot be copied.
    """

    def __init__(self, recording: Recording, call: Call) -> None:
        live = internals.running()
        stand_ins = copies.StandIns()
        state = copies.copy_state(live.session_state)
        self.call = dataclasses.replace(
            call,
            arguments={name: _within(one, stand_ins) for name, one in call.arguments.items()},
        )
        self._stack = tuple(stand_ins.of(one) for one in internals.with_stack())
        self._state = copies.state_of_thread()
        run = copies.copy_run(live, state)
        widgets.carry_notes(live, run)
        known = {id(one): one for one in stand_ins.made}
        self._apart = copies.Apart(run, known, f"reprise hidden {next(_NUMBERS)}", [])
        _hold(recording, state)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be on this page; see :class:`reprise.hosting.HiddenPage`."""
        try:
            copies.enter(self._apart, self._stack, self._state)
        except Exception as error:
            # A thread of a kind that cannot attend, or a future Streamlit.
            what = f"its page could not be entered ({type(error).__name__}: {error})"
            raise NotBehindError(what) from error
        try:
            yield
        finally:
            copies.release_media(self._apart)


def _hold(recording: Recording, state: Any) -> None:
    """Copy now what the function read of the session state: its user may go on to change it."""
    with unheard():
        for one in recording.inputs:
            if isinstance(one, Read) and one.source == "session_state":
                if one.kind == "all":
                    dict(state.filtered_state)
                elif one.kind == "item" and one.key in state:
                    state[one.key]


def _within(value: Any, stand_ins: copies.StandIns, depth: int = 0) -> Any:
    """``value`` with stand-ins for the containers that it is, or that its items are."""
    if internals.is_generator(value):
        return stand_ins.of(value)
    kind = type(value)
    if kind in {list, tuple} and depth < _DEEPEST:
        inside: Any = [_within(one, stand_ins, depth + 1) for one in value]
        changed = any(new is not old for new, old in zip(inside, value, strict=True))
        return kind(inside) if changed else value
    if kind is dict and depth < _DEEPEST:
        inside = {key: _within(one, stand_ins, depth + 1) for key, one in value.items()}
        return inside if any(inside[key] is not value[key] for key in value) else value
    return value


def has_stand_in(path: Path, call: Call) -> bool:
    """Whether a call on a hidden page finds a stand-in at the end of ``path``."""
    first, *items = path
    if first.kind != "argument" or len(items) > _DEEPEST:
        return False
    if any(step.kind != "item" for step in items):
        return False
    holders = [follow(path[: depth + 1], call) for depth in range(len(items))]
    return all(type(holder) in {list, tuple, dict} for holder in holders)
