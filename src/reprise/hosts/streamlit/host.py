"""The Streamlit host: a page that shows what functions display, and a session for each browser."""

from __future__ import annotations

import inspect
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from reprise.clocks import SystemClock
from reprise.contracts import Clock
from reprise.errors import HostWarning
from reprise.hosting import (
    Call,
    HiddenPage,
    Host,
    HostListener,
    NotBehindError,
    Progress,
    Recorder,
    Recording,
    Replayed,
    Written,
)
from reprise.hosts.streamlit import bar, decorators, hooks, internals, listening
from reprise.hosts.streamlit.copies import COPIED
from reprise.hosts.streamlit.errors import relate
from reprise.hosts.streamlit.hidden import StreamlitHiddenPage
from reprise.hosts.streamlit.noticing import NoticingRecorder
from reprise.hosts.streamlit.private import Private
from reprise.hosts.streamlit.reads import user_facts
from reprise.hosts.streamlit.recorder import BARE, LIVE, LiveRecorder
from reprise.hosts.streamlit.recording import StreamlitRecording

_NOBODY: Final = "test@example.com"
"""What Streamlit gives for an e-mail address where it knows none."""


class StreamlitHost:
    """Streamlit 1.40 and newer, in a running app and in a plain script that imports it.

    Args:
        elsewhere: The host whose spinner is shown by a plain script.
        clock: Where time comes from.
    """

    def __init__(self, elsewhere: Host | None = None, clock: Clock | None = None) -> None:
        self._elsewhere = elsewhere
        self._clock = clock or SystemClock()
        self._missing: tuple[Private, ...] | None = None

    def active(self) -> bool:
        """Whether Streamlit is loaded, so that there may be something displayed to look after."""
        return "streamlit" in sys.modules

    @property
    def realm(self) -> str:
        """``streamlit`` in a running app; ``streamlit-bare`` where there is no session."""
        return BARE if internals.current_run() is None else LIVE

    def session(self) -> str | None:
        """The browser session that the calling thread works for."""
        self._prepare()
        hooks.tell_of_shut_down()
        run = internals.current_run()
        return None if run is None else internals.session_id(run)

    def user(self) -> str | None:
        """The user that is logged in, by issuer and subject, or by the e-mail address.

        The address that Streamlit makes up where it knows none is nobody's: all would share it.
        """
        if internals.current_run() is None:
            return None
        told = user_facts()
        if told.get("is_logged_in") is False:
            return None
        if told.get("sub"):
            return json.dumps(["sub", str(told.get("iss")), str(told["sub"])])
        email = told.get("email")
        return None if not email or email == _NOBODY else json.dumps(["email", str(email)])

    def spinner(self, text: str, show_time: bool) -> AbstractContextManager[None]:
        """Streamlit's own spinner in a running app; a plain script gets the other host's."""
        if internals.current_run() is not None:
            return _spinner(text, show_time)
        if self._elsewhere is None or internals.app_is_running():
            return nullcontext()
        return self._elsewhere.spinner(text, show_time)

    def bar(
        self, text: str | None, show_time: bool, progress: Callable[[], Progress | None]
    ) -> AbstractContextManager[None]:
        """A bar in the spinner's place in a running app; a plain script gets the other host's."""
        if internals.current_run() is not None:
            return bar.Bar(self._clock, text, show_time, progress)
        if self._elsewhere is None or internals.app_is_running():
            return nullcontext()
        return self._elsewhere.bar(text, show_time, progress)

    @contextmanager
    def record(self, call: Call) -> Iterator[Recorder]:
        """Listen to what ``call`` displays in the calling thread or task."""
        recorder = _recorder(call, self._prepare())
        with listening.heard_by(recorder):
            try:
                yield recorder
            finally:
                recorder.close()

    def replay(self, recording: Recording, call: Call) -> Replayed | None:
        """Display ``recording`` again, in the containers that are in force for ``call``.

        Returns:
            What was displayed; ``None`` when the recording does not fit this call: it was made
            elsewhere, a container that it needs is not there, or its elements have identities that
            belong to another page or form. Nothing was displayed then.

        Raises:
            Exception: what Streamlit raises if this call may not display here what it displays,
                such as two elements with one key; the function itself would raise the same.
        """
        if not isinstance(recording, StreamlitRecording) or recording.realm != self.realm:
            return None
        return recording.play(call) if recording.replayable else None

    def write_down(self, recording: Recording, encode: Callable[[Any], bytes]) -> Written:
        """Make bytes of a recording, for the same release of Streamlit.

        Raises:
            NotWrittenError: it holds what only this process has.
        """
        from reprise.hosts.streamlit.written import write_down  # late: few functions need it

        return write_down(recording, encode)

    def read_back(self, written: Written, decode: Callable[[bytes], Any]) -> Recording | None:
        """Make a recording of such bytes; ``None`` where another release of Streamlit runs."""
        from reprise.hosts.streamlit.written import read_back

        return read_back(written, decode)

    def hidden_page(self, recording: Recording, call: Call) -> HiddenPage | None:
        """A page that nobody sees, of the calling thread's session.

        Returns:
            None where this release of Streamlit lacks what that needs, or where the session holds
            something that the function reads and that cannot be copied.
        """
        if any(name in COPIED for name in self._prepare()):
            return None
        try:
            return StreamlitHiddenPage(recording, call)
        except NotBehindError:
            return None
        except Exception as error:  # noqa: BLE001 - anything may go wrong in a future Streamlit
            warnings.warn(
                f"{call.name} cannot be refreshed behind ({type(error).__name__}: {error}), so it "
                f"runs in front when its ttl is over.",
                HostWarning,
                stacklevel=2,
            )
            return None

    def connect(self, listener: HostListener) -> None:
        """Tell ``listener`` of sessions that end and of requests to clear, from now on."""
        hooks.tell(listener)
        if self.active():
            self._prepare()

    def replace_decorators(self, cache_data: Any, cache_resource: Any, cache: Any) -> None:
        """Make ``st.cache_data``, ``st.cache_resource`` and ``st.cache`` be the given objects.

        Functions that were decorated before keep Streamlit's own cache, which from then on only
        :meth:`clear_replaced` clears: Streamlit itself looks its decorators up by name.
        """
        decorators.replace(cache_data, cache_resource, cache)

    def restore_decorators(self) -> None:
        """Give Streamlit its own decorators back."""
        decorators.restore()

    def clear_replaced(self, name: str) -> None:
        """Clear functions that were decorated with Streamlit's own decorator before.

        Args:
            name: ``cache_data`` or ``cache_resource``.
        """
        decorators.clear_replaced(name)

    def _prepare(self) -> tuple[Private, ...]:
        """Put the hooks in place, once; what Streamlit lacks is told once."""
        if self._missing is None:
            relate()  # before any error: what users' own functions raise is shown by it, too
            self._missing = hooks.install()
            if self._missing:
                warnings.warn(
                    f"{internals.complaint(self._missing)} Where that is needed for replay, cached "
                    f"functions that display something run every time.",
                    HostWarning,
                    stacklevel=3,
                )
        return self._missing


def _recorder(call: Call, missing: tuple[Private, ...]) -> LiveRecorder | NoticingRecorder:
    run = internals.current_run()
    lacking = tuple(name for name in missing if name.replay)
    if lacking:
        obstacle = "this release of Streamlit does not show all that is needed"
        realm = BARE if run is None else LIVE
        return NoticingRecorder(call, realm, run, obstacle, displayed=internals.blind(lacking))
    return NoticingRecorder(call, BARE, run) if run is None else LiveRecorder(call, run)


@contextmanager
def _spinner(text: str, show_time: bool) -> Iterator[None]:
    """The browser's spinner, which no recording contains."""
    import streamlit

    wanted = {"show_time": show_time, "_cache": True}
    known = inspect.signature(streamlit.spinner).parameters
    shown = streamlit.spinner(text, **{name: wanted[name] for name in wanted if name in known})
    with listening.unheard():
        shown.__enter__()
    try:
        yield
    except BaseException:
        with listening.unheard():
            shown.__exit__(*sys.exc_info())
        raise
    with listening.unheard():
        shown.__exit__(None, None, None)
