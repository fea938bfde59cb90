"""Encoders for objects that are told by their class and their attributes."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, text
from reprise.keys.packages import is_installed_class
from reprise.keys.types.layout import hides_state

if TYPE_CHECKING:
    from reprise.keys.walk import Encoder, Walk


def derived(base: type, encode: Encoder) -> Encoder:
    """Make the encoder for subclasses of ``base``: class, what ``base`` sees, and attributes."""

    def encode_derived(value: Any, walk: Walk) -> bytes:
        cls = type(value)
        if hides_state(cls, below=base):
            raise UnencodableError("it holds something that Python cannot see")
        own = dict(attributes_of(value, below=base))
        return frame("derived", [walk.class_of(value), encode(value, walk), walk(own)])

    return encode_derived


def of_own_class(encode: Encoder) -> Encoder:
    """Make the encoder for a user's subclass of a library's class: its code and attributes too."""

    def encode_own(value: Any, walk: Walk) -> bytes:
        own = {name: one for name, one in _own_dict(value).items() if _is_own(name, value)}
        return frame("own class", [walk.class_of(value), encode(value, walk), walk(own)])

    return encode_own


def _is_own(name: object, value: object) -> bool:
    """Whether the user named an attribute, and the library did not."""
    libraries = [cls for cls in type(value).__mro__ if is_installed_class(cls)]
    public = isinstance(name, str) and not name.startswith("_")
    return public and not any(name in vars(cls) for cls in libraries)


def data_class(value: Any, walk: Walk) -> bytes:
    """Every field, whether it takes part in comparisons or not, and every other attribute.

    What a ``cached_property`` has stored is left out: it follows from the rest, and a key must
    not change because somebody looked.
    """
    if hides_state(type(value)):
        raise UnencodableError("it holds something that Python cannot see")
    return frame("object", [walk.class_of(value), walk(dict(attributes_of(value)))])


def struct(value: Any, walk: Walk) -> bytes:
    """The fields of a ``msgspec.Struct``."""
    fields = {name: getattr(value, name) for name in type(value).__struct_fields__}
    return frame("struct", [walk.class_of(value), walk(fields)])


def pydantic_model(value: Any, walk: Walk) -> bytes:
    """Fields, extra and private attributes, and which fields were set (``exclude_unset``).

    Models of pydantic 1 have no ``__pydantic_fields_set__``, and say all of that as their state.
    """
    if not hasattr(value, "__pydantic_fields_set__"):
        state = value.__getstate__()
        names = ("__dict__", "__private_attribute_values__", "__fields_set__")
        return frame("pydantic 1", [walk.class_of(value), *[walk(state[name]) for name in names]])
    private = getattr(value, "__pydantic_private__", None)
    extra = getattr(value, "__pydantic_extra__", None)
    own = _without_cached(value, _own_dict(value))
    parts = (own, extra, private, value.__pydantic_fields_set__)
    return frame("pydantic", [walk.class_of(value), *map(walk, parts)])


def member(value: Any, walk: Walk) -> bytes:
    """An enum's class, and the member's name and value."""
    parts = [walk.class_of(value), text(value.name or "")]
    try:
        return frame("enum", [*parts, walk(value.value)])
    except UnencodableError:
        # Within one enum the name tells members apart; the value only adds what an edit changed.
        return frame("enum", parts)


def reduced(value: Any, walk: Walk) -> bytes:
    """What the object would be pickled as, without what a ``cached_property`` has stored."""
    try:
        # A function in copyreg's table comes first, as it does in pickle.
        reduce: Callable[[Any], Any] = copyreg.dispatch_table.get(type(value), _reduce)
        form = reduce(value)
    except Exception as error:
        raise UnencodableError(f"it cannot be reduced to its content ({error})") from error
    if isinstance(form, str):
        return frame("global", [walk.class_of(value), text(_module_with(form, value)), text(form)])
    make, arguments, *rest = form
    state, items, pairs = (*rest, None, None, None)[:3]
    if getattr(type(value), "__getstate__", None) is _PLAIN_STATE:
        state = _without_cached(value, state)
    maker = _maker(make, walk)
    # Arguments that lead back to the object would be "the same as me" for every object.
    with walk.keyed_by(type(value).__reduce_ex__, value):
        made = [maker, walk(arguments)]
    parts = (state, *(None if part is None else list(part) for part in (items, pairs)))
    return frame("reduced", [walk.class_of(value), *made, *map(walk, parts)])


def _maker(make: Any, walk: Walk) -> bytes:
    """What builds the object again: by name where that leads to it, else by what it is."""
    name, module = getattr(make, "__qualname__", ""), getattr(make, "__module__", None)
    found: Any = sys.modules.get(module) if isinstance(module, str) else None
    for part in name.split("."):
        found = getattr(found, part, None)
    return text(f"{module}.{name}") if found is make else walk(make)


_PLAIN_STATE: Final[object] = object.__getstate__


def _reduce(value: Any) -> Any:
    return value.__reduce_ex__(4)


def _module_with(name: str, value: object) -> str:
    """The module that has the object under ``name``: two modules may have a ``MISSING`` each."""
    for module in (str(getattr(value, "__module__", "")), *sorted(sys.modules)):
        found = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is value:
            return module
    raise UnencodableError(f"no module has it under its name '{name}'")


def image(value: Any, walk: Walk) -> bytes:
    """Mode, size, palette, pixels of every frame, and the image's information."""
    frames = frame("frames", list(_frames(value)))
    palette = value.getpalette("RGBA") if value.mode in ("P", "PA") else None
    parts = (value.mode, value.size, palette, value.info)
    return frame("image", [walk.class_of(value), *map(walk, parts), frames])


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


def attributes_of(value: object, below: type = object) -> Iterator[tuple[str, Any]]:
    """Attributes kept in the object itself, those of slots only where ``below`` lacks them."""
    yield from _without_cached(value, _own_dict(value)).items()
    for cls in type(value).__mro__:
        if cls is below:
            return
        for name, member in vars(cls).items():
            if type(member) is MemberDescriptorType:
                try:
                    yield f"{cls.__qualname__}.{name}", member.__get__(value)
                except AttributeError:  # a slot that was never assigned
                    continue


def _own_dict(value: object) -> dict[str, Any]:
    try:
        # Not vars(): an object that stands for another would hand out the other's attributes.
        return dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        return {}


def _without_cached(value: object, state: Any) -> Any:
    """A dict of attributes, without what a ``cached_property`` has stored."""
    if not isinstance(state, dict):
        return state
    cls = type(value)
    return {
        name: attribute
        for name, attribute in state.items()
        if not isinstance(
            getattr(cls, name, None) if isinstance(name, str) else None, cached_property
        )
    }


def random_state(value: Any, walk: Walk) -> bytes:
    """The state of ``random.Random``: what it would draw next."""
    return frame("Random", [walk(value.getstate())])
