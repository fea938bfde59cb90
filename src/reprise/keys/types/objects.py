"""Encoders for objects that are told by their class and their attributes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, text
from reprise.keys.names import type_name

if TYPE_CHECKING:
    from reprise.keys.walk import Encoder, Walk


def derived(base: type, encode: Encoder) -> Encoder:
    """Make the encoder for subclasses of ``base``: class, what ``base`` sees, and attributes."""

    def encode_derived(value: Any, walk: Walk) -> bytes:
        own = dict(_attributes(value, below=base))
        return frame("derived", [_class_of(value), encode(value, walk), walk(own)])

    return encode_derived


def data_class(value: Any, walk: Walk) -> bytes:
    """Every field, whether it takes part in comparisons or not, and every other attribute.

    What a ``cached_property`` has stored is left out: it follows from the rest, and a key must
    not change because somebody looked.
    """
    return frame("object", [_class_of(value), walk(dict(_attributes(value)))])


def struct(value: Any, walk: Walk) -> bytes:
    """The fields of a ``msgspec.Struct``."""
    fields = {name: getattr(value, name) for name in type(value).__struct_fields__}
    return frame("struct", [_class_of(value), walk(fields)])


def pydantic_model(value: Any, walk: Walk) -> bytes:
    """Fields, extra and private attributes, and which fields were set (``exclude_unset``)."""
    if not hasattr(value, "__pydantic_fields_set__"):
        raise UnencodableError("models of pydantic 1 have no encoding yet")
    private = getattr(value, "__pydantic_private__", None)
    extra = getattr(value, "__pydantic_extra__", None)
    parts = (_without_cached(value), extra, private, value.__pydantic_fields_set__)
    return frame("pydantic", [_class_of(value), *map(walk, parts)])


def member(value: Any, walk: Walk) -> bytes:
    """An enum's class, and the member's name and value."""
    name = text(value.name or "")
    try:
        return frame("enum", [_class_of(value), name, walk(value.value)])
    except UnencodableError:
        # Within one enum the name tells members apart; the value only adds what an edit changed.
        return frame("enum", [_class_of(value), name])


def reduced(value: Any, walk: Walk) -> bytes:
    """What the object would be pickled as; for library types whose pickles are their content."""
    try:
        form = value.__reduce_ex__(4)
    except Exception as error:
        raise UnencodableError(f"it cannot be reduced to its content ({error})") from error
    if isinstance(form, str):
        return frame("global", [_class_of(value), text(form)])
    make, arguments, *rest = form
    state, items, pairs = (*rest, None, None, None)[:3]
    name = getattr(make, "__qualname__", None)
    maker = walk(make) if name is None else text(f"{make.__module__}.{name}")
    parts = (arguments, state, None if items is None else list(items))
    pair_list = None if pairs is None else list(pairs)
    return frame("reduced", [_class_of(value), maker, *map(walk, parts), walk(pair_list)])


def image(value: Any, walk: Walk) -> bytes:
    """Mode, size, palette, pixels of every frame, and the image's information."""
    frames = frame("frames", list(_frames(value)))
    palette = value.getpalette("RGBA") if value.mode in ("P", "PA") else None
    parts = (value.mode, value.size, palette, value.info)
    return frame("image", [_class_of(value), *map(walk, parts), frames])


def _frames(value: Any) -> Iterator[bytes]:
    if not getattr(value, "is_animated", False):
        yield leaf("pixels", value.tobytes())
        return
    shown = value.tell()
    yield leaf("shown", str(shown).encode())
    try:
        for index in range(value.n_frames):
            value.seek(index)
            yield leaf("pixels", value.tobytes())
    finally:
        value.seek(shown)


def rational(value: Any, walk: Walk) -> bytes:
    """Pillow's fractions, found in the information of images."""
    return frame("rational", [walk(value.numerator), walk(value.denominator)])


def container(_: object, __: Walk) -> bytes:
    """A place in a page. It is no input: where a result is shown does not change the result."""
    return leaf("container", b"")


def _class_of(value: object) -> bytes:
    return text(type_name(type(value)))


def _attributes(value: object, below: type = object) -> Iterator[tuple[str, Any]]:
    """Attributes kept in the object itself, those of slots only where ``below`` lacks them."""
    yield from _without_cached(value).items()
    for cls in type(value).__mro__:
        if cls is below:
            return
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name in ("__dict__", "__weakref__"):
                continue
            private = name.startswith("__") and not name.endswith("__")
            full = f"_{cls.__name__.lstrip('_')}{name}" if private else name
            if hasattr(value, full):
                yield f"{cls.__qualname__}.{name}", getattr(value, full)


def _without_cached(value: object) -> dict[str, Any]:
    attributes = getattr(value, "__dict__", None)
    if not attributes:
        return {}
    cls = type(value)
    return {
        name: attribute
        for name, attribute in dict(attributes).items()
        if not isinstance(getattr(cls, name, None), cached_property)
    }


def random_state(value: Any, walk: Walk) -> bytes:
    """The state of ``random.Random``: what it would draw next."""
    return frame("Random", [walk(value.getstate())])
