"""Recordings as bytes: nodes of MessagePack, each a tag and fields, by a closed table of forms.

Pickle was rejected: a recording is read before anything is displayed, and must do nothing but
become one, whoever wrote it. So reading makes objects of the forms in the table, after it has
looked at the types of their fields, and a node is good only where one of its role is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from types import NoneType
from typing import Any, Final, Literal

from reprise.hosting import NotWrittenError
from reprise.hosts.carried import Carried, Copied, Filled, Found, Keyed, Same
from reprise.hosts.containers import Path, Step

VALUE: Final = "value"
CARRIED: Final = "carried"

_ATOMS: Final = frozenset({NoneType, bool, int, float, str, bytes})
"""What stands for itself."""

WrittenPath = list[tuple[str, Any]]
"""How a path is written: the kind and the name of each step."""


class UnreadableError(Exception):
    """Bytes that no recording was written as."""


def expect(condition: object, what: str) -> None:
    """Refuse what is never written.

    Raises:
        UnreadableError: the condition does not hold.
    """
    if not condition:
        raise UnreadableError(what)


@dataclass(frozen=True, slots=True)
class Form:
    """How objects of one type are written as a node, and read back.

    Args:
        role: Where such a node may stand.
        tag: Tells it from others of that role.
        kind: The exact type.
        fields: The types of its fields, as a type of tuples.
        write: Makes the fields.
        read: Makes an object of them.
    """

    role: str
    tag: str
    kind: type
    fields: Any
    write: Callable[[Any, Pen], Sequence[Any]]
    read: Callable[..., Any]


class Forms:
    """The table of forms.

    Args:
        forms: All of them.
        names: What to call objects of these types in messages, where there is no form for them.
    """

    def __init__(self, forms: Iterable[Form], names: dict[type, str]) -> None:
        forms = tuple(forms)
        self.by_kind: Final = {(form.role, form.kind): form for form in forms}
        self.by_tag: Final = {(form.role, form.tag): form for form in forms}
        self.names: Final = names


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes, with what makes bytes of data that no form is for."""

    forms: Forms
    encode: Callable[[Any], bytes]

    def node(self, role: str, value: Any) -> Any:
        """The node of one object.

        Raises:
            NotWrittenError: there is none.
        """
        import msgspec

        kind = type(value)
        if role == VALUE and kind in _ATOMS and _stands_for_itself(value):
            return value
        form = self.forms.by_kind.get((role, kind))
        if form is None and (role != VALUE or kind in self.forms.names):
            raise NotWrittenError(self.forms.names.get(kind, f"a {kind.__qualname__}"))
        if form is None:
            return ["data", self.encode(value)]
        written = list(form.write(value, self))
        try:
            msgspec.convert(written, form.fields)
        except msgspec.ValidationError as error:
            # It would not be read back. Some subclass of a type that is expected, say.
            raise NotWrittenError(f"a {kind.__qualname__} ({error})") from error
        return [form.tag, *written]

    def value(self, value: Any) -> Any:
        """The node of a value that elements are made with."""
        return self.node(VALUE, value)

    def values(self, values: Iterable[Any]) -> list[Any]:
        """The nodes of several."""
        return [self.node(VALUE, value) for value in values]

    def named(self, values: Any) -> dict[str, Any]:
        """The nodes of values by their names."""
        return {name: self.node(VALUE, value) for name, value in values.items()}

    def path(self, path: Path) -> WrittenPath:
        """The steps of a path."""
        return [(step.kind, self.value(step.name)) for step in path]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads, with what makes data of bytes."""

    forms: Forms
    decode: Callable[[bytes], Any]

    def read(self, role: str, node: Any) -> Any:
        """The object that a node stands for.

        Raises:
            Exception: of any type, for what was never written.
        """
        import msgspec

        if role == VALUE and type(node) in _ATOMS:
            return node
        if type(node) is not list or not node:
            raise UnreadableError(f"a {type(node).__name__} is no {role}")
        if role == VALUE and node[0] == "data":
            return self.decode(*msgspec.convert(node[1:], tuple[bytes]))
        form = self.forms.by_tag[role, node[0]]
        return form.read(self, *msgspec.convert(node[1:], form.fields))

    def values(self, nodes: Iterable[Any]) -> list[Any]:
        """What several nodes of values stand for."""
        return [self.read(VALUE, node) for node in nodes]

    def named(self, nodes: dict[str, Any]) -> dict[str, Any]:
        """The values by their names."""
        return {name: self.read(VALUE, node) for name, node in nodes.items()}

    def path(self, steps: WrittenPath) -> Path:
        """The path of these steps."""
        return tuple(Step(_kind_of_step(kind), self.read(VALUE, name)) for kind, name in steps)


def _stands_for_itself(value: Any) -> bool:
    if type(value) is int:
        return -(2**63) <= value < 2**63
    if type(value) is not str or value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind_of_step(
    kind: str,
) -> Literal["argument", "function", "item", "attribute", "slot", "global", "cell", "member"]:
    match kind:
        case "argument" | "function" | "item" | "attribute" | "slot" | "global" | "cell" | "member":
            return kind
    raise UnreadableError(f"{kind!r} is no step")


def by_fields(role: str, tag: str, kind: Any, types: Any) -> Form:
    """The form of a dataclass whose fields are nothing but atoms."""
    names = [one.name for one in fields(kind)]
    return Form(
        role,
        tag,
        kind,
        types,
        lambda one, _: [getattr(one, name) for name in names],
        lambda _, *found: kind(*found),
    )


def several(kind: Any) -> Form:
    """The form of a list or a tuple of values."""
    return Form(
        VALUE,
        kind.__name__,
        kind,
        tuple[list[Any]],
        lambda one, pen: (pen.values(one),),
        lambda reader, nodes: kind(reader.values(nodes)),
    )


_BUILT: Final[dict[str, Any]] = {kind.__name__: kind for kind in (tuple, list, set, frozenset)}


def _write_filled(one: Filled, pen: Pen) -> Sequence[Any]:
    name = next((name for name, kind in _BUILT.items() if kind is one.build), None)
    if name is None:
        raise NotWrittenError("a function, or a value that is put together by one")
    return name, [pen.node(CARRIED, part) for part in one.parts]


def _read_filled(reader: Reader, name: str, parts: list[Any]) -> Carried:
    return Filled(_BUILT[name], tuple(reader.read(CARRIED, part) for part in parts))


def _write_keyed(one: Keyed, pen: Pen) -> Sequence[Any]:
    return pen.values(one.keys), [pen.node(CARRIED, part) for part in one.parts]


def _read_keyed(reader: Reader, keys: list[Any], parts: list[Any]) -> Carried:
    known = tuple(reader.values(keys))
    if len(known) != len(parts) or len(dict.fromkeys(known)) != len(known):
        raise UnreadableError("keys and values of a dictionary do not fit")
    return Keyed(known, tuple(reader.read(CARRIED, part) for part in parts))


PLAIN: Final = (
    several(list),
    several(tuple),
    Form(
        VALUE,
        "dict",
        dict,
        tuple[list[Any], list[Any]],
        lambda one, pen: (pen.values(one), pen.values(one.values())),
        lambda reader, keys, values: dict(
            zip(reader.values(keys), reader.values(values), strict=True)
        ),
    ),
    Form(
        CARRIED,
        "same",
        Same,
        tuple[Any],
        lambda one, pen: (pen.value(one.value),),
        lambda reader, node: Same(reader.read(VALUE, node)),
    ),
    Form(
        CARRIED,
        "copied",
        Copied,
        tuple[Any],
        lambda one, pen: (pen.value(one.value),),
        lambda reader, node: Copied(reader.read(VALUE, node)),
    ),
    Form(
        CARRIED,
        "found",
        Found,
        tuple[list[WrittenPath]],
        lambda one, pen: ([pen.path(path) for path in one.paths],),
        lambda reader, paths: Found(tuple(map(reader.path, paths))),
    ),
    Form(CARRIED, "filled", Filled, tuple[str, list[Any]], _write_filled, _read_filled),
    Form(CARRIED, "keyed", Keyed, tuple[list[Any], list[Any]], _write_keyed, _read_keyed),
)
"""The forms that know nothing of any library."""
