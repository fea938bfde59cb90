"""Who listens to what Streamlit does in the current thread or task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol

from reprise.hosts.streamlit.internals import Generator


class Listener(Protocol):
    """Hears what Streamlit does in one thread or task."""

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
        """``on`` got a new element (``_enqueue``) or container (``_block``): ``made``.

        It was announced by ``message``, or there was none.
        """
        ...

    def sent(self, message: Any) -> None:
        """A message left that announced neither a new element nor a new container."""
        ...

    def status_updated(self, status: Generator, changes: dict[str, Any]) -> None:
        """A status container changed its label or state."""
        ...

    def media_added(self, arguments: dict[str, Any], url: str) -> None:
        """A file was handed to the media manager, which serves it at ``url``."""
        ...

    def id_claimed(self, element_type: str, element_id: str) -> None:
        """An element claimed its identity on this page."""
        ...

    def widget_found(self, warned: bool) -> bool:
        """A widget is about to be registered; true when a warning was displayed for it."""
        ...

    def widget_registered(self, metadata: Any, user_key: str | None, answer: Any) -> None:
        """A widget was registered; ``answer`` has its value."""
        ...

    def state_reset(self, user_key: str, value: Any) -> None:
        """A widget corrected its own value."""
        ...

    def was_read(self, source: str, kind: str, key: str) -> None:
        """The session was read: ``st.session_state`` (the source), one item (the kind), its key."""
        ...

    def was_written(self, source: str, method: str, args: tuple[Any, ...], kw: Any) -> None:
        """The session was written to: a method of ``st.session_state``, say, was called."""
        ...

    def obstructed(self, what: str) -> None:
        """Something happened that cannot be replayed."""
        ...


LISTENERS: Final[ContextVar[tuple[Listener, ...]]] = ContextVar("reprise_listeners", default=())
"""Who listens in the current thread or task: the recorders of cached functions, inner ones last."""


@contextmanager
def unheard() -> Iterator[tuple[Listener, ...]]:
    """Let nobody listen for a while; gives those who did."""
    listeners = LISTENERS.get()
    token = LISTENERS.set(())
    try:
        yield listeners
    finally:
        LISTENERS.reset(token)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let ``listener`` listen too."""
    token = LISTENERS.set((*LISTENERS.get(), listener))
    try:
        yield
    finally:
        LISTENERS.reset(token)
