"""Widgets, forms and their state, as far as that is private to Streamlit.

A part of :mod:`reprise.hosts.streamlit.internals`; the table of names has all that is touched here.
"""
# ruff: noqa: SLF001 - that is what this file is for

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from reprise.hosts.streamlit import internals, names
from reprise.hosts.streamlit.internals import Generator

_NOTES: Final = "_reprise_notes"
_INCOMING: Final = ("incoming_serialized_value", "incoming_serialized_values")
"""Fields of an answer that releases from 1.67 on have: the value as it came from the browser."""


def register(metadata: Any, user_key: str | None) -> Any:
    """Register a widget in the current run, and give Streamlit's answer: value and more.

    Raises:
        LookupError: nothing runs that could have widgets.
    """
    run = internals.running()
    return first_answer(metadata.id, run.session_state.register_widget(metadata, user_key))


def first_answer(widget_id: str, answer: Any) -> Any:
    """``answer``, as it would be if the widget had not been registered before in this run.

    A cached call registers its widgets to know their values, and if these are new to it, the
    function registers them again. What was special about the first time (the browser needs to be
    told of a value, say) Streamlit does not say twice.
    """
    notes = _notes(internals.running())
    first = notes.setdefault(widget_id, answer)
    if first is answer:
        return answer
    known = {name: getattr(first, name) for name in _INCOMING if hasattr(first, name)}
    changed = answer.value_changed or first.value_changed
    return dataclasses.replace(answer, value_changed=changed, **known)


def _notes(run: Any) -> dict[str, Any]:
    """What is noted of a run of a script. A run is over when it has got new cursors."""
    notes: dict[str, Any]
    held, notes = vars(run).get(_NOTES, (None, {}))
    if held is not run.cursors:
        held, notes = run.cursors, {}
        vars(run)[_NOTES] = (held, notes)
    return notes


def carry_notes(run: Any, copied: Any) -> None:
    """Let what is noted of ``run`` be noted of its copy, which goes on where that stands."""
    vars(copied)[_NOTES] = (copied.cursors, dict(_notes(run)))


def look(metadata: Any, user_key: str | None) -> tuple[Any, bool]:
    """A widget's value now, and whether the browser has yet to be told of it; nothing changes.

    Raises:
        LookupError: nothing runs that could have widgets.
    """
    run = internals.running()
    state = run.session_state
    changed = user_key is not None and bool(state.is_new_state_value(user_key))
    for key in filter(None, (metadata.id, user_key)):
        with contextlib.suppress(KeyError):
            return state[key], changed
    return default(metadata), changed


def default(metadata: Any) -> Any:
    """The value of a widget that nobody has touched."""
    if internals.version() < (1, 46):  # the widget's id was handed over once
        try:
            return metadata.deserializer(None, metadata.id)
        except TypeError:
            pass
    return metadata.deserializer(None)


def fragment_id() -> str | None:
    """The fragment that runs in the calling thread, if one does."""
    run = internals.running()
    if hasattr(run, "current_fragment_id"):
        found: str | None = run.current_fragment_id
    else:
        found = internals.thread_state().fragment_id
    return found


def incoming(metadata: Any, answer: Any) -> Any:
    """The value as it came from the browser, where that is not what the widget would send now."""
    for name in _INCOMING:
        came = getattr(answer, name, None)
        if came is not None and came != metadata.serializer(answer.value):
            return came
    return None


def chosen(user_key: str | None, options: Sequence[Any], several: bool) -> Any:
    """What of ``options`` this session has under a widget's key; ``None`` if it has none of them.

    Args:
        user_key: The key that the user gave to it.
        options: What can be chosen.
        several: Whether a list of several can be chosen.
    """
    if user_key is None:
        return None
    with contextlib.suppress(Exception):  # of any type: the user's objects are compared
        value = internals.running().session_state[user_key]
        if several:  # Streamlit takes nothing but a list for several
            if not isinstance(value, list):
                return None
            return [one for one in value if one in options] or None
        return value if value in options else None
    return None


def is_upload(value: object) -> bool:
    """Whether ``value`` is a file that a user handed in."""
    return issubclass(type(value), internals.uploaded())


def claim_form(on: Generator, form_id: str) -> None:
    """Claim a form's key for this run, as the form that will be made in ``on``.

    Raises:
        streamlit.errors.StreamlitAPIException: it may not be made; what Streamlit itself raises.
    """
    run = internals.running()
    claimed = run.shared if hasattr(run, "shared") else run
    if form_id in claimed.form_ids_this_run or run.session_state.is_new_state_value(form_id):
        on.form(form_id)
    if hasattr(claimed.form_ids_this_run, "check_and_add"):
        claimed.form_ids_this_run.check_and_add(form_id)
    else:
        claimed.form_ids_this_run.add(form_id)


def mark_form(made: Generator, form_id: str) -> None:
    """Let a container be that form for what is put into it."""
    made._form_data = type(made._form_data)(form_id)


def testing_entries(ids: Iterable[str]) -> dict[str, Any]:
    """What these elements left behind for Streamlit's ``AppTest``."""
    entries = _testing()
    return {one: entries[one] for one in ids if one in entries}


def put_testing_entries(entries: Mapping[str, Any]) -> None:
    """Leave that behind in this run."""
    there = _testing()
    there.update(entries)
    if len(there) == len(entries):
        internals.running().session_state[names.TESTING_KEY.find()] = there


def _testing() -> dict[str, Any]:
    if not names.TESTING_KEY.present:
        return {}
    try:
        found: dict[str, Any] = internals.running().session_state[names.TESTING_KEY.find()]
    except KeyError:
        return {}
    return found


def reset_state(user_key: str, value: Any) -> None:
    """Correct the value of a widget that has been registered."""
    internals.running().session_state.reset_state_value(user_key, value)
