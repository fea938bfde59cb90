"""``reprise.cache``: the old catch-all decorator, for apps that still have it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from reprise.composition import cached
from reprise.decorators import cache_data, cache_resource
from reprise.engine.policy import Duration, HashFuncs, make_policy
from reprise.errors import RepriseDeprecationWarning
from reprise.observe.warn import warn


class Cache:
    """Deprecated: use :data:`reprise.cache_data` or :data:`reprise.cache_resource`.

    Works as ``cache_resource`` where ``allow_output_mutation=True`` was given, otherwise as
    ``cache_data``, and warns once for each function, naming the decorator that fits what the
    function really returned.

    Args:
        func: The function, when used bare.
        persist: As in ``cache_data``; without a meaning where every caller gets the same object.
        allow_output_mutation: Whether every caller gets the very same object.
        show_spinner: Whether a spinner is shown while the function runs, or the text to show.
        suppress_st_warning: Ignored; cached functions may display things.
        hash_funcs: As in ``cache_data``.
        max_entries: As in ``cache_data``.
        ttl: As in ``cache_data``.

    Raises:
        InvalidOptionError: An option has a value that it cannot have.

    >>> import warnings
    >>> import reprise
    >>> @reprise.cache
    ... def load():
    ...     return [1, 2]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     load()
    [1, 2]
    >>> "@reprise.cache_data" in str(caught[0].message)
    True
    """

    def __call__(  # noqa: PLR0917 - the old signature
        self,
        func: Callable[..., Any] | None = None,
        persist: str | bool | None = False,
        allow_output_mutation: bool = False,
        show_spinner: bool | str = True,
        suppress_st_warning: bool = False,  # noqa: ARG002 - accepted so that old code runs
        hash_funcs: HashFuncs | None = None,
        max_entries: int | None = None,
        ttl: Duration | None = None,
    ) -> Any:
        """Decorate ``func``, or give a decorator with these options."""

        def decorate(function: Callable[..., Any]) -> Any:
            policy = make_policy(
                "resource" if allow_output_mutation else "data",
                ttl=ttl,
                max_entries=max_entries,
                max_size=None,
                show_spinner=show_spinner,
                hash_funcs=hash_funcs,
                persist=(persist or None) if not allow_output_mutation else None,
                scope="global",
                refresh_mode="foreground",
                on_result=_Hint(function),
            )
            return cached(function, policy)

        return decorate(func) if func is not None else decorate

    def clear(self) -> None:
        """Forget everything that any cached function has kept."""
        cache_data.clear()
        cache_resource.clear()

    def __repr__(self) -> str:
        return "reprise.cache"


class _Hint:
    """Warns at the first result of a function, when it is known what it returns."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._first = threading.Lock()

    def __call__(self, value: Any) -> None:
        if self._first.acquire(blocking=False):
            from reprise.legacy import hint

            warn(hint(self._function, value), RepriseDeprecationWarning)


cache = Cache()
