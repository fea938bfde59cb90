"""Encoders for objects of classes that stand in no table: the user's own, above all."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame
from reprise.keys.names import defines
from reprise.keys.packages import is_installed_class
from reprise.keys.types.layout import hides_state
from reprise.keys.types.objects import attributes_of, reduced

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def unlisted(value: Any, walk: Walk) -> bytes:
    """What an object would be pickled as.

    Where there is nothing of the kind, the walk asks for the call that made it as a resource. A
    class that says itself how it is pickled has the word; of any other all attributes and slots
    count. What a ``cached_property`` has stored follows from the rest and is left out.
    """
    cls = type(value)
    if cls is object:
        raise UnencodableError("it has nothing that tells it from any other")
    if defines(cls, "__next__") or defines(cls, "__anext__"):
        raise UnencodableError("what it yields can be read only once")
    if walk.reach is not None and is_installed_class(cls) and cls.__module__ not in _DATA:
        # A client, an application, a logger that code names: endless, and ever changing.
        raise UnencodableError("it is an object of a library's")
    with walk.wholly(value):
        if _says_its_content(cls):
            return reduced(value, walk)
        if hides_state(cls):
            raise UnencodableError("it holds something that Python cannot see")
        return frame("object", [walk.class_of(value), walk(dict(attributes_of(value)))])


def _says_its_content(cls: type) -> bool:
    """Whether the class, or somebody for it, has defined how its objects are pickled."""
    return (
        cls in copyreg.dispatch_table
        or any(getattr(cls, name) is not getattr(object, name) for name in _HOOKS)
        or defines(cls, "__getnewargs__")
        or defines(cls, "__getnewargs_ex__")
    )


_HOOKS = ("__reduce_ex__", "__reduce__", "__getstate__")


_DATA = ("argparse", "collections", "configparser", "types")
"""Modules of Python's whose objects hold data, also where code names them."""


def refused(_: object, __: Walk) -> bytes:
    """A lock, an event or a queue of asyncio: it has a content, but is another than its equal."""
    raise UnencodableError("it is told from others by what it is, not by what it holds")


def files_elsewhere(_: object, __: Walk) -> bytes:
    """A dataset of Arrow's: files that may change at any time, and be in any place."""
    raise UnencodableError(
        "it stands for files, whose content is not looked at: pass their paths with files=, "
        "or the table that it gives"
    )


def exception(value: BaseException, walk: Walk) -> bytes:
    """Class, arguments, attributes, and the exceptions that it came of.

    Raises:
        UnencodableError: it was raised. Its traceback has the variables of every function on the
            way, and a key that leaves them out would not be the key of the whole value.
    """
    if value.__traceback__ is not None:
        raise UnencodableError(
            "it has a traceback, and with it all variables of the functions that it came through; "
            "error.with_traceback(None) takes that off"
        )
    cls = type(value)
    builtin = next(base for base in cls.__mro__ if base.__module__ == "builtins")
    if hides_state(cls, below=builtin):
        raise UnencodableError("it holds something that Python cannot see")
    attributes = dict(attributes_of(value)) | dict(_members(value, builtin))
    parts = (value.args, attributes, value.__cause__, value.__context__)
    with walk.wholly(value):
        return frame("exception", [walk.class_of(value), *map(walk, parts)])


def _members(value: BaseException, builtin: type) -> Iterator[tuple[str, object]]:
    """What Python's own exceptions keep outside their arguments, such as ``errno``."""
    for cls in builtin.__mro__:
        for name, member in vars(cls).items():
            if type(member) is MemberDescriptorType:
                yield f"{cls.__qualname__}.{name}", getattr(value, name, None)
