"""All settings, and all state of Reprise that is global on their account.

A setting comes from the first of these that has it:

1. ``reprise.configure(...)``
2. the environment: ``REPRISE_`` and the name in capitals, such as ``REPRISE_MAX_SIZE``
3. ``reprise.toml``, or ``[tool.reprise]`` in ``pyproject.toml``: the nearest one, looked for from
   the working directory upwards
4. the default

Nothing is read before it is needed, so that ``import reprise`` touches no file.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypedDict, Unpack

from reprise import forks
from reprise.errors import (
    InvalidDurationError,
    InvalidOptionError,
    InvalidSettingError,
    InvalidSizeError,
)
from reprise.units import parse_duration, parse_size

if TYPE_CHECKING:
    from pathlib import Path  # with what it imports, a tenth of the time to import Reprise

_PREFIX: Final = "REPRISE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force."""

    max_size: float
    """Bytes that all caches of this process may hold together; infinity is no limit."""
    spinner_delay: float
    """Seconds that a function runs before the terminal shows a spinner."""
    trace: bool = False
    """Whether each call of a cached function prints a line to standard error."""
    store: Any = None
    """Where all results of ``cache_data`` are kept beyond the process: a URL, or a store."""
    persist_codec: PersistCodec = "auto"
    """Whether what only pickle can write is kept beyond the process."""
    secret: str | None = field(default=None, repr=False)
    """What entries beyond the process are signed with; ``None`` for a secret of this user's own."""


class Changes(TypedDict, total=False):
    """What :func:`configure` takes."""

    max_size: float | str | None
    spinner_delay: float | str | None
    trace: bool | str
    store: Any
    persist_codec: PersistCodec
    secret: str | None


PersistCodec: TypeAlias = Literal["auto", "safe"]
SHORTEST_SECRET: Final = 16
"""Bytes."""


def parse_persist_codec(value: object) -> PersistCodec:
    """Read how results are written beyond the process.

    Raises:
        InvalidOptionError: it is neither ``"auto"`` nor ``"safe"``.
    """
    if value == "auto":
        return "auto"
    if value == "safe":
        return "safe"
    msg = (
        f"persist_codec must be 'auto' (formats that run no code, and pickle for the rest) or "
        f"'safe' (never pickle), not {value!r}"
    )
    raise InvalidOptionError(msg)


def _parse_store(value: object) -> object:
    if value is None or isinstance(value, str) or hasattr(value, "put"):
        return value
    msg = f"A store is a URL such as 'disk:///var/cache/app?max_size=20GB', not {value!r}"
    raise InvalidOptionError(msg)


def _parse_secret(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value.encode()) < SHORTEST_SECRET:
        # Without the value: a secret, even a bad one, is not for logs.
        msg = (
            f"A secret is a text of at least {SHORTEST_SECRET} bytes. To make one: "
            f'python -c "import secrets; print(secrets.token_hex(32))"'
        )
        raise InvalidOptionError(msg)
    return value


def _quarter_of_memory() -> float:
    from reprise.memory_limit import usable_memory

    return usable_memory() / 4


_SWITCH: Mapping[object, bool] = MappingProxyType(
    {
        **dict.fromkeys((True, "1", "true", "yes", "on"), True),
        **dict.fromkeys((False, "0", "false", "no", "off"), False),
    }
)


def _parse_switch(value: object) -> bool:
    wanted = value.strip().lower() if isinstance(value, str) else value
    if not isinstance(wanted, bool | str) or wanted not in _SWITCH:
        msg = f"Cannot read {value!r} as yes or no: write true or false, or 1 or 0"
        raise InvalidOptionError(msg)
    return _SWITCH[wanted]


@dataclass(frozen=True, slots=True)
class _Setting:
    parse: Callable[[Any], Any]
    default: Callable[[], Any]


_SETTINGS: Mapping[str, _Setting] = MappingProxyType(
    {
        "max_size": _Setting(parse_size, _quarter_of_memory),
        "spinner_delay": _Setting(parse_duration, lambda: 0.3),
        "trace": _Setting(_parse_switch, lambda: False),
        "store": _Setting(_parse_store, lambda: None),
        "persist_codec": _Setting(parse_persist_codec, lambda: "auto"),
        "secret": _Setting(_parse_secret, lambda: None),
    }
)

_Values: TypeAlias = Mapping[str, Any]
Listener: TypeAlias = Callable[[Settings], object]


class _Configuration:
    """The one place where settings are held; the functions below are its public face."""

    def __init__(self) -> None:
        self._changes: _Values = {}
        self._current: Settings | None = None
        self._listeners: tuple[Listener, ...] = ()
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        # Reentrant, for a listener may itself change a setting.
        self._telling = threading.RLock()

    def settings(self) -> Settings:
        current = self._current  # read without the lock: this is asked on every miss
        if current is not None:
            return current
        with self._lock:
            if self._current is None:
                self._current = _resolve(self._changes)
            return self._current

    def configure(self, changes: _Values) -> None:
        with self._lock:
            merged = {**self._changes, **changes}
            # Resolved before anything is changed: an error leaves all as it was.
            self._current, self._changes = _resolve(merged), merged
        self._tell()

    def reset(self) -> None:
        with self._lock:
            self._current, self._changes = None, {}
        self._tell()

    def _tell(self) -> None:
        # Each listener gets what is in force now, not what this thread has set: of two threads that
        # change a setting at once, the later one to get here tells the truth.
        with self._telling:
            for listener in self._listeners:
                listener(self.settings())

    def on_change(self, listener: Listener) -> Callable[[], None]:
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def forget() -> None:
            with self._lock:
                self._listeners = tuple(kept for kept in self._listeners if kept is not listener)

        return forget


def _resolve(changes: _Values) -> Settings:
    values = {**_from_files(), **_from_environment(os.environ), **changes}
    for name, setting in _SETTINGS.items():
        if name not in values:
            values[name] = setting.default()
    return Settings(**values)


def _from_environment(environment: Mapping[str, str]) -> _Values:
    names = {_PREFIX + name.upper(): name for name in _SETTINGS}
    values = {}
    for variable, value in environment.items():
        # An empty variable is how a compose file or a shell takes one back.
        if variable.startswith(_PREFIX) and value.strip():
            name = _known(variable, names, "The environment has")
            values[name] = _parse(name, value, f"The environment variable {variable}")
    return values


def _from_files() -> _Values:
    from pathlib import Path

    try:
        start = Path.cwd()
    except FileNotFoundError:  # the working directory has been removed
        return {}
    for folder in (start, *start.parents):
        for file in (folder / "reprise.toml", folder / "pyproject.toml"):
            table = _table(file)
            if table is not None:
                return _from_table(file, table)
    return {}


def _table(file: Path) -> object:
    """The settings in ``file``, or ``None`` where there is none or it has nothing to say on us."""
    try:
        file.stat()
    except OSError:  # absent, or in a folder that is closed to us
        return None
    import tomllib

    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"Cannot read the settings in {file}: {error}"
        raise InvalidSettingError(msg) from error
    if file.name == "reprise.toml":
        return content
    tool = content.get("tool")
    return tool.get("reprise") if isinstance(tool, dict) else None


def _from_table(file: Path, table: object) -> _Values:
    if not isinstance(table, dict):
        msg = f"[tool.reprise] in {file} is not a table"
        raise InvalidSettingError(msg)
    return _parse_all(table, f"{file} has", lambda key: f"{key} in {file}")


def _parse_all(given: Mapping[str, object], whole: str, part: Callable[[str], str]) -> _Values:
    names = {name: name for name in _SETTINGS}
    for key in given:
        _known(key, names, whole)
    return {key: _parse(key, value, part(key)) for key, value in given.items()}


def _known(key: str, names: Mapping[str, str], where: str) -> str:
    """The setting that ``key`` stands for, ``names`` being how settings are spelled there."""
    if key in names:
        return names[key]
    import difflib  # only when something is wrong

    close = difflib.get_close_matches(key, names, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    msg = f"{where} {key}, which is no setting.{hint} There are: {', '.join(sorted(names))}"
    raise InvalidSettingError(msg)


def _parse(name: str, value: object, where: str) -> Any:
    try:
        return _SETTINGS[name].parse(value)
    except (InvalidDurationError, InvalidSizeError, InvalidOptionError) as error:
        msg = f"{where}: {error}"
        raise InvalidSettingError(msg) from error


_configuration = _Configuration()


def settings() -> Settings:
    """The settings in force; they are read now if nobody has asked before.

    Raises:
        InvalidSettingError: The environment or a file has an unknown setting or a bad value. It is
            raised anew each time until that is mended.
    """
    return _configuration.settings()


def configure(**changes: Unpack[Changes]) -> None:
    """Change settings for this process; what is not named stays as it is.

    >>> configure(max_size="2 GiB")
    >>> settings().max_size
    2147483648.0
    >>> reset()

    Args:
        **changes: ``max_size``: bytes that all caches may hold together, as a number or as
            text such as ``"500MB"``; ``None`` is no limit. ``spinner_delay``: seconds, or text such
            as ``"500 ms"``, that a function runs before the terminal shows a spinner. ``trace``:
            whether each call of a cached function prints a line to standard error. ``store``:
            where the results of all functions of ``cache_data`` are kept beyond the process, as
            ``persist=`` says it for one. ``persist_codec``: as for one function. ``secret``: text
            of at least 16 bytes that signs what is kept there; programs that share a store across
            users or machines need the same.

    Raises:
        InvalidSettingError: A name or a value is not accepted. Nothing is changed then.
    """
    _configuration.configure(
        _parse_all(changes, "configure() was given", lambda key: f"configure({key}=...)")
    )


def reset() -> None:
    """Forget what :func:`configure` changed, and read environment and files anew when needed.

    That is at once where somebody is to be told (:func:`on_change`).

    Raises:
        InvalidSettingError: As for :func:`settings`.
    """
    _configuration.reset()


def on_change(listener: Listener) -> Callable[[], None]:
    """Tell ``listener`` the settings after every change.

    Args:
        listener: Called with the settings in force, in the thread that made the change.

    Returns:
        A function that ends this.
    """
    return _configuration.on_change(listener)
