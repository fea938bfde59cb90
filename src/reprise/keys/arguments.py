"""From the arguments of a call to its key."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from reprise.contracts import Key
from reprise.errors import UnhashableParamError, UserHashError
from reprise.keys.calls import CallDigest
from reprise.keys.failures import (
    UnencodableError,
    UnreadableFileError,
    UserFunctionError,
)
from reprise.keys.file_contents import contents_of
from reprise.keys.framing import frame
from reprise.keys.messages import (
    Argument,
    unhashable,
    unreadable_file,
    user_function_failed,
)
from reprise.keys.provenance import resource
from reprise.keys.registered import registry
from reprise.keys.shortcuts import Shortcuts
from reprise.keys.types.encoders import NO_HASH_FUNCS, TypeEncoders
from reprise.keys.user import by_reprise_key
from reprise.keys.walk import Walk

HashFuncs: TypeAlias = Mapping[type | str, Callable[[Any], Any]]

_VAR_POSITIONAL: Final = inspect.Parameter.VAR_POSITIONAL
_VAR_KEYWORD: Final = inspect.Parameter.VAR_KEYWORD
_DEFAULT: Final = frame("default", [])
_STARS: Final[dict[inspect._ParameterKind, str]] = {_VAR_POSITIONAL: "*", _VAR_KEYWORD: "**"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a cached function."""

    name: str
    kind: inspect._ParameterKind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    default: object = inspect.Parameter.empty
    """An argument that is this very object and has no encoding counts as "the default"; which
    object that is belongs to the function's fingerprint."""

    @property
    def excluded(self) -> bool:
        """Whether it is left out of keys, as names that begin with an underscore are."""
        return self.name.startswith("_")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one argument adds to the key of its call."""

    label: str
    """The name that tells it from all other arguments of the call."""
    value: object
    how: str
    """``value``, ``hash function``, ``__reprise_key__``, ``registered encoder``, ``resource`` (by
    the call that returned it), ``content of files``, ``default`` (by being that very object),
    ``left out`` or ``cannot be encoded``."""
    encoding: bytes = b""
    """Empty where it is left out or cannot be encoded."""
    problem: str = ""
    """Why it cannot."""


def _short(value: str | bytes) -> bool:
    return len(value) <= 1024


def _few_bits(value: int) -> bool:
    return value.bit_length() <= 1024


def _unambiguous(value: float) -> bool:
    """Neither zero, for 0.0 == -0.0, nor NaN, which is not equal to itself."""
    return value != 0.0 and not math.isnan(value)


def _always(_: object) -> bool:
    return True


_PLAIN: Final[dict[type, Callable[[Any], bool]]] = {
    type(None): _always,
    bool: _always,
    int: _few_bits,
    float: _unambiguous,
    str: _short,
    bytes: _short,
}


@dataclass(frozen=True, slots=True)
class ArgumentKeys:
    """Makes the keys of one cached function.

    Attributes:
        function_name: The function's qualified name, for messages.
        parameters: Its parameters in their order.
        hash_funcs: The user's hash functions by type or by qualified name. For a value, the entry
            of its class comes first, then that of its nearest base. A ``__reprise_key__`` of a
            class nearer than that has the word.
        files: Names of parameters, or of keywords of ``**kwargs``, that are paths of files and
            count by the content of these too.

    >>> keys = ArgumentKeys("load", (Parameter("path"), Parameter("_log")))
    >>> keys.key(("code",), ("a.csv", print)) == ("code", str, "a.csv")
    True
    >>> len(keys.key(("code",), (["a.csv"], print))[1])
    32
    """

    function_name: str
    parameters: tuple[Parameter, ...]
    hash_funcs: HashFuncs = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    _encoders: TypeEncoders = field(init=False, repr=False, compare=False)
    _plain: dict[type, Callable[[Any], bool]] = field(init=False, repr=False, compare=False)
    _plain_places: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _star_places: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _digest: Callable[[tuple[object, ...]], bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        encoders = TypeEncoders(self.hash_funcs) if self.hash_funcs else NO_HASH_FUNCS
        plain = {cls: check for cls, check in _PLAIN.items() if cls in encoders.atoms}
        included = [(at, one) for at, one in enumerate(self.parameters) if not one.excluded]
        stars = tuple(at for at, one in included if one.kind in (_VAR_POSITIONAL, _VAR_KEYWORD))
        places = tuple(at for at, _ in included if at not in stars)
        object.__setattr__(self, "_encoders", encoders)
        object.__setattr__(self, "_plain", plain)
        object.__setattr__(self, "_plain_places", places)
        object.__setattr__(self, "_star_places", stars)
        shortcuts = Shortcuts(tuple(at for at, _ in included), self.digest)
        # Hash functions may read anything, so they are asked each time.
        object.__setattr__(self, "_digest", self.digest if self.hash_funcs else shortcuts.digest)

    def key(self, prefix: tuple[Hashable, ...], values: tuple[object, ...]) -> Key:
        """Make the key of one call.

        Args:
            prefix: What the key begins with: the function's fingerprint, and what else
                tells its entries apart.
            values: One for each parameter, in order; for ``*args`` a tuple, for ``**kwargs`` a
                dict.

        Returns:
            The same key for the same call, another for any other: either the types and values
            themselves, or a digest of all of them.

        Raises:
            UnhashableParamError: an argument cannot be part of a key.
            UserHashError: a hash function or ``__reprise_key__`` failed.
        """
        # A generated wrapper looks up ``(*prefix, type(a), a, ...)`` for whatever arguments it
        # gets, without any check. That is right only because nothing else is ever kept under such
        # a tuple than what is plain here: exact builtin types whose equality means sameness. Zeros
        # and NaNs, subclasses, long texts, and types that a hash function speaks for
        # all have digest keys, which are shorter by at least one item than the tuple looked up.
        parts: list[Hashable] = [*prefix]
        plain = self._plain
        if self.files:  # their content is in no plain key
            return (*prefix, self.digest(values))
        for at in self._star_places:
            if self._any_included(values[at]):
                return (*prefix, self._digest(values))
        for at in self._plain_places:
            value = values[at]
            cls = type(value)
            try:
                check = plain.get(cls)
            except Exception:  # noqa: BLE001 - its metaclass has no hash: the walk tells of it
                check = None
            if check is None or not check(value):
                return (*prefix, self._digest(values))
            parts += (cls, value)  # type: ignore[arg-type]
        return tuple(parts)

    def _any_included(self, star: object) -> bool:
        if isinstance(star, Mapping):
            return not all(str(name).startswith("_") for name in star)
        return bool(star)

    def digest(self, values: tuple[object, ...]) -> CallDigest:
        """Digest (32 bytes) the names and values of all arguments that are not left out.

        Raises:
            UnhashableParamError: an argument cannot be part of a key.
            UserHashError: a hash function or ``__reprise_key__`` failed.
        """
        walk = Walk(self._encoders)
        return CallDigest(
            tuple(
                (argument.label, self._encode(walk, argument, value))
                for argument, value, excluded in self._arguments(values)
                if not excluded
            )
        )

    def contributions(self, values: tuple[object, ...]) -> Iterator[Contribution]:
        """Tell what each argument adds to the key, those that are left out too.

        Nothing is raised for an argument that cannot be encoded; it says so itself.
        """
        walk = Walk(self._encoders)
        for argument, value, excluded in self._arguments(values):
            if excluded:
                yield Contribution(argument.label, value, "left out")
                continue
            try:
                encoding = self._encode(walk, argument, value)
            except (UnhashableParamError, UserHashError) as error:
                yield Contribution(argument.label, value, "cannot be encoded", problem=str(error))
                continue
            how = self._how(walk, argument, value, encoding)
            yield Contribution(argument.label, value, how, encoding)

    def _how(self, walk: Walk, argument: Argument, value: object, encoding: bytes) -> str:
        cls = type(value)
        if encoding == _DEFAULT:
            return "default"
        if not self.files.isdisjoint((argument.parameter, argument.keyword)):
            return "content of files"
        if self._encoders.find(cls) is by_reprise_key:
            return "__reprise_key__"
        if self._encoders.hash_func(cls) is not None:
            return "hash function"
        if registry.find(cls) is not None:
            return "registered encoder"
        return "resource" if encoding == resource(value, walk) else "value"

    def _arguments(self, values: tuple[object, ...]) -> Iterator[tuple[Argument, object, bool]]:
        """Every argument with its value, and whether it is left out of the key."""
        for parameter, value in zip(self.parameters, values, strict=True):
            if parameter.kind is _VAR_KEYWORD and isinstance(value, Mapping):
                for name in sorted(value):
                    excluded = parameter.excluded or name.startswith("_")
                    yield Argument(parameter.name, keyword=name), value[name], excluded
            else:
                yield Argument(parameter.name), value, parameter.excluded

    def _encode(self, walk: Walk, argument: Argument, value: object) -> bytes:
        cause: BaseException | None = None
        try:
            if self.files.isdisjoint((argument.parameter, argument.keyword)):
                return walk(value)
            return frame("by content", [walk(value), contents_of(value)])
        except UnreadableFileError as error:
            message = unreadable_file(self.function_name, argument, error)
            cause = error.__cause__
        except UnencodableError as error:
            if self._is_default(argument, value):
                return _DEFAULT
            message = unhashable(self.function_name, self._written(), argument, error)
            cause = error.__cause__
        except RecursionError:
            deep = UnencodableError("it is nested too deeply")
            deep.trail.append(value)
            message = unhashable(self.function_name, self._written(), argument, deep)
        except UserFunctionError as error:
            told = user_function_failed(self.function_name, f"argument '{argument.name}'", error)
            raise UserHashError(told) from error.__cause__
        # Raised out here, so that the chain of inner errors is not told to the user too.
        raise UnhashableParamError(message) from cause

    def _is_default(self, argument: Argument, value: object) -> bool:
        return any(
            parameter.name == argument.name and parameter.default is value
            for parameter in self.parameters
        )

    def _written(self) -> list[str]:
        """The parameters as the user wrote them."""
        return [_STARS.get(one.kind, "") + one.name for one in self.parameters]


_ALONE: Final = ArgumentKeys("digest", (Parameter("value"),))
"""For one value and no hash functions: it holds nothing of any call."""


def digest(value: object, hash_funcs: HashFuncs | None = None) -> bytes:
    """Digest one value, as it would be as an argument.

    Returns:
        32 bytes, the same for equal values in every process.

    Raises:
        UnhashableParamError: the value cannot be part of a key.
        UserHashError: a hash function or ``__reprise_key__`` failed.

    >>> digest({"b": [1], "a": 2}) == digest({"a": 2, "b": [1]})
    True
    >>> digest(1) == digest(True)
    False
    """
    keys = ArgumentKeys("digest", _ALONE.parameters, hash_funcs) if hash_funcs else _ALONE
    return bytes(keys.digest((value,)))
