"""A recorder for where no recording can be made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reprise.hosting import Call
from reprise.hosts.streamlit import internals
from reprise.hosts.streamlit.log import SessionLog, is_closed
from reprise.hosts.streamlit.recording import StreamlitRecording
from reprise.hosts.streamlit.returned import NOWHERE, containers_in, numbered_by

T = TypeVar("T")


class NoticingRecorder:
    """Only notices whether something is displayed.

    That is all there is to know where no session sees it: the result must not be taken for one that
    a session can replay. And it is all that can be known of a Streamlit that is not as expected.

    Args:
        call: The call.
        realm: What the recording says where it was made.
        run: The script run that the call belongs to, if any.
        obstacle: Why a recording cannot be replayed; empty when it can.
        displayed: Whether to take it for granted.
    """

    def __init__(
        self, call: Call, realm: str, run: Any, obstacle: str = "", displayed: bool = False
    ) -> None:
        self._realm = realm
        self._obstacle = obstacle
        self._log = SessionLog(call, self._obstruct)
        self._run = run
        self._displayed = displayed
        self._returned = False
        self._open = True

    def displayed(self, *_: object, **__: object) -> None:
        """Something is displayed, or would be if there were a session."""
        if self._open and internals.current_run() is self._run:
            self._displayed = True

    sent = status_updated = displayed

    def media_added(self, *_: object) -> None:
        """Nothing yet: the element that shows it follows."""

    id_claimed = obstructed = widget_registered = state_reset = media_added

    def was_read(self, source: str, kind: str, key: str) -> None:
        """Something of a session was read, though there is none: it has a state all the same."""
        if self._open:
            try:
                self._log.read(source, kind, key)
            except Exception as error:  # noqa: BLE001 - anything may go wrong in a future Streamlit
                self._obstruct(f"it could not be followed: {type(error).__name__}: {error}")

    def was_written(self, source: str, *_: object) -> None:
        """What is written where there is no session is not written again."""
        self._obstruct(f"it writes to st.{source} where there is no session")

    def _obstruct(self, what: str) -> None:
        if self._open:
            self._obstacle = self._obstacle or what
            self._displayed = True

    def widget_found(self, warned: bool) -> bool:
        """Nothing yet: it follows as an element."""
        return warned

    def keep(self, act: Callable[[], T]) -> T:
        """A container that is kept here leads nowhere, whoever gets it."""
        with numbered_by(self):
            return act()

    def number_of(self, generator: object) -> int:
        """A container stands in the value: where there is a page, it must be another."""
        self._displayed = self._returned = True
        return NOWHERE.number_of(generator)

    def numbered(self, number: int) -> Any:
        """A container without a place."""
        return NOWHERE.numbered(number)

    def close(self) -> None:
        """Stop listening, for tasks too that outlive the call."""
        self._open = False

    def recording(self, shared: object = None) -> StreamlitRecording | None:
        """A recording without content if something was displayed, or read."""
        self._displayed = self._displayed or any(containers_in(shared, is_closed))
        if not self._displayed and not self._log:
            return None
        inputs = () if self._obstacle else self._log.inputs({})
        return StreamlitRecording(
            self._realm,
            obstacle=self._obstacle,
            inputs=inputs,
            returns_containers=self._returned,
        )
