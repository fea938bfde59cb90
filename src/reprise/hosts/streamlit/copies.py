"""Copies of a script's run, and of what stands on its page, as far as that is private to Streamlit.

A part of :mod:`reprise.hosts.streamlit.internals`, whose table takes in :data:`COPIED`. A copy has
places, identities and a session state of its own, and sends nothing: what is displayed in it, read
and written never comes to the user whose run was copied.
"""
# ruff: noqa: SLF001 - that is what this file is for

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

from reprise.hosting import LeftEarlyError, NotBehindError
from reprise.hosts.streamlit.private import Private

Generator: TypeAlias = Any

_BEHIND: Final = "refresh behind what displayed something"
_CONTEXT: Final = ".runtime.scriptrunner_utils.script_run_context"
_STATE: Final = ".runtime.state.session_state"
_SAFE_STATE: Final = ".runtime.state.safe_session_state"


def _names(
    module: str,
    *names: str,
    since: tuple[int, int] | None = None,
    until: tuple[int, int] | None = None,
) -> tuple[Private, ...]:
    return tuple(Private(module, name, _BEHIND, since, until, replay=False) for name in names)


_SETS: Final = ("widget_ids_this_run", "widget_user_keys_this_run", "new_fragment_ids")

_ATTRIBUTE: Final = Private(_CONTEXT, "SCRIPT_RUN_CONTEXT_ATTR_NAME", _BEHIND, replay=False)

_STACK: Final = Private(".delta_generator_singletons", "context_dg_stack", _BEHIND, replay=False)
_THREAD_STATE: Final = Private(_CONTEXT, "ThreadState", _BEHIND, since=(1, 60), replay=False)

COPIED: Final = (
    *(_ATTRIBUTE, _STACK, _THREAD_STATE),
    *_names(_CONTEXT, *(f"ScriptRunContext.{name}" for name in (
        "_enqueue", "user_info", "fragment_storage", "pages_manager", "script_requests",
        "fragment_ids_this_run", "gather_usage_stats",
    ))),
    *_names(_CONTEXT, *(f"ScriptRunContext.{name}" for name in _SETS), until=(1, 55)),
    *_names(_CONTEXT, "ThreadState.initialize", since=(1, 60)),
    *_names(_SAFE_STATE, "SafeSessionState._state", "SafeSessionState._lock"),
    *_names(_STATE, "SessionState._getitem", "SessionState.__setitem__"),
    *_names(".delta_generator", "DeltaGenerator._provided_cursor"),
    *_names(".runtime.media_file_manager", "MediaFileManager.clear_session_refs"),
)  # fmt: skip
"""What is touched here; without any of it, what displayed something is refreshed in front."""


# -- a run


class _Requests:
    """Takes the place of what stops a script, or has it run again."""

    def request_stop(self, *_: object, **__: object) -> None:
        """``st.stop()``."""
        raise LeftEarlyError("st.stop() was called, or something else that ends a run")

    def request_rerun(self, *_: object, **__: object) -> None:
        """``st.rerun()`` and ``st.switch_page()``."""
        raise LeftEarlyError("st.rerun() or st.switch_page() was called")


def copy_run(run: Any, state: Any) -> Any:
    """A run that nobody sees, of the same session, page and user as ``run``.

    Args:
        run: The calling thread's.
        state: The session state that it is to have.
    """
    held = _held(run)
    fresh: dict[str, Any] = {
        "_enqueue": lambda _: None,
        "session_state": state,
        "user_info": copy.copy(run.user_info),
        "fragment_storage": type(run.fragment_storage)(),
        "pages_manager": _own(run.pages_manager, 2),
        "script_requests": _Requests(),
        "gather_usage_stats": False,
        # As in a run of the whole script: what a fragment may write to outside of it is noted in
        # its storage, and that of the user's page is not for this one.
        "fragment_ids_this_run": None,
        "on_script_error": None,
        "parallel_coordinator": None,
        "yield_check": lambda: None,
    }
    empty = (
        "cursors",
        "form_ids_this_run",
        "tracked_commands",
        "tracked_commands_counter",
        "shared",
    )
    fresh.update({name: type(held[name])() for name in (*empty, *_SETS) if name in held})
    return _filled(type(run), {**held, **{name: fresh[name] for name in fresh if name in held}})


def _own(value: Any, depth: int) -> Any:
    """A copy whose own lists, dictionaries and sets are others; what is in these is the same."""
    kind = type(value)
    if kind in {dict, list, set}:
        return copy.copy(value)
    if not depth or not kind.__module__.startswith("streamlit.") or not (held := _held(value)):
        return value
    return _filled(kind, {name: _own(one, depth - 1) for name, one in held.items()})


def _held(value: object) -> dict[str, Any]:
    """The instance's own attributes, in whatever form it keeps them."""
    slots = (getattr(kind, "__slots__", ()) for kind in type(value).__mro__)
    names = [name for each in slots for name in ([each] if isinstance(each, str) else each)]
    found = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return {**found, **getattr(value, "__dict__", {})}


def _filled(kind: Any, held: Mapping[str, Any]) -> Any:
    """An instance of ``kind`` with these attributes."""
    made = object.__new__(kind)
    for name, value in held.items():
        object.__setattr__(made, name, value)  # some of them are frozen
    return made


def copy_state(safe: Any) -> Any:
    """A session state with the values that ``safe`` has now; each is copied when it is read."""
    with safe._lock:
        state = safe._state
        held = {name: _own(value, 2) for name, value in _held(state).items()}
    kind: Any = type(state)
    copied = _filled(_copying(kind), {**held, "_reprise_copies": {}})
    return type(safe)(copied, lambda: None)


@functools.cache
def _copying(kind: Any) -> Any:
    """A class of session states that copy what is read, once, and keep what is written."""

    class Copying(kind):  # type: ignore[misc]
        _reprise_copies: dict[int, Any]

        def _getitem(self, widget_id: str | None, user_key: str | None) -> Any:
            found = super()._getitem(widget_id, user_key)
            try:
                return copy.deepcopy(found, self._reprise_copies)
            except Exception as error:
                # Not the live one: the function could change it.
                apart = APART.get()
                what = (
                    f"st.session_state[{user_key or widget_id!r}] holds a {type(found).__name__}, "
                    f"which cannot be copied ({type(error).__name__}: {error})"
                )
                raise (NotBehindError(what) if apart is None else apart.refuse(what)) from error

        def __setitem__(self, user_key: str, value: Any) -> None:
            self._reprise_copies[id(value)] = value
            super().__setitem__(user_key, value)

    return Copying


# -- what stands on its page


class StandIns:
    """Containers that stand for those of a live run, each with a position of its own."""

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[Generator, Generator]] = {}

    def of(self, generator: Generator) -> Generator:
        """The one for ``generator``; main, sidebar and bottom are the same in all runs."""
        if generator._provided_cursor is None:
            return generator
        found = self._by_id.get(id(generator))
        if found is None:
            copied = _filled(type(generator), _held(generator))
            copied._provided_cursor = _own(generator._provided_cursor, 2)
            found = self._by_id[id(generator)] = (generator, copied)
        return found[1]

    @property
    def made(self) -> list[Generator]:
        """All of them."""
        return [copied for _, copied in self._by_id.values()]


# -- to be in it


@dataclass(frozen=True, slots=True)
class Apart:
    """A copied run that code runs in.

    Args:
        run: The run.
        known: What may be written to, by ``id()``, which is good for as long as the object lives.
        media: Stands for the session where files are handed in: those of a live run are found by
            session and position, and would be replaced.
    """

    run: Any
    known: dict[int, Generator]
    media: str
    refusals: list[str]
    """What was refused: code may have caught the error, and gone on without."""

    def refuse(self, what: str) -> NotBehindError:
        """Note that the function did ``what``, which can only be done in front."""
        self.refusals.append(what)
        return NotBehindError(what)

    def check(self, target: Generator) -> None:
        """Let nothing be written to what belongs to a live run.

        Raises:
            NotBehindError: ``target`` does.
        """
        if target._provided_cursor is not None and id(target) not in self.known:
            raise self.refuse("it displays something in a container of the page")

    def made(self, generator: Generator) -> None:
        """Something was made in this run."""
        self.known[id(generator)] = generator

    def handing_in(self, hand_in: Callable[[], Any]) -> Any:
        """Call ``hand_in``, which takes a file for the session of the run."""
        session, self.run.session_id = self.run.session_id, self.media
        try:
            return hand_in()
        finally:
            self.run.session_id = session


APART: Final[ContextVar[Apart | None]] = ContextVar("reprise_apart", default=None)
"""The copied run that the calling thread or task is in, with all tasks that it starts."""


def enter(apart: Apart, stack: tuple[Generator, ...], state: Mapping[str, Any]) -> None:
    """Be in a copied run from now on; to be called in a context of its own.

    Args:
        apart: The run.
        stack: The ``with`` blocks that it begins in.
        state: What is a thread's own part of it.
    """
    APART.set(apart)
    _STACK.find().set(stack)
    if state:
        _THREAD_STATE.find().initialize(**state)
    _attend(threading.current_thread())


def state_of_thread() -> dict[str, Any]:
    """What is the calling thread's own part of its run; empty for releases before 1.60."""
    if not _THREAD_STATE.present:
        return {}
    state = _THREAD_STATE.find().get()
    return {one.name: getattr(state, one.name) for one in fields(state)}


def _attend(thread: threading.Thread) -> None:
    """Let ``thread`` be in the run that its context is in.

    Streamlit knows a run by its thread. Tasks share the thread of their loop, and one of them must
    not be in the run that the others are in.
    """
    kind: Any = type(thread)
    if not hasattr(kind, "_reprise_attends"):
        thread.__class__ = _attending(kind)


@functools.cache
def _attending(kind: type[threading.Thread]) -> type[threading.Thread]:
    name: str = _ATTRIBUTE.find()
    attributes = {"_reprise_attends": True, name: _Attribute(name)}
    return type(kind.__name__, (kind,), attributes)


class _Attribute:
    """The run of a thread: its own, unless the context that asks is in another."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, thread: Any, kind: Any = None) -> Any:
        apart = APART.get()
        if apart is not None and thread is threading.current_thread():
            return apart.run
        try:
            return vars(thread)[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, thread: Any, run: Any) -> None:
        vars(thread)[self._name] = run

    def __delete__(self, thread: Any) -> None:
        try:
            del vars(thread)[self._name]
        except KeyError:
            raise AttributeError(self._name) from None


def release_media(apart: Apart) -> None:
    """Let go of the files that were handed in; the end of any run then removes them."""
    from streamlit import runtime

    if runtime.exists():
        runtime.get_instance().media_file_mgr.clear_session_refs(apart.media)
