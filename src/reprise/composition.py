"""The composition root: rooms are put together here, and functions get their wrappers."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

from reprise import config, errors
from reprise.clocks import SystemClock
from reprise.contracts import Clock
from reprise.engine import runtime as runtimes
from reprise.engine.function import DecoratedFunction, depends_on_more
from reprise.engine.handle import VERBS, Handle
from reprise.engine.methods import CachedClassMethod, CachedMethod
from reprise.engine.outside import Outsides
from reprise.engine.policy import Policy, refuse_unknown_files
from reprise.engine.shape import signature_of
from reprise.engine.tracing import join
from reprise.engine.wrapper import Services, Variant, look_for, make_wrapper
from reprise.envelopes import SharedStore
from reprise.errors import UnsupportedFunctionError
from reprise.hosting import Host
from reprise.hosts import Hosts
from reprise.hosts.terminal import TerminalHost
from reprise.observe.trace import board
from reprise.observe.warn import warn
from reprise.signing import Signer, load_secret


def make_runtime(clock: Clock | None = None) -> runtimes.Runtime:
    """Put a runtime together as the process uses it."""
    clock = clock or SystemClock()
    terminal = TerminalHost(clock)

    def streamlit() -> Host:
        from reprise.hosts.streamlit.host import StreamlitHost

        return StreamlitHost(elsewhere=terminal, clock=clock)

    hosts = Hosts(terminal, {"streamlit": streamlit})
    return runtimes.Runtime(clock, hosts, lambda: config.settings().max_size, make_outsides(clock))


def make_outsides(clock: Clock) -> Outsides:
    """Put together what opens stores outside of the process. None is opened before it is used."""

    def open_store(url: str, signer: Signer, on_trouble: Callable[[str], None]) -> SharedStore:
        from reprise.stores.opening import open_store

        return open_store(url, signer, clock, on_trouble)

    return Outsides(open_store, lambda given: load_secret(given, warn=warn), clock)


def _relate_to_streamlit() -> None:
    from reprise.hosts.streamlit.errors import relate

    relate()


errors.when_loaded("streamlit", _relate_to_streamlit)


def _load_what_stores_need() -> None:
    """Load rooms and libraries for whoever has a store, where programs begin: when they decorate.

    Otherwise the first hit of a process, which may have to serve somebody by then, would wait for
    them, and they take a hundred times as long as the hit. The store is not touched here.
    """
    import importlib.metadata  # noqa: F401
    import sqlite3  # noqa: F401

    with contextlib.suppress(ImportError):  # Windows has none
        import resource  # noqa: F401

    import msgspec  # noqa: F401
    import platformdirs  # noqa: F401

    from reprise.engine import linking, persistence, spelling, stored_keys  # noqa: F401
    from reprise.stores import opening  # noqa: F401
    from reprise.stores.disk import schema  # noqa: F401
    from reprise.values import codecs, envelope, revival  # noqa: F401


def _prepare(function: Callable[..., Any], policy: Policy, runtime: runtimes.Runtime) -> None:
    """Do what the first hit of a function would wait for, where it cannot turn out another way.

    To parse its source and to follow what it names is left to that hit: that costs something for
    each function, and most may never be called. The store's folder is not touched.
    """
    from reprise.keys import foresee
    from reprise.values.headers import DECODER

    DECODER.make()
    foresee(function)
    runtime.outsides.used(policy.persist)


def cached(function: Any, policy: Policy) -> Any:
    """What stands in the place of ``function`` once it is decorated.

    Raises:
        UnsupportedFunctionError: it is nothing that can be cached.
        InvalidSettingError: the environment or a file has a bad setting.
    """
    trace_as_set(config.settings())  # a bad setting is told here, not when a function has run
    if isinstance(function, staticmethod):
        return staticmethod(_wrap(function.__func__, policy))
    if isinstance(function, classmethod):
        return CachedClassMethod(_wrap(function.__func__, policy))
    wrapper = _wrap(function, policy)
    return CachedMethod(wrapper) if _stands_in_a_class(wrapper) else wrapper


def trace_as_set(settings: config.Settings) -> None:
    """Begin or end to print a line a call, as the setting ``trace`` says."""
    board.always(settings.trace)


def _wrap(function: Callable[..., Any], policy: Policy) -> FunctionType:
    _refuse_unsupported(function, policy)
    _check_store(policy)
    runtime = runtimes.current()
    signature = signature_of(function)
    refuse_unknown_files(policy, signature.shape)
    is_async = inspect.iscoroutinefunction(function)
    # What a store has too is handed out for half a second, and then looked for there again.
    stored = policy.storable and (policy.persist or config.settings().store) is not None
    if stored:
        _load_what_stores_need()
        _prepare(function, policy, runtime)
    timed = stored or policy.ttl != float("inf")
    decorated = DecoratedFunction(
        function,
        signature,
        policy,
        runtime,
        relinked=lambda *linked: look_for(wrapper, *linked),
        timed=timed,
    )
    handle = Handle(decorated, is_async=is_async)
    variant = Variant(
        is_async=is_async,
        timed=timed,
        scoped=policy.scoped,
        guarded=depends_on_more(function),
    )
    services = Services(
        get=runtime.store.lookup,
        session=decorated.owner,
        now=runtime.clock.monotonic,
        # By way of the wrapper: what reloads a module may put a new function's attributes there.
        engine=lambda values: vars(wrapper)[_ENGINE](values),  # noqa: PLW0108 - asked anew each time
    )
    name = getattr(function, "__name__", type(function).__name__)
    wrapper = make_wrapper(name, signature, variant, services)
    functools.update_wrapper(wrapper, function)
    join(wrapper, services.get)
    vars(wrapper)[_ENGINE] = handle.engine
    if policy.depends_on or policy.version is not None:
        # For the fingerprints of functions that call this one.
        vars(wrapper)["__reprise_adds__"] = (*policy.depends_on, policy.version)
    for verb in VERBS:
        setattr(wrapper, verb, getattr(handle, verb))
    return wrapper


def _check_store(policy: Policy) -> None:
    """Tell of a setting that names no store now, and not when a function has run."""
    store = config.settings().store
    if policy.storable and policy.persist in (None, True) and isinstance(store, str):
        from reprise.stores.urls import parse_outside_url

        try:
            parse_outside_url(store)
        except errors.InvalidOptionError as error:
            raise errors.InvalidSettingError(
                f"The setting store (by configure(), REPRISE_STORE or a file): {error}"
            ) from error


_ENGINE: Final = "__reprise_engine__"


def _stands_in_a_class(function: FunctionType) -> bool:
    outer = function.__qualname__.rpartition(".")[0]
    return outer != "" and not outer.endswith("<locals>")


def _refuse_unsupported(function: Any, policy: Policy) -> None:
    decorator = f"cache_{policy.kind}"
    if isinstance(function, property):
        raise UnsupportedFunctionError(
            f"@{decorator} got a property. Put @property above it:\n\n"
            f"    @property\n    @{decorator}\n    def name(self): ..."
        )
    name = getattr(function, "__qualname__", None) or repr(function)
    if inspect.isclass(function):
        raise UnsupportedFunctionError(
            f"@{decorator} got the class {name}. Cache a function that makes the object:\n\n"
            f"    @{decorator}\n    def make_{function.__name__.lower()}(...):\n"
            f"        return {function.__name__}(...)"
        )
    if not callable(function):
        raise UnsupportedFunctionError(
            f"@{decorator} decorates functions; it got {function!r}. Options go in by name: "
            f'@{decorator}(ttl="1h").'
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise UnsupportedFunctionError(
            f"{name} is a generator: it can be read only once, so its result cannot be cached. "
            f"Return a list instead:\n\n"
            f"    @{decorator}\n    def {getattr(function, '__name__', 'load')}(...):\n"
            f"        return [item for item in ...]"
        )
