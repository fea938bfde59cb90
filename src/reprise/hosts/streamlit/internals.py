"""What is done with what is private to Streamlit: an adapter does one thing, and decides nothing.

The names are those of :mod:`reprise.hosts.streamlit.names`, and these two files, with those that
say that they are parts of this one, are all that touch them.
"""
# ruff: noqa: SLF001 - that is what this file is for

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, TypeAlias

from reprise.hosts.streamlit.names import (
    AGENT,
    COMMAND,
    CURRENT_RUN,
    ELEMENT_ID,
    ENQUEUE,
    EXISTS,
    FORM_ID,
    IN_CACHED,
    PRIVATE,
    SEND,
    SEND_CURRENT,
    STACK,
    THREAD_STATE,
    UPLOADED,
)
from reprise.hosts.streamlit.private import Private

Generator: TypeAlias = Any
"""One of Streamlit's delta generators: what ``st.container()`` and the like return."""


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
