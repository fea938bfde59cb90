"""Fingerprints: digests of the code that a function's result depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Final

from reprise.errors import UserHashError
from reprise.keys.code.memo import ByCode
from reprise.keys.code.parts import LeftOut, Part
from reprise.keys.code.root import Taken, of_callable, of_callable_alone
from reprise.keys.code.source import read_ahead
from reprise.keys.failures import UserFunctionError
from reprise.keys.messages import user_function_failed
from reprise.keys.packages import is_installed_file, look_up_versions
from reprise.keys.types.encoders import NO_HASH_FUNCS

__all__ = ["Fingerprint", "LeftOut", "Part", "fingerprint", "fingerprint_alone", "foresee"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a function's result depends on, besides its arguments."""

    digest: bytes
    """32 bytes over all parts."""
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    """What the function names and what counts neither by content nor by the statement that makes
    it."""
    unchanged: Callable[[], bool] = field(compare=False)
    """Whether all of that is still as it was; a thousand times cheaper than another fingerprint."""


def fingerprint(function: Callable[..., Any], depends_on: Sequence[object] = ()) -> Fingerprint:
    """Take the fingerprint of a function, as it stands now.

    It covers the function's code, defaults and closure and, transitively, the functions, classes,
    modules and values of the user's code that it names. Installed packages count by name and
    version. Comments, formatting, docstrings, annotations and line numbers do not count.

    A default or closure value that has no encoding, such as a connection, counts as the very
    object that it is; a global by the statement that makes it. So does what the code itself
    changes, such as a counter.

    Args:
        function: The user's function. Of another callable its content is taken, and its
            identity where it has no encoding.
        depends_on: Further values that its results depend on: functions, classes, modules, data.

    Returns:
        The digest and its parts. What was found out about a code object is remembered for as long
        as that lives, so that asking anew on every rerun is cheap.

    Raises:
        UserHashError: the ``__reprise_key__`` of a value failed.

    >>> def area(width, height=2):
    ...     return width * height
    >>> [part.name for part in fingerprint(area).parts]
    ['name', 'code', 'default height']
    """
    return _told(function, lambda: of_callable(function, NO_HASH_FUNCS, depends_on))


def fingerprint_alone(
    function: Callable[..., Any], depends_on: Sequence[object] = ()
) -> Fingerprint:
    """As :func:`fingerprint`, but nothing that the function's code names takes part.

    >>> LIMIT = 10
    >>> def limit():
    ...     return LIMIT
    >>> [part.name for part in fingerprint_alone(limit).parts]
    ['name', 'code']
    """
    return _told(function, lambda: of_callable_alone(function, NO_HASH_FUNCS, depends_on))


def foresee(function: Callable[..., Any]) -> None:
    """Do what the first fingerprint of a function would have to do, where it cannot turn out else.

    That is to read its file, which is looked at again then, and to look up the versions of
    packages. What the function names may be defined below it, so nothing is decided.
    """
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType) or _foreseen.get(code):
        return
    _foreseen.set(code, True)  # a rerun of a script decorates its functions anew
    if not is_installed_file(code.co_filename):
        read_ahead(code.co_filename)
        look_up_versions(function)


_foreseen: Final[ByCode[bool]] = ByCode()


def _told(function: Callable[..., Any], take: Callable[[], Taken]) -> Fingerprint:
    try:
        taken = take()
    except UserFunctionError as error:
        name = getattr(function, "__qualname__", repr(function))
        told = user_function_failed(name, "a global, a default or the closure", error)
        raise UserHashError(told) from error.__cause__
    return Fingerprint(taken.digest, taken.parts, taken.left_out, taken.unchanged)
