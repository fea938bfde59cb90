"""What cached functions read of their session: inputs, as the engine knows them."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reprise.hosting import Call
from reprise.hosts.carried import Carried
from reprise.hosts.carrying import Carrier
from reprise.hosts.streamlit import internals, widgets
from reprise.hosts.streamlit.converters import Converter, converter
from reprise.hosts.streamlit.internals import Generator


@dataclass(frozen=True, slots=True)
class Placed:
    """The page, form and part of the page that a call is in: identities of elements depend on it.

    It is asked for before the first identity, so that a widget of another page is never registered.
    """

    answer: bytes
    name: str = ""

    @property
    def question(self) -> Hashable:
        """There is one such question."""
        return "place"

    def read(self, call: Call) -> bytes:
        """The digest of where ``call`` is."""
        run = internals.running()
        return place(call, run, internals.written_to(internals.main()))

    look = read


def place(call: Call, run: Any, ambient: Generator) -> bytes:
    """Digest where a call is.

    Args:
        call: The call.
        run: The run of the script that it belongs to.
        ambient: Where ``st.write()`` goes at its start.
    """
    passed = tuple(
        (name, *internals.surroundings(internals.written_to(value)))
        for name, value in call.arguments.items()
        if internals.is_generator(value)
    )
    return call.digest("place", (internals.page(run), internals.surroundings(ambient), passed))


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget inside of a cached function.

    Args:
        metadata: What Streamlit knows of it, without callbacks: those belong to a call.
        user_key: The key that the user gave to it.
        callbacks: Fields of the metadata that are made anew for each call.
        converter: What makes its value of what the browser sends, which is made anew, too; where it
            is of no kind that is known, the metadata has it.
        answer: Digest of its value, and of what else Streamlit said when it was registered.
        name: What it is called in messages.
        uploaded: Whether a file was handed in by it.
    """

    metadata: Any
    user_key: str | None
    callbacks: tuple[tuple[str, Carried], ...]
    converter: Converter | None = None
    answer: bytes = b""
    name: str = "a widget"
    uploaded: bool = False

    @property
    def question(self) -> Hashable:
        """Its identity on the page."""
        return ("widget", self.metadata.id)

    def register(self, call: Call) -> Any:
        """Register it for ``call``; gives Streamlit's answer."""
        return widgets.register(self.fresh(call), self.user_key)

    def fresh(self, call: Call) -> Any:
        """What Streamlit is to know of it in ``call``.

        Raises:
            LookupError: something that it holds is not there.
        """
        fragment_id = widgets.fragment_id()
        return dataclasses.replace(self.metadata, fragment_id=fragment_id, **self.made(call))

    def made(self, call: Call) -> dict[str, Any]:
        """Its callbacks, what they are given, and its converter's methods, for ``call``.

        Raises:
            LookupError: something that they hold is not there.
        """
        made = {name: carried.make(call) for name, carried in self.callbacks}
        several = (made.get("callbacks") or {}).values()
        if not all(map(callable, (made.get("callback", len), *several))):
            raise LookupError("what stands there cannot be called")
        if self.converter is not None:
            made.update(self.converter.make(call, self.user_key))
        return made

    def read(self, call: Call) -> bytes:
        """Register it, and digest its value."""
        try:
            fresh = self.fresh(call)
            return answer_of(call, fresh, widgets.register(fresh, self.user_key))
        except Exception as error:
            # The function itself will meet the same, and is the one to raise it.
            raise LookupError("its value cannot be read") from error

    def look(self, call: Call) -> bytes:
        """Digest the value that it has."""
        try:
            value, changed = widgets.look(self.fresh(call), self.user_key)
            return _digest(call, self.metadata.id, value, changed, None)
        except Exception as error:
            raise LookupError("its value cannot be read") from error


CALLBACKS: Final = ("callback", "callbacks", "callback_args", "callback_kwargs")
"""Fields of a widget's metadata that belong to a call."""
_CONVERTING: Final = ("serializer", "deserializer")


def widget(metadata: Any, user_key: str | None, carrier: Carrier) -> Widget:
    """Take a widget apart into what is the same for all calls and what is not.

    Raises:
        NotCarriedError: its callback, or an argument of that, belongs to this call alone.
    """
    held = {name: getattr(metadata, name, None) for name in CALLBACKS}
    held = {name: value for name, value in held.items() if value is not None}
    callbacks = tuple((name, carrier.carry(value)) for name, value in held.items())
    made = converter(metadata, carrier)
    converting = () if made is None else _CONVERTING
    bare = dataclasses.replace(metadata, fragment_id=None, **dict.fromkeys((*held, *converting)))
    return Widget(bare, user_key, callbacks, made)


def answer_of(call: Call, metadata: Any, answer: Any) -> bytes:
    """Digest what Streamlit said when a widget was registered.

    Raises:
        RepriseError: its value has no encoding.
    """
    came = widgets.incoming(metadata, answer)
    return _digest(call, metadata.id, answer.value, answer.value_changed, came)


def _digest(call: Call, widget_id: str, value: Any, changed: bool, came: Any) -> bytes:
    read = (comparable(value), bool(changed), comparable(came))
    return call.digest(("widget", widget_id), read)


def holds_upload(value: Any) -> bool:
    """Whether a widget's value is, or has inside, a file that a user handed in."""
    if widgets.is_upload(value):
        return True
    if isinstance(value, Mapping):
        value = list(value.values())
    return isinstance(value, list | tuple) and any(map(holds_upload, value))


def comparable(value: Any) -> Any:
    """``value`` with each file that a user handed in replaced by what tells it from all others."""
    if widgets.is_upload(value):
        return ("file", value.file_id, value.name)
    if internals.is_generator(value):
        return ("container",)  # where it stands is known to the recording
    kind = type(value)
    if kind in {list, tuple}:
        return kind(comparable(item) for item in value)
    if kind is dict:
        return {key: comparable(item) for key, item in value.items()}
    if kind.__module__.startswith("streamlit") and isinstance(value, Mapping):  # selections, chats
        return (kind.__name__, {key: comparable(item) for key, item in value.items()})
    return value
