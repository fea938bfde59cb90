"""The forms in which what a recording of Streamlit's holds is written."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, Final

from reprise.hosting import NotWrittenError
from reprise.hosts.streamlit import kinds, names
from reprise.hosts.streamlit.inputs import Placed, Widget
from reprise.hosts.streamlit.places import Ambient, At, Held, Root
from reprise.hosts.streamlit.reads import KINDS, Read
from reprise.hosts.streamlit.ready import Ready
from reprise.hosts.streamlit.recording import (
    FormOpened,
    IdClaimed,
    MadeOneWith,
    MediaAdded,
    Registered,
    Remembered,
    Sent,
    Shown,
    StateReset,
    StateWritten,
    StatusChanged,
    Tested,
)
from reprise.hosts.streamlit.returned import Numbered
from reprise.hosts.streamlit.written_widgets import FORMS, INPUT, NAMES, forms_of_converters
from reprise.hosts.writing import (
    CARRIED,
    PLAIN,
    VALUE,
    Form,
    Forms,
    Pen,
    Reader,
    WrittenPath,
    by_fields,
    expect,
)

EVENT: Final = "event"
PLACE: Final = "place"

_METHODS: Final = frozenset({"_enqueue", "_block"})
"""Of generators, what shows something."""
_WRITES: Final = frozenset(
    (source, private.name.rpartition(".")[2])
    for source, kind, private in names.PROXIES
    if kind == "write"
)
"""What writes to a session."""
_SOURCES: Final = frozenset(source for source, _, _ in names.PROXIES)


# -- what elements and containers are made with


def _write_message(message: Any, _: Pen) -> Sequence[Any]:
    return message.DESCRIPTOR.full_name, message.SerializeToString(deterministic=True)


def _read_message(_: Reader, name: str, content: bytes) -> Any:
    return kinds.messages()[name].FromString(content)


def _write_record(record: Any, pen: Pen) -> Sequence[Any]:
    # As its class stores them: some hide fields from who asks for them.
    held = {one.name: vars(record)[one.name] for one in dataclasses.fields(record) if one.init}
    return type(record).__qualname__, pen.named(held)


def _read_record(reader: Reader, name: str, held: dict[str, Any]) -> Any:
    return kinds.records()[name](**reader.named(held))


def _write_class(kind: type, _: Pen) -> Sequence[Any]:
    name = kind.__qualname__
    if kinds.containers().get(name) is not kind:
        raise NotWrittenError(f"the class {name}")
    return (name,)


# -- events


def _write_shown(shown: Shown, pen: Pen) -> Sequence[Any]:
    # Without the message: only those that are Ready are shown by it.
    args, kwargs = pen.values(shown.args), pen.named(shown.kwargs)
    return shown.method, shown.on, args, kwargs, shown.made


def _read_shown(reader: Reader, *fields: Any) -> Shown:
    method, on, args, kwargs, made = fields
    expect(method in _METHODS, "no method that shows something")
    return Shown(method, on, tuple(reader.values(args)), reader.named(kwargs), made)


def _write_ready(one: Ready, pen: Pen) -> Sequence[Any]:
    # The element in the arguments is that of the message, and written once.
    kind, _, *others = one.shown.args
    bare = Shown("_enqueue", one.shown.on, (kind, *others), one.shown.kwargs, one.shown.made)
    return *_write_shown(bare, pen), one.message.SerializeToString(deterministic=True)


def _read_ready(reader: Reader, *fields: Any) -> Ready:
    *shown, content = fields
    bare, message = _read_shown(reader, *shown), kinds.message_of(content)
    kind, *others = bare.args
    element = message.delta.new_element
    expect(element.WhichOneof("type") == kind, "another element than that of the message")
    args = (kind, getattr(element, kind), *others)
    return Ready(Shown("_enqueue", bare.on, args, bare.kwargs, bare.made, message), message)


def _read_form(reader: Reader, shown: Any, form_id: str) -> FormOpened:
    return FormOpened(_event(reader, shown, Shown), form_id)


def _event(reader: Reader, node: Any, kind: type) -> Any:
    found = reader.read(EVENT, node)
    expect(type(found) is kind, f"a {type(found).__name__} where only a {kind.__name__} may be")
    return found


def _write_sent(sent: Sent, _: Pen) -> Sequence[Any]:
    return sent.message.SerializeToString(deterministic=True), sent.about


def _read_media(reader: Reader, arguments: dict[str, Any], url: str) -> MediaAdded:
    found = reader.named(arguments)
    expect(type(found.get("path_or_data")) is bytes, "a file without its bytes")
    return MediaAdded(found, url)


def _write_state(written: StateWritten, pen: Pen) -> Sequence[Any]:
    args, kwargs = pen.node(CARRIED, written.args), pen.node(CARRIED, written.kwargs)
    return written.source, written.method, args, kwargs


def _read_state(reader: Reader, source: str, method: str, args: Any, kwargs: Any) -> StateWritten:
    expect((source, method) in _WRITES, "no method that writes to a session")
    args, kwargs = reader.read(CARRIED, args), reader.read(CARRIED, kwargs)
    return StateWritten(source, method, args, kwargs)


def _write_tested(tested: Tested, pen: Pen) -> Sequence[Any]:
    try:
        return (pen.node(CARRIED, tested.entries),)
    except NotWrittenError as error:
        raise NotWrittenError(f"{error} that a widget leaves behind for AppTest") from error


def _read_registered(reader: Reader, node: Any) -> Registered:
    widget = reader.read(INPUT, node)
    expect(type(widget) is Widget, "something else that is read, where only a widget may be")
    return Registered(widget)


_Shown = tuple[str, int, list[Any], dict[str, Any], int]
_Ready = tuple[str, int, list[Any], dict[str, Any], int, bytes]

_EVENTS: Final = (
    Form(EVENT, "shown", Shown, _Shown, _write_shown, _read_shown),
    Form(EVENT, "ready", Ready, _Ready, _write_ready, _read_ready),
    Form(
        EVENT,
        "form",
        FormOpened,
        tuple[Any, str],
        lambda one, pen: (pen.node(EVENT, one.shown), one.form_id),
        _read_form,
    ),
    Form(
        EVENT,
        "sent",
        Sent,
        tuple[bytes, int | None],
        _write_sent,
        lambda _, content, about: Sent(kinds.message_of(content), about),
    ),
    Form(
        EVENT,
        "status",
        StatusChanged,
        tuple[int, dict[str, Any]],
        lambda one, pen: (one.on, pen.named(one.changes)),
        lambda reader, on, changes: StatusChanged(on, reader.named(changes)),
    ),
    Form(
        EVENT,
        "media",
        MediaAdded,
        tuple[dict[str, Any], str],
        lambda one, pen: (pen.named(one.arguments), one.url),
        _read_media,
    ),
    by_fields(EVENT, "id", IdClaimed, tuple[str, str]),
    by_fields(EVENT, "same", MadeOneWith, tuple[int, int]),
    Form(
        EVENT,
        "remembered",
        Remembered,
        tuple[int, dict[str, Any]],
        lambda one, pen: (one.about, pen.named(one.state)),
        lambda reader, about, state: Remembered(about, reader.named(state)),
    ),
    Form(
        EVENT,
        "written",
        StateWritten,
        tuple[str, str, Any, Any],
        _write_state,
        _read_state,
    ),
    Form(
        EVENT,
        "reset",
        StateReset,
        tuple[str, Any],
        lambda one, pen: (one.user_key, pen.value(one.value)),
        lambda reader, key, value: StateReset(key, reader.read(VALUE, value)),
    ),
    Form(
        EVENT,
        "tested",
        Tested,
        tuple[Any],
        _write_tested,
        lambda reader, entries: Tested(reader.read(CARRIED, entries)),
    ),
    Form(
        EVENT,
        "registered",
        Registered,
        tuple[Any],
        lambda one, pen: (pen.node(INPUT, one.widget),),
        _read_registered,
    ),
)


# -- places and inputs


def _read_of_session(_: Reader, *fields: Any) -> Read:
    source, kind, key, without, answer = fields
    expect(source in _SOURCES and kind in KINDS, "nothing that can be read")
    return Read(source, kind, key, frozenset(without), answer)


def _of_path(tag: str, kind: Any) -> Form:
    return Form(
        PLACE,
        tag,
        kind,
        tuple[WrittenPath],
        lambda one, pen: (pen.path(one.path),),
        lambda reader, path: kind(reader.path(path)),
    )


_OTHERS: Final = (
    by_fields(PLACE, "ambient", Ambient, tuple[()]),
    Form(
        PLACE,
        "root",
        Root,
        tuple[int],
        lambda one, _: (kinds.number_of_root(one.generator),),
        lambda _, number: Root(kinds.root(number)),
    ),
    _of_path("at", At),
    _of_path("held", Held),
    Form(
        INPUT,
        "placed",
        Placed,
        tuple[bytes],
        lambda one, _: (one.answer,),
        lambda _, answer: Placed(answer),
    ),
    Form(
        INPUT,
        "read",
        Read,
        tuple[str, str, str, list[str], bytes],
        lambda one, _: (one.source, one.kind, one.key, sorted(one.without), one.answer),
        _read_of_session,
    ),
    by_fields(CARRIED, "numbered", Numbered, tuple[int]),
)


@functools.cache
def forms() -> Forms:
    """All forms, those for the classes of this release of Streamlit's included."""
    of_streamlits = [
        *forms_of_converters(),
        *(
            Form(VALUE, "message", kind, tuple[str, bytes], _write_message, _read_message)
            for kind in kinds.messages().values()
        ),
        *(
            Form(VALUE, "record", kind, tuple[str, dict[str, Any]], _write_record, _read_record)
            for kind in kinds.records().values()
        ),
        Form(
            VALUE,
            "class",
            type,
            tuple[str],
            _write_class,
            lambda _, name: kinds.containers()[name],
        ),
    ]
    return Forms((*PLAIN, *_EVENTS, *_OTHERS, *FORMS, *of_streamlits), NAMES)
