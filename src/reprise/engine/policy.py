"""What a decorator was told, read and checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

from reprise.config import PersistCodec, parse_persist_codec
from reprise.contracts import Bounds
from reprise.engine.shape import Shape
from reprise.errors import InvalidOptionError
from reprise.units import parse_duration, parse_size

Kind: TypeAlias = Literal["data", "resource"]
Scope: TypeAlias = Literal["global", "session", "user"]
_SCOPES: Final[tuple[Scope, ...]] = ("global", "session", "user")
FingerprintMode: TypeAlias = Literal["full", "own"]
RefreshMode: TypeAlias = Literal["foreground", "background"]
HashFuncs: TypeAlias = Mapping[str | type[Any], Callable[[Any], Any]]
Duration: TypeAlias = float | int | timedelta | str
Size: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Policy:
    """How results of one decorated function are kept, read from the decorator's options."""

    kind: Kind
    ttl: float = math.inf
    """Seconds."""
    bounds: Bounds = field(default_factory=Bounds)
    show_spinner: bool | str = True
    show_time: bool = False
    show_progress: bool = False
    hash_funcs: HashFuncs = field(default_factory=dict)
    scope: Scope = "global"
    background: bool = False
    allow_widgets: bool = False
    validate: Callable[[Any], bool] | None = None
    on_release: Callable[[Any], object] | None = None
    fingerprint: FingerprintMode = "full"
    depends_on: tuple[object, ...] = ()
    version: object = None
    files: tuple[str, ...] = ()
    """Parameters that count by the content of the files that they name."""
    persist: Any = None
    """Where results are kept beyond the process: a URL, a store, or ``True`` for the usual place.
    ``None`` is as the setting ``store`` says, ``False`` nowhere."""
    persist_codec: PersistCodec | None = None
    """``None`` is as the setting says."""
    on_result: Callable[[Any], object] | None = None
    """Shown every value that the function returned, before anything is done with it."""

    @property
    def scoped(self) -> bool:
        """Whether each session, or each user, has its own entries."""
        return self.scope != "global"

    @property
    def storable(self) -> bool:
        """Whether its results may be kept beyond the process: data, and not a session's."""
        return self.kind == "data" and self.scope != "session" and self.persist is not False

    @property
    def hashed(self) -> dict[str, Callable[[Any], Any]]:
        """The hash functions by the names of the types that they speak for."""
        return {
            kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}": function
            for kind, function in self.hash_funcs.items()
        }

    @property
    def identity(self) -> str:
        """What must be the same for two decorations of a function to share entries and bounds."""
        return (
            f"{self.kind}|{self.ttl}|{self.bounds.entries}|{self.bounds.size}|{self.scope}|"
            f"{self.background}|{self.allow_widgets}|{self.validate is not None}|"
            f"{self.on_release is not None}|{sorted(self.hashed)}|{sorted(self.files)}|"
            f"{self.persist if isinstance(self.persist, str) else id(self.persist)}"
        )


def make_policy(
    kind: Kind,
    *,
    ttl: Duration | None,
    max_entries: int | None,
    max_size: Size | None,
    scope: str,
    refresh_mode: str,
    **others: Any,
) -> Policy:
    """Check the options of a decorator.

    Raises:
        InvalidOptionError: one has a value that it cannot have.
        InvalidDurationError: ``ttl`` cannot be read.
        InvalidSizeError: ``max_size`` cannot be read.
    """
    seconds = parse_duration(ttl)
    _one_of("scope", scope, _SCOPES)
    _one_of("refresh_mode", refresh_mode, ("foreground", "background"))
    if refresh_mode == "background" and math.isinf(seconds):
        raise InvalidOptionError(
            'refresh_mode="background" refreshes what is older than its ttl, and there is no ttl. '
            'Give one, for example ttl="10 min".'
        )
    for name in ("validate", "on_release"):
        if others.get(name) is not None and not callable(others[name]):
            raise InvalidOptionError(f"{name} must be a function, not {others[name]!r}.")
    if not isinstance(others.get("show_spinner"), (bool, str)):
        raise InvalidOptionError(
            f"show_spinner must be True, False or the text to show, not {others['show_spinner']!r}."
        )
    for name, field_name in (
        ("show_time", "show_time"),
        ("show_progress", "show_progress"),
        ("experimental_allow_widgets", "allow_widgets"),
    ):
        value = others.get(field_name, False)
        if not isinstance(value, bool):
            raise InvalidOptionError(f"{name} must be True or False, not {value!r}.")
    _one_of("fingerprint", others.get("fingerprint", "full"), ("full", "own"))
    if others.get("persist_codec") is not None:
        parse_persist_codec(others["persist_codec"])
    hash_funcs = others.pop("hash_funcs") or {}
    return Policy(
        kind=kind,
        ttl=seconds,
        bounds=Bounds(_entries(max_entries), parse_size(max_size)),
        scope=next(one for one in _SCOPES if one == scope),
        background=refresh_mode == "background",
        hash_funcs=_checked_hash_funcs(hash_funcs),
        depends_on=_checked_dependencies(others.pop("depends_on", None)),
        files=_checked_files(others.pop("files", None)),
        persist=_checked_persist(others.pop("persist", None), scope),
        **others,
    )


def _checked_persist(persist: object, scope: str) -> object:
    if persist is None or persist is False:
        return persist
    if scope == "session":
        raise InvalidOptionError(
            'Sessions end with the process, so with scope="session" nothing can be kept beyond it. '
            'Leave persist out, or use scope="user".'
        )
    if persist is True or persist == "disk":
        return True
    if isinstance(persist, str):
        from reprise.stores.urls import parse_outside_url

        parse_outside_url(persist)
    elif not hasattr(persist, "put"):
        raise InvalidOptionError(
            f'persist must be "disk", the URL of a store such as "disk:///var/cache/app", or a '
            f"store; it is {persist!r}."
        )
    return persist


def _entries(max_entries: object) -> float:
    if max_entries is None:
        return math.inf
    if isinstance(max_entries, bool) or not isinstance(max_entries, int) or max_entries < 0:
        raise InvalidOptionError(
            f"max_entries must be a whole number from 0 up, or None for no bound, "
            f"not {max_entries!r}."
        )
    return max_entries


def _checked_files(files: object) -> tuple[str, ...]:
    names = (files,) if isinstance(files, str) else () if files is None else files
    if not isinstance(names, (list, tuple, set, frozenset)) or not all(
        isinstance(name, str) and name.isidentifier() for name in names
    ):
        raise InvalidOptionError(
            f"files must name parameters whose files count by their content, not {files!r}. "
            f'For one: files=["path"].'
        )
    return tuple(names)


def refuse_unknown_files(policy: Policy, shape: Shape) -> None:
    """Check the names in ``files`` against the function that has them.

    Raises:
        InvalidOptionError: one is no parameter of it, or is left out of the key.
    """
    for name in policy.files:
        if name.startswith("_"):
            raise InvalidOptionError(
                f"files names the parameter {name!r}, whose underscore leaves it out of the key. "
                f"Rename it to {name.lstrip('_')!r}, in the function and in files."
            )
        if name not in shape.names and shape.var_keyword is None:
            raise InvalidOptionError(
                f"files names {name!r}, which is no parameter of the function. "
                f"Its parameters are: {', '.join(shape.names) or 'none'}."
            )


def _checked_dependencies(depends_on: object) -> tuple[object, ...]:
    if depends_on is None:
        return ()
    if not isinstance(depends_on, (list, tuple)):
        raise InvalidOptionError(
            f"depends_on must be a list of what the results depend on, not {depends_on!r}. "
            f"For one thing: depends_on=[{getattr(depends_on, '__name__', '...')}]."
        )
    return tuple(depends_on)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        *others, last = map(repr, allowed)
        raise InvalidOptionError(f"{name} must be {', '.join(others)} or {last}, not {value!r}.")


def _checked_hash_funcs(hash_funcs: HashFuncs) -> HashFuncs:
    if not isinstance(hash_funcs, Mapping):
        raise InvalidOptionError(
            f"hash_funcs must be a dict of types (or their qualified names) and functions, "
            f"not {hash_funcs!r}."
        )
    for kind, function in hash_funcs.items():
        if not isinstance(kind, (str, type)):
            raise InvalidOptionError(
                f"The keys of hash_funcs are types or their qualified names as text; {kind!r} is "
                f"neither. For a type: hash_funcs={{{type(kind).__name__}: function}}."
            )
        if not callable(function):
            raise InvalidOptionError(
                f"hash_funcs[{kind!r}] must be a function that takes the value and returns "
                f"something to put into the key in its place, not {function!r}."
            )
    return dict(hash_funcs)
