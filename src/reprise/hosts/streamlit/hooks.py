"""Hooks: Streamlit tells what it does to whoever listens in the current thread or task.

Each hook wraps one function of :mod:`reprise.hosts.streamlit.internals`, once for the life of the
process. While nobody listens it costs one look into a context variable.
"""

from __future__ import annotations

import functools
import inspect
import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

from reprise.hosting import HostListener
from reprise.hosts.streamlit import internals, names, widgets
from reprise.hosts.streamlit.copies import APART
from reprise.hosts.streamlit.internals import Generator
from reprise.hosts.streamlit.listening import LISTENERS, Listener, unheard
from reprise.hosts.streamlit.private import Private
from reprise.hosts.streamlit.returned import reducing

_logger = logging.getLogger("reprise")


_TOLD: Final[list[HostListener]] = []
"""Who is told of sessions that end and of requests to clear; for the life of the process."""

_SHUT_DOWN: Final[SimpleQueue[str]] = SimpleQueue()
"""Sessions that were shut down and that nobody was told of yet."""


Original: TypeAlias = Callable[..., Any]
Report: TypeAlias = Callable[[Listener, Any, tuple[Any, ...], dict[str, Any]], None]


def _reporting(report: Report) -> Callable[[Original], Original]:
    """A hook that calls the original and then tells all listeners.

    What the original does inside is part of what it is, and is not reported on its own.
    """

    def wrap(original: Original) -> Original:
        @functools.wraps(original)
        def hook(*args: Any, **kwargs: Any) -> Any:
            listeners = LISTENERS.get()
            if not listeners:
                return original(*args, **kwargs)
            token = LISTENERS.set(())
            try:
                result = original(*args, **kwargs)
                for listener in listeners:
                    report(listener, result, args, kwargs)
            finally:
                LISTENERS.reset(token)
            return result

        return hook

    return wrap


def _layers(*layers: Callable[[Original], Original]) -> Callable[[Original], Original]:
    """One hook out of several, the innermost first."""

    def wrap(original: Original) -> Original:
        hook = original
        for layer in layers:
            hook = layer(hook)
        return functools.update_wrapper(hook, original)

    return wrap


class _Catcher:
    """Listens while something is displayed, for the message that announces it."""

    message: Any = None

    def sent(self, message: Any) -> None:
        """The last one counts."""
        self.message = message

    def ignored(self, *_: Any, **__: Any) -> Any:
        """What is done inside is part of what it is."""

    displayed = status_updated = media_added = id_claimed = ignored
    widget_found = widget_registered = state_reset = was_read = was_written = obstructed = ignored


def _announcing(method: str) -> Callable[[Original], Original]:
    def wrap(original: Original) -> Original:
        @functools.wraps(original)
        def hook(*args: Any, **kwargs: Any) -> Any:
            listeners = LISTENERS.get()
            if not listeners:  # the arguments passed on as they came: that costs least
                return original(*args, **kwargs)
            catcher = _Catcher()
            token = LISTENERS.set((catcher,))
            try:
                made, on, rest = original(*args, **kwargs), args[0], args[1:]
                LISTENERS.set(())
                for listener in listeners:
                    listener.displayed(method, on, rest, kwargs, made, message=catcher.message)
            finally:
                LISTENERS.reset(token)
            return made

        return hook

    return wrap


def _kept_apart(original: Original) -> Original:
    """On a hidden page nothing may be written to what stands on a user's."""

    def hook(on: Generator, *args: Any, **kwargs: Any) -> Any:
        apart = APART.get()
        if apart is None:
            return original(on, *args, **kwargs)
        apart.check(internals.written_to(on))
        made = original(on, *args, **kwargs)
        if internals.is_generator(made):
            apart.made(made)
        return made

    return hook


def _displaying(method: str) -> Callable[[Original], Original]:
    return _layers(_kept_apart, _announcing(method))


def _sending(original: Original) -> Original:
    """Nothing that anybody listens for is inside of the original, so the listeners stay."""

    @functools.wraps(original)
    def hook(*args: Any, **kwargs: Any) -> Any:
        listeners = LISTENERS.get()
        result = original(*args, **kwargs)
        for listener in listeners:
            listener.sent(args[1])
        return result

    return hook


def _obstructing(what: str) -> Callable[[Original], Original]:
    """On a hidden page it does not even begin: some of it would come to the user's session."""

    def refuse(original: Original) -> Original:
        def hook(*args: Any, **kwargs: Any) -> Any:
            apart = APART.get()
            if apart is not None:
                raise apart.refuse(what)
            return original(*args, **kwargs)

        return hook

    return _layers(refuse, _reporting(lambda listener, *_: listener.obstructed(what)))


def _handing_in(original: Original) -> Original:
    """On a hidden page a file is not handed in for the user's session."""

    def hook(*args: Any, **kwargs: Any) -> Any:
        apart = APART.get()
        hand_in = functools.partial(original, *args, **kwargs)
        return hand_in() if apart is None else apart.handing_in(hand_in)

    return hook


def _adding_media(original: Original) -> Original:
    """Arguments are given their names here, since later releases may add some."""
    signature = inspect.signature(original)

    def report(listener: Listener, url: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        arguments = dict(signature.bind(*args, **kwargs).arguments)
        del arguments["self"]
        listener.media_added(arguments, url)

    return _layers(_handing_in, _reporting(report))(original)


def _registering_widget(original: Original) -> Original:
    """The warning is to stand above the widget, so listeners are told before; one of them warns."""

    @functools.wraps(original)
    def hook(state: Any, metadata: Any, user_key: str | None = None) -> Any:
        if not LISTENERS.get():
            return original(state, metadata, user_key)
        with unheard() as listeners:
            warned = False
            for listener in reversed(listeners):
                warned = listener.widget_found(warned) or warned
            answer = widgets.first_answer(metadata.id, original(state, metadata, user_key))
            for listener in listeners:
                listener.widget_registered(metadata, user_key, answer)
        return answer

    return hook


def _reading(source: str, kind: str) -> Callable[[Original], Original]:
    """Told before the original, which raises where there is nothing to be read."""

    def wrap(original: Original) -> Original:
        @functools.wraps(original)
        def hook(proxy: Any, *args: Any, **kwargs: Any) -> Any:
            if not LISTENERS.get():
                return original(proxy, *args, **kwargs)
            key = str(args[0]) if args else ""
            with unheard() as listeners:
                if kind != "property" or _is_property(proxy, key):
                    for listener in listeners:
                        listener.was_read(source, "item" if kind == "property" else kind, key)
                return original(proxy, *args, **kwargs)

        return hook

    return wrap


def _is_property(proxy: Any, name: str) -> bool:
    return not name.startswith("_") and isinstance(getattr(type(proxy), name, None), property)


def _writing(source: str, method: str) -> Callable[[Original], Original]:
    return _reporting(
        lambda listener, _, args, kwargs: listener.was_written(source, method, args[1:], kwargs)
    )


def _proxied(source: str, kind: str, private: Private) -> Callable[[Original], Original]:
    if kind == "write":
        return _writing(source, private.name.rpartition(".")[2])
    return _reading(source, kind)


def _then(act: Callable[[tuple[Any, ...]], None]) -> Callable[[Original], Original]:
    """A hook that acts once the original is through, whatever came of it."""

    def wrap(original: Original) -> Original:
        @functools.wraps(original)
        def hook(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            finally:
                act((*args, *kwargs.values()))

        return hook

    return wrap


def _tell(event: Callable[[HostListener], None]) -> None:
    for listener in _TOLD:
        try:
            event(listener)
        except Exception:
            # Streamlit's server must go on, and the other listeners be told.
            _logger.exception("Reprise failed to follow a session of Streamlit's")


def _session_ended(session: str, listener: HostListener) -> None:
    listener.session_ended(session)


def _left(session: str) -> None:
    """A browser has gone."""
    _tell(functools.partial(_session_ended, session))
    tell_of_shut_down()


def tell_of_shut_down() -> None:
    """Tell of the sessions that were shut down since the last time.

    Streamlit shuts a session down for good when the garbage collector finds it, which may be in any
    thread and under any lock. So that is only noted, and told here, where it is safe.
    """
    while True:
        try:
            session = _SHUT_DOWN.get_nowait()
        except Empty:
            return
        _tell(functools.partial(_session_ended, session))


_DEFINED_INSIDE: Final = "a fragment or dialog is defined in it"

HOOKS: Final[tuple[tuple[Private, Callable[[Original], Original]], ...]] = (
    (names.ENQUEUE, _displaying("_enqueue")),
    (names.BLOCK, _displaying("_block")),
    (names.REDUCE, reducing),
    (names.SEND, _sending),
    (
        names.STATUS,
        _layers(_kept_apart, _reporting(lambda on, _, args, kw: on.status_updated(args[0], kw))),
    ),
    (names.MEDIA, _adding_media),
    (names.ELEMENT_ID, _reporting(lambda on, _, args, __: on.id_claimed(args[1], args[2]))),
    (names.WIDGET, _registering_widget),
    (names.STATE_RESET, _reporting(lambda on, _, args, kw: on.state_reset(*args[1:], **kw))),
    (names.FRAGMENT, _obstructing(_DEFINED_INSIDE)),
    (names.FRAGMENT_SET, _obstructing(_DEFINED_INSIDE)),
    (names.DEFERRED, _obstructing("a download that is prepared on demand")),
    (names.LAZY_FRAME, _obstructing("a data frame that is loaded on demand")),
    (names.SHUTDOWN, _then(lambda args: _SHUT_DOWN.put(args[0].id))),
    (names.DISCONNECT, _then(lambda args: _left(args[1]))),
    (names.CLOSE, _then(lambda args: _left(args[1]))),
    (names.CLEAR, _then(lambda _: _tell(lambda listener: listener.clear_requested()))),
    *((private, _proxied(source, kind, private)) for source, kind, private in names.PROXIES),
)
"""What is wrapped, and with what."""

_installing: Final = threading.Lock()
_installed: list[Private] = []


def tell(listener: HostListener) -> None:
    """Tell ``listener`` of sessions that end and of requests to clear, from now on."""
    if listener not in _TOLD:
        _TOLD.append(listener)


def install() -> tuple[Private, ...]:
    """Put all hooks in place, those that are not there yet.

    Returns:
        What this release of Streamlit should have and has not.
    """
    with _installing:
        for private, wrap in HOOKS:
            if private not in _installed and private.present:
                private.wrap(wrap)
                _installed.append(private)
    return internals.missing()
