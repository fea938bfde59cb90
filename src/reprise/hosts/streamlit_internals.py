"""The one file that touches what is private to Streamlit.

:data:`PRIVATE` lists every such name, what it is used for and the releases that have it; the
functions below are all that the rest of the host calls. Nothing here decides anything: the table
says what there is (``streamlit_hooks`` wraps some of it), an adapter does one thing with Streamlit.

A name that is gone in some future release costs a warning and what it was used for, never an
error: the hook is left out, and the recorder is told what it cannot see.
"""
# ruff: noqa: SLF001 - that is what this file is for

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from reprise.hosts.streamlit_copies import COPIED
from reprise.hosts.streamlit_private import Private

Generator: TypeAlias = Any
"""One of Streamlit's delta generators: what ``st.container()`` and the like return."""


_SHOW = "notice what a cached function displays"
_STAND = "know where an element stands"
_RELEASE = "release what is cached for one session"
_SESSION: Final = ".runtime.app_session"
_MANAGER: Final = ".runtime.websocket_session_manager"
_CONTEXT: Final = ".runtime.scriptrunner_utils.script_run_context"
_STATUS: Final = ".elements.lib.mutable_status_container"

ENQUEUE: Final = Private(".delta_generator", "DeltaGenerator._enqueue", _SHOW)
BLOCK: Final = Private(".delta_generator", "DeltaGenerator._block", _SHOW)
REDUCE: Final = Private(
    ".delta_generator", "DeltaGenerator.__reduce_ex__", "keep containers that are returned"
)
SEND: Final = Private(_CONTEXT, "ScriptRunContext.enqueue", _SHOW)
STATUS: Final = Private(_STATUS, "StatusContainer.update", "replay status updates")
MEDIA: Final = Private(
    ".runtime.media_file_manager", "MediaFileManager.add", "show images and other media again"
)
ELEMENT_ID: Final = Private(
    ".elements.lib.utils", "_register_element_id", "claim the keys of replayed elements"
)
WIDGET: Final = Private(
    ".runtime.state.safe_session_state",
    "SafeSessionState.register_widget",
    "notice widgets inside cached functions",
)
STATE_RESET: Final = Private(
    ".runtime.state.safe_session_state",
    "SafeSessionState.reset_state_value",
    "replay widgets that correct their values",
    since=(1, 50),
)
FRAGMENT: Final = Private(
    ".runtime.fragment", "MemoryFragmentStorage.register", "notice fragments", since=(1, 60)
)
FRAGMENT_SET: Final = Private(
    ".runtime.fragment", "MemoryFragmentStorage.set", "notice fragments", until=(1, 55)
)
DEFERRED: Final = Private(
    ".runtime.media_file_manager",
    "MediaFileManager.add_deferred",
    "notice deferred downloads",
    since=(1, 55),
)
LAZY_FRAME: Final = Private(
    ".runtime.dataframe_source_manager",
    "DataframeSourceManager.register_source",
    "notice lazy data frames",
    since=(1, 67),
)
SHUTDOWN: Final = Private(_SESSION, "AppSession.shutdown", _RELEASE, replay=False)
DISCONNECT: Final = Private(
    _MANAGER, "WebsocketSessionManager.disconnect_session", _RELEASE, replay=False
)
CLOSE: Final = Private(_MANAGER, "WebsocketSessionManager.close_session", _RELEASE, replay=False)
CLEAR: Final = Private(
    _SESSION,
    "AppSession._handle_clear_cache_request",
    'clear its caches with the "Clear cache" menu entry',
    replay=False,
)
STACK: Final = Private(".delta_generator_singletons", "context_dg_stack", _STAND)
CURRENT_RUN: Final = Private(_CONTEXT, "get_script_run_ctx", "know the session")
EXISTS: Final = Private(".runtime", "exists", "tell a running app from a plain script")
FORM_ID: Final = Private(".elements.lib.form_utils", "current_form_id", _STAND)
THREAD_STATE: Final = Private(_CONTEXT, "ThreadState.get", "know the page", since=(1, 60))
SEND_CURRENT: Final = Private(_CONTEXT, "enqueue_message", "replay status updates")
IN_CACHED: Final = Private(
    _CONTEXT, "in_cached_function", "replay fast inside functions of other caches", replay=False
)
AGENT: Final = Private(
    ".elements.lib.agent_spec",
    "is_recording",
    "describe elements to agents",
    since=(1, 67),
    replay=False,
)

_BAR: Final = "show progress"
TRANSIENT: Final = Private(
    ".delta_generator", "DeltaGenerator._transient", _BAR, since=(1, 55), replay=False
)
ELEMENT: Final = Private(".proto.Element_pb2", "Element", _BAR, replay=False)
ATTACH: Final = Private(".runtime.scriptrunner", "add_script_run_ctx", _BAR, replay=False)

_ALL: Final = ("__iter__", "__len__", "__str__", "to_dict")
_READ_BY: Final = (
    ("session_state", ".runtime.state.session_state_proxy", "SessionStateProxy", {
        "item": ("__getitem__",), "has": ("__contains__",), "all": _ALL,
        "write": ("__setitem__", "__delitem__"),
    }),
    ("query_params", ".runtime.state.query_params_proxy", "QueryParamsProxy", {
        "item": ("__getitem__", "__getattr__"), "list": ("get_all",), "has": ("__contains__",),
        "all": _ALL,
        "write": ("__setitem__", "__delitem__", "__setattr__", "__delattr__", "update", "clear",
                  "from_dict"),
    }),
    ("context", ".runtime.context", "ContextProxy", {"property": ("__getattribute__",)}),
    ("user", ".user_info", "UserInfoProxy", {
        "item": ("__getitem__", "__getattr__"), "has": ("__contains__",),
        "all": ("__iter__", "__len__", "to_dict"), "property": ("__getattribute__",),
    }),
)  # fmt: skip
PROXIES: Final = tuple(
    (source, kind, Private(module, f"{owner}.{method}", f"notice reads of st.{source}"))
    for source, module, owner, kinds in _READ_BY
    for kind, methods in kinds.items()
    for method in methods
)
"""What a script reads its session by: ``st.session_state`` and the like, method by method."""

_INPUT: Final = "know the values of widgets"
_FORM: Final = "replay forms"
TESTING_KEY: Final = Private(
    ".runtime.state.common", "TESTING_KEY", "replay widgets in AppTest", replay=False
)
UPLOADED: Final = Private(".runtime.uploaded_file_manager", "UploadedFile", _INPUT)

READ: Final = (
    *(TESTING_KEY, UPLOADED),
    Private(".delta_generator", "DeltaGenerator._form_data", _FORM),
    Private(_CONTEXT, "ScriptRunContext.cursors", "tell runs of a script apart"),
    Private(_CONTEXT, "ScriptRunContext.session_state", _INPUT),
    Private(_CONTEXT, "ScriptRunContext.current_fragment_id", _INPUT, until=(1, 55)),
    Private(_CONTEXT, "FragmentThreadState.fragment_id", _INPUT, since=(1, 60)),
    Private(_CONTEXT, "ScriptRunContext.form_ids_this_run", _FORM, until=(1, 55)),
    Private(_CONTEXT, "ScriptRunContext.shared", _FORM, since=(1, 60)),
    Private(".runtime.state.common", "WidgetMetadata.callback", _INPUT),
    Private(".runtime.state.common", "WidgetMetadata.callback_args", _INPUT),
    Private(".runtime.state.common", "WidgetMetadata.callback_kwargs", _INPUT),
    Private(".runtime.state.common", "WidgetMetadata.fragment_id", _INPUT),
    Private(".runtime.state.common", "RegisterWidgetResult.value_changed", _INPUT),
    Private(".runtime.state.safe_session_state", "SafeSessionState.is_new_state_value", _INPUT),
    *(STACK, CURRENT_RUN, EXISTS, FORM_ID, THREAD_STATE, AGENT, SEND_CURRENT, IN_CACHED),
    *(TRANSIENT, ELEMENT, ATTACH),
    Private(".cursor", "Cursor.get_locked_cursor", "replay fast", until=(1, 55), replay=False),
    Private(".cursor", "Cursor.lock_element", "replay fast", since=(1, 60), replay=False),
    Private("", "_main", _STAND),
    Private(".delta_generator", "DeltaGenerator._active_dg", _STAND),
    Private(".delta_generator", "DeltaGenerator._cursor", _STAND),
    Private(".delta_generator", "DeltaGenerator._is_top_level", _STAND),
    Private(".delta_generator", "DeltaGenerator._main_dg", _STAND),
    Private(".delta_generator", "DeltaGenerator._root_container", _STAND),
    Private(".cursor", "Cursor.delta_path", _STAND),
    Private(".cursor", "Cursor.is_locked", _STAND),
    Private(".cursor", "Cursor.parent_path", _STAND),
    Private(".cursor", "Cursor.root_container", _STAND),
    Private(_STATUS, "StatusContainer._current_proto", "replay status updates"),
    Private(_CONTEXT, "ScriptRunContext.session_id", "know the session"),
    Private(_CONTEXT, "ScriptRunContext.active_script_hash", "know the page", until=(1, 55)),
    Private(_CONTEXT, "FragmentThreadState.active_script_hash", "know the page", since=(1, 60)),
    Private(".runtime", "get_instance", "show images and other media again"),
    Private(".runtime.runtime", "Runtime.media_file_mgr", "show images and other media again"),
    Private(_SESSION, "AppSession.id", _RELEASE, replay=False),
)
"""What is read or called. Besides these, ``st.spinner`` is given its parameter ``_cache``."""

_CATCH: Final = "have its errors caught as Streamlit's own"
_CACHE_ERRORS: Final = ".runtime.caching.cache_errors"

API_ERROR: Final = Private(".errors", "StreamlitAPIException", _CATCH, replay=False)
RELATIVES: Final = {
    ours: Private(module, theirs, _CATCH, replay=False)
    for ours, module, theirs in (
        ("UnhashableParamError", _CACHE_ERRORS, "UnhashableParamError"),
        ("UserHashError", ".runtime.caching.hashing", "UserHashError"),
        ("UnserializableReturnValueError", _CACHE_ERRORS, "UnserializableReturnValueError"),
        ("UnevaluatedDataFrameError", _CACHE_ERRORS, "UnevaluatedDataFrameError"),
        ("CacheReplayClosureError", _CACHE_ERRORS, "CacheReplayClosureError"),
        ("InvalidDurationError", ".errors", "StreamlitBadTimeStringError"),
        ("CachedWidgetWarning", ".elements.lib.policies", "CachedWidgetWarning"),
    )
}
"""Of what Reprise raises or warns with, what Streamlit has a class of its own for."""

EXCEPTION_BOX: Final = Private(
    ".elements.exception", "marshall", "format its errors in the browser", replay=False
)
COMMAND: Final = Private(".web.cli", "main", "start apps by `reprise run`", replay=False)

PRIVATE: Final = (
    *(COMMAND, API_ERROR, EXCEPTION_BOX, *RELATIVES.values()),
    *(ENQUEUE, BLOCK, REDUCE, SEND, STATUS, MEDIA, ELEMENT_ID, WIDGET, STATE_RESET),
    *(FRAGMENT, FRAGMENT_SET),
    *(DEFERRED, LAZY_FRAME, SHUTDOWN, DISCONNECT, CLOSE, CLEAR),
    *(private for _, _, private in PROXIES),
    *READ,
    *COPIED,
)
"""The table: first what is wrapped (``streamlit_hooks``), then what is read or called."""


def version() -> tuple[int, int]:
    """Streamlit's release: major and minor number."""
    import streamlit

    major, minor = streamlit.__version__.split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)


def missing() -> tuple[Private, ...]:
    """What this release should have and has not."""
    installed = version()
    return tuple(name for name in PRIVATE if name.expected_in(installed) and not name.present)


def blind(names: tuple[Private, ...]) -> bool:
    """Whether, without these, not even noticing that something is displayed is possible."""
    return ENQUEUE in names and SEND in names


def complaint(names: tuple[Private, ...]) -> str:
    """One sentence that says what is gone and what that costs."""
    import streamlit

    gone = ", ".join(f"streamlit{name.module}.{name.name} (needed to {name.use})" for name in names)
    return f"Streamlit {streamlit.__version__} no longer has {gone}."


# -- adapters --------------------------------------------------------------------------------


_found = functools.cache(Private.find)
"""Finds what is asked for often, and only once."""


def current_run() -> Any | None:
    """The script run that the calling thread works for; ``None`` outside a running app."""
    try:
        run = _found(CURRENT_RUN)(suppress_warning=True)
        return run if run is not None and _found(EXISTS)() else None
    except (AttributeError, ImportError):
        return None


def running() -> Any:
    """As :func:`current_run`, where there must be one.

    Raises:
        LookupError: there is none.
    """
    run = current_run()
    if run is None:
        raise LookupError("no script is running here")
    return run


def app_is_running() -> bool:
    """Whether this process serves an app, whatever the calling thread does."""
    return bool(_found(EXISTS)())


def session_id(run: Any) -> str:
    """The browser session that ``run`` belongs to."""
    return str(run.session_id)


def page(run: Any) -> str:
    """Which script of the app is running: part of the identity of elements."""
    if hasattr(run, "active_script_hash"):
        return str(run.active_script_hash)
    return str(thread_state().active_script_hash)


def thread_state() -> Any:
    """What a thread's own part of a run of a script is, from release 1.60 on."""
    return _found(THREAD_STATE)()


def uploaded() -> type:
    """The class of files that users hand in."""
    found: type = _found(UPLOADED)
    return found


def main() -> Generator:
    """The generator behind ``st.write()`` and the like: it writes into the innermost ``with``."""
    import streamlit

    return streamlit._main


def public() -> list[object]:
    """What stands in ``st``."""
    import streamlit

    return list(vars(streamlit).values())


def is_generator(value: object) -> bool:
    """Whether ``value`` is an element or a container of a page."""
    from streamlit.delta_generator import DeltaGenerator

    return issubclass(type(value), DeltaGenerator)


def is_main(generator: Generator) -> bool:
    """Whether what is written to it goes into the innermost ``with``."""
    return generator._main_dg is generator


def is_root(generator: Generator) -> bool:
    """Whether it is one of the few that live as long as the process: main, sidebar, bottom."""
    return bool(generator._is_top_level)


def written_to(generator: Generator) -> Generator:
    """Where elements really go that are written to ``generator`` now."""
    return generator._active_dg


def with_stack() -> tuple[Generator, ...]:
    """The ``with`` blocks of Streamlit's that the calling thread or task is in."""
    return tuple(_found(STACK).get())


def holds_one_element(generator: Generator) -> bool:
    """Whether what is written to it replaces what is there, as in ``st.empty()``."""
    cursor = generator._cursor
    return cursor is not None and bool(cursor.is_locked)


def with_depth() -> int:
    """How many these are."""
    return len(_found(STACK).get())


def path(generator: Generator) -> tuple[int, ...]:
    """The position of an element or container on the page."""
    cursor = generator._cursor
    if cursor is None:
        return ()
    if cursor.is_locked:
        return tuple(cursor.delta_path)
    return (cursor.root_container, *cursor.parent_path)


def surroundings(generator: Generator) -> tuple[int | None, str]:
    """What of its place goes into the identity of elements inside: root container and form."""
    return generator._root_container, str(_found(FORM_ID)(generator))


def show(method: str, on: Generator, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Generator:
    """Display an element (``_enqueue``) or a container (``_block``)."""
    return getattr(on, method)(*args, **kwargs)


def describes_for_agents() -> bool:
    """Whether elements of this run carry descriptions for agents."""
    return AGENT.present and bool(AGENT.find()())


def in_cached_function() -> bool:
    """Whether a function that Streamlit itself caches is being run."""
    return bool(_found(IN_CACHED).get())


def send(message: Any, at: tuple[int, ...] | None) -> None:
    """Send a message of the calling thread's own run; ``at`` is the position that it concerns."""
    if at is not None:
        message.metadata.delta_path[:] = at
        message.delta.ClearField("fragment_id")
    _found(SEND_CURRENT)(message)


def status_message(status: Generator) -> Any:
    """The message that makes a status container look as it does after its last update."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    message = ForwardMsg()
    message.delta.add_block.CopyFrom(status._current_proto)
    return message


def add_media(arguments: dict[str, Any]) -> None:
    """Hand a file to the media manager."""
    from streamlit import runtime

    runtime.get_instance().media_file_mgr.add(**arguments)


def claim_id(element_type: str, element_id: str) -> None:
    """Claim an element's identity for this run.

    Raises:
        streamlit.errors.DuplicateWidgetID: another element has it already.
    """
    # Not remembered: what stands under this name is replaced by our own hook.
    ELEMENT_ID.find()(current_run(), element_type, element_id)


def command() -> Any:
    """The command ``streamlit``: a click command.

    Raises:
        AttributeError: it is not there any more.
        ImportError: its module, or what that needs, is not there.
    """
    return COMMAND.find()
