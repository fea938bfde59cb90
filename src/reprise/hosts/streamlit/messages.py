"""Messages that announced elements, kept as Streamlit completed them, and how they are sent again.

A part of :mod:`reprise.hosts.streamlit.internals`; the table of names has all that is touched here.
What ``DeltaGenerator._enqueue`` does besides sending is to check and to fill in what is the same
for every session, and to make a generator. Where nobody asks for that generator, and nothing else
is to be done, the message itself is all that it takes: a third of the time. Making the message
anew from what it was made of, without ``_enqueue``, was rejected: each release does it otherwise.
"""
# ruff: noqa: SLF001 - that is what this file is for

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from reprise.hosts.streamlit import internals, names, widgets
from reprise.hosts.streamlit.internals import Generator

KNOWN: Final = (1, 67)
"""The latest release whose ``_enqueue`` was read; later ones get every element through theirs."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends messages again in one run of a script.

    Args:
        run: That run.
    """

    run: Any
    _cursors: dict[int, Any] = field(default_factory=dict)

    def send(self, message: Any, number: int, on: Generator) -> bool:
        """Let ``message`` announce its element once more.

        Args:
            message: It; a copy is sent, since Streamlit completes what it is given.
            number: The number of ``on`` in its recording.
            on: What is written to.

        Returns:
            False when that has to be left to ``on``; nothing was sent then.
        """
        if number not in self._cursors:
            self._cursors[number] = _cursor(on)
        cursor = self._cursors[number]
        if cursor is None:
            return False
        fresh = type(message)()
        fresh.CopyFrom(message)
        fresh.metadata.delta_path[:] = cursor.delta_path
        self.run.enqueue(fresh)
        if hasattr(cursor, "lock_element"):
            cursor.lock_element()
        else:
            cursor.get_locked_cursor()
        return True


def sender(listened: bool) -> Sender | None:
    """What sends messages again in the current run; ``None`` where elements need more than that.

    In a fragment they may be placed elsewhere; what listens to them, an agent or another cache,
    gets more than a message.

    Args:
        listened: Whether a recorder listens.
    """
    run = internals.current_run()
    if run is None or listened or internals.version() > KNOWN or not names.IN_CACHED.present:
        return None
    if internals.in_cached_function() or internals.describes_for_agents() or widgets.fragment_id():
        return None
    return Sender(run)


def kept(message: Any, args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """What to keep of a message that announced an element.

    Args:
        message: As it was sent; ``None`` if it is not known.
        args: What ``_enqueue`` was given.

    Returns:
        A copy of the message without what belongs to this run, or ``None`` where it cannot be sent
        in others. And the arguments, with the element inside of that copy: it is not kept twice.
    """
    if message is None or len(args) < 2:
        return None, args
    copy = type(message)()
    copy.CopyFrom(message)
    # Each look into a message costs as much as copying a small one.
    element = copy.delta.new_element
    if copy.delta.fragment_id or element.WhichOneof("type") != args[0]:
        return None, args
    cacheable = copy.metadata.cacheable
    copy.ClearField("metadata")
    if cacheable:
        copy.metadata.cacheable = True
    return copy, (args[0], getattr(element, args[0]), *args[2:])


def _cursor(on: Generator) -> Any:
    from streamlit.delta_generator import DeltaGenerator

    target = internals.written_to(on)
    own_way = type(target)._enqueue is not DeltaGenerator._enqueue
    if own_way or target._root_container is None:
        return None
    cursor = target._cursor
    # In older releases a place for one element remembers what its element was made of.
    remembers = cursor is not None and cursor.is_locked and not hasattr(cursor, "lock_element")
    return None if remembers else cursor
