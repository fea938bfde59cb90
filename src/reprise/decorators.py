"""The two decorators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, Protocol, TypedDict, TypeVar, Unpack, overload

from reprise import config
from reprise.cached import BoundCachedFunction, CachedFunction
from reprise.composition import cached, make_runtime, trace_as_set
from reprise.config import PersistCodec
from reprise.engine import runtime as runtimes
from reprise.engine.policy import (
    Duration,
    FingerprintMode,
    HashFuncs,
    RefreshMode,
    Scope,
    Size,
    make_policy,
)
from reprise.envelopes import SharedStore

P = ParamSpec("P")
R = TypeVar("R")

runtimes.use(make_runtime())
config.on_change(lambda _: runtimes.current().shrink())
config.on_change(trace_as_set)


class _Decorator(Protocol):
    """A decorator that has got its options already."""

    @overload
    def __call__(self, func: classmethod[Any, P, R]) -> BoundCachedFunction[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, R]) -> CachedFunction[P, R]: ...


class _CommonOptions(TypedDict, total=False):
    ttl: Duration | None
    max_entries: int | None
    max_size: Size | None
    show_spinner: bool | str
    show_time: bool
    show_progress: bool
    hash_funcs: HashFuncs | None
    files: Iterable[str] | None
    depends_on: Sequence[object] | None
    version: object
    fingerprint: FingerprintMode
    scope: Scope
    refresh_mode: RefreshMode
    experimental_allow_widgets: bool


class DataOptions(_CommonOptions, total=False):
    """The options of :data:`reprise.cache_data`."""

    persist: str | bool | SharedStore | None
    persist_codec: PersistCodec | None


class ResourceOptions(_CommonOptions, total=False):
    """The options of :data:`reprise.cache_resource`."""

    validate: Callable[[Any], bool] | None
    on_release: Callable[[Any], object] | None


class CacheData:
    """Cache what a function returns; every caller gets its own copy.

    For data: frames, arrays, numbers, texts, lists, dicts, whatever can be pickled. The first call
    with certain arguments runs the function and keeps a snapshot of what it returned; later calls
    get a restored value of their own, so that no change to it is ever seen by anyone else.

    Works bare (``@cache_data``) and with options, on functions, methods, class and static methods
    and coroutine functions; put it above ``@classmethod``, so that the verbs know the class on
    Python 3.13 too. The decorated function has the verbs ``clear``, ``peek``, ``refresh``,
    ``explain`` and ``cache_info``; ``cache_data.clear()`` clears all functions decorated with it.

    Args:
        func: The function, when used bare.
        ttl: How long a result is served: seconds, a ``timedelta``, or text such as ``"1h30m"``.
            ``None`` means for good.
        max_entries: How many results of this function are kept; ``None`` means no bound.
        max_size: How many bytes they may occupy: a number, or text such as ``"1.5GiB"``.
        show_spinner: Whether a spinner is shown while the function runs, or the text to show.
        show_time: Whether the spinner tells the elapsed time.
        show_progress: Whether the function tells how far it is by :func:`reprise.progress`, which
            is shown as a bar in the spinner's place.
        persist: Where results are kept beyond the process, for all processes that run this code:
            ``"disk"`` or ``True`` for the usual folder, the URL of another place such as
            ``"disk:///var/cache/app?max_size=20GB"``, or a store. ``None`` is as the setting
            ``store`` says, ``False`` nowhere.
        persist_codec: ``"safe"`` refuses values that only pickle can write; ``"auto"`` writes what
            it can in formats that run no code when they are read, and pickles the rest.
        hash_funcs: For types, or their qualified names as text, a function whose result stands for
            the value in the key. Subclasses are matched too. A class's own ``__reprise_key__``
            comes first only where the entry is for a base of the class that defines it.
        files: Names of parameters that are paths of files and count by the content of these too,
            as those annotated with ``reprise.File`` do.
        depends_on: What else the results depend on and the code does not name: functions, classes
            and modules with all that they reach, or data.
        version: Any value; with another one, what was stored before is not found any more.
        fingerprint: ``"full"`` takes the function's code together with the functions, classes and
            constants of your own that it names, across modules; ``"own"`` its own code only.
        scope: ``"session"`` keeps results for each session of the host apart, ``"user"`` for each
            user who is logged in, in all of their sessions.
        refresh_mode: With ``"background"``, a result older than its ttl is served at once, for at
            most one more ttl, while it is computed anew behind. What it displayed is served
            with it, and replaced with it.
        experimental_allow_widgets: Whether widgets inside the function are meant to be there. Their
            values then count as arguments do, and a hit shows them and keeps their state.

    Returns:
        The cached function, with the very signature of ``func``.

    Raises:
        InvalidOptionError: An option has a value that it cannot have.
        UnsupportedFunctionError: What was decorated cannot be cached, such as a generator.

    Calling the cached function raises what the function raises, and besides
    ``UnhashableParamError``, ``UserHashError``, ``UnserializableReturnValueError``,
    ``UnevaluatedDataFrameError``, ``CacheReplayClosureError`` and ``RecursiveCallError``.

    >>> from reprise import cache_data
    >>> @cache_data(ttl="1h", max_entries=100)
    ... def squares(n):
    ...     print("computing")
    ...     return [i * i for i in range(n)]
    >>> squares(4)
    computing
    [0, 1, 4, 9]
    >>> squares(n=4).append("mine alone")
    >>> squares(4)
    [0, 1, 4, 9]
    """

    @overload
    def __call__(self, func: classmethod[Any, P, R]) -> BoundCachedFunction[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, R]) -> CachedFunction[P, R]: ...
    @overload
    def __call__(self, func: None = None, **options: Unpack[DataOptions]) -> _Decorator: ...

    def __call__(
        self,
        func: Any = None,
        *,
        ttl: Duration | None = None,
        max_entries: int | None = None,
        max_size: Size | None = None,
        show_spinner: bool | str = True,
        show_time: bool = False,
        show_progress: bool = False,
        persist: str | bool | SharedStore | None = None,
        persist_codec: PersistCodec | None = None,
        hash_funcs: HashFuncs | None = None,
        files: Iterable[str] | None = None,
        depends_on: Sequence[object] | None = None,
        version: object = None,
        fingerprint: FingerprintMode = "full",
        scope: Scope = "global",
        refresh_mode: RefreshMode = "foreground",
        experimental_allow_widgets: bool = False,
    ) -> Any:
        """Decorate ``func``, or give a decorator with these options."""
        policy = make_policy(
            "data",
            ttl=ttl,
            max_entries=max_entries,
            max_size=max_size,
            show_spinner=show_spinner,
            show_time=show_time,
            show_progress=show_progress,
            persist=persist,
            persist_codec=persist_codec,
            hash_funcs=hash_funcs,
            files=files,
            depends_on=depends_on,
            version=version,
            fingerprint=fingerprint,
            scope=scope,
            refresh_mode=refresh_mode,
            allow_widgets=experimental_allow_widgets,
        )
        return cached(func, policy) if func is not None else lambda func: cached(func, policy)

    def clear(self) -> None:
        """Forget every result of every function decorated with ``cache_data``."""
        runtimes.current().clear("data")

    def __repr__(self) -> str:
        return "reprise.cache_data"


class CacheResource:
    """Cache what a function returns; every caller gets the very same object.

    For connections, models, locks, handles: what must exist once and cannot be copied. What is
    done to it is seen by everyone, so it must be safe to use from several threads.

    Args:
        func: The function, when used bare.
        ttl: How long the object is served: seconds, a ``timedelta``, or text such as ``"1h30m"``.
        max_entries: How many objects of this function are kept; ``None`` means no bound.
        max_size: How many bytes they may occupy (an estimate): a number, or text such as ``"2GB"``.
        show_spinner: Whether a spinner is shown while the function runs, or the text to show.
        show_time: Whether the spinner tells the elapsed time.
        show_progress: Whether the function tells how far it is by :func:`reprise.progress`, which
            is shown as a bar in the spinner's place.
        validate: Called with the object on each hit; when it answers false, the object leaves and
            the function runs again.
        hash_funcs: For types, or their qualified names as text, a function whose result stands for
            the value in the key. Subclasses are matched too. A class's own ``__reprise_key__``
            comes first only where the entry is for a base of the class that defines it.
        files: Names of parameters that are paths of files and count by the content of these too,
            as those annotated with ``reprise.File`` do.
        depends_on: What else the results depend on and the code does not name: functions, classes
            and modules with all that they reach, or data.
        version: Any value; with another one, what was stored before is not found any more.
        fingerprint: ``"full"`` takes the function's code together with the functions, classes and
            constants of your own that it names, across modules; ``"own"`` its own code only.
        on_release: Called exactly once with each object that leaves: evicted, expired, cleared,
            replaced, its session ended, or the interpreter about to exit. Errors in it are logged.
        scope: ``"session"`` gives each session of the host its own object, ``"user"`` each user who
            is logged in.
        refresh_mode: With ``"background"``, an object older than its ttl is served at once, for at
            most one more ttl, while a new one is made behind.
        experimental_allow_widgets: Whether widgets inside the function are meant to be there. Their
            values then count as arguments do, and a hit shows them and keeps their state.

    Returns:
        The cached function, with the very signature of ``func``.

    Raises:
        InvalidOptionError: An option has a value that it cannot have.
        UnsupportedFunctionError: What was decorated cannot be cached, such as a generator.

    >>> import sqlite3
    >>> from reprise import cache_resource
    >>> @cache_resource(on_release=lambda connection: connection.close())
    ... def database(path):
    ...     return sqlite3.connect(path, check_same_thread=False)
    >>> database(":memory:") is database(":memory:")
    True
    """

    @overload
    def __call__(self, func: classmethod[Any, P, R]) -> BoundCachedFunction[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, R]) -> CachedFunction[P, R]: ...
    @overload
    def __call__(self, func: None = None, **options: Unpack[ResourceOptions]) -> _Decorator: ...

    def __call__(
        self,
        func: Any = None,
        *,
        ttl: Duration | None = None,
        max_entries: int | None = None,
        max_size: Size | None = None,
        show_spinner: bool | str = True,
        show_time: bool = False,
        show_progress: bool = False,
        validate: Callable[[Any], bool] | None = None,
        hash_funcs: HashFuncs | None = None,
        files: Iterable[str] | None = None,
        depends_on: Sequence[object] | None = None,
        version: object = None,
        fingerprint: FingerprintMode = "full",
        on_release: Callable[[Any], object] | None = None,
        scope: Scope = "global",
        refresh_mode: RefreshMode = "foreground",
        experimental_allow_widgets: bool = False,
    ) -> Any:
        """Decorate ``func``, or give a decorator with these options."""
        policy = make_policy(
            "resource",
            ttl=ttl,
            max_entries=max_entries,
            max_size=max_size,
            show_spinner=show_spinner,
            show_time=show_time,
            show_progress=show_progress,
            validate=validate,
            hash_funcs=hash_funcs,
            files=files,
            depends_on=depends_on,
            version=version,
            fingerprint=fingerprint,
            on_release=on_release,
            scope=scope,
            refresh_mode=refresh_mode,
            allow_widgets=experimental_allow_widgets,
        )
        return cached(func, policy) if func is not None else lambda func: cached(func, policy)

    def clear(self) -> None:
        """Forget, and release, every object of every function decorated with ``cache_resource``."""
        runtimes.current().clear("resource")

    def __repr__(self) -> str:
        return "reprise.cache_resource"


cache_data = CacheData()
cache_resource = CacheResource()
