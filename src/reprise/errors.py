"""Everything that Reprise raises or warns with.

RepriseError
+-- UnhashableParamError            an argument cannot be part of a key
+-- UserHashError                   a function of the user's that makes key parts failed
+-- UnserializableReturnValueError  cache_data cannot take a snapshot of the value
+-- UnevaluatedDataFrameError       the value is a query, not its result
+-- CacheReplayClosureError         something was displayed where no later call can find it
+-- RecursiveCallError              a computation waits for itself
+-- NoSessionError                  scope="session" where no host knows a session
|   +-- NoUserError                 scope="user" where nobody is logged in
+-- InvalidDurationError            a ttl that cannot be read            (also ValueError)
+-- InvalidSizeError                a max_size that cannot be read       (also ValueError)
+-- InvalidOptionError              a decorator's option has a bad value (also ValueError)
+-- InvalidSettingError             a setting unknown or unreadable      (also ValueError)
+-- UnsupportedFunctionError        what was decorated cannot be cached  (also TypeError)
+-- StoreError                      a store outside of the process cannot be used now

RepriseWarning (UserWarning)
+-- CachedWidgetWarning             a widget inside a cached function
+-- ManyBranchesWarning             very many results for the same arguments, by what is read inside
+-- NotKeptWarning                  a value larger than its bounds was not kept
+-- RefreshFailedWarning            a refresh in the background failed
+-- RepeatedMissWarning             a function never hits, for one thing differs each time
+-- RestoreFailedWarning            an entry could not be restored and was computed again
+-- StoreWarning                    a store outside of the process has trouble, or a bad entry
+-- SecretWarning                   the secret that entries are signed with cannot be kept
+-- HostWarning                     the host is not as expected; something works less well
RepriseDeprecationWarning (FutureWarning)   reprise.cache, the old catch-all

Where a library is loaded whose users catch errors of its own for the same things, such as
Streamlit, ours become subclasses of those as well (see ``docs/decisions/0013-errors.md``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, Self

_AWAITED: Final[dict[str, Callable[[], None]]] = {}
"""For top-level modules that may be loaded some day: what is to be done before our next error."""


def when_loaded(library: str, act: Callable[[], None]) -> None:
    """Let ``act`` be called before the first error that is made while ``library`` is loaded.

    Args:
        library: A top-level module. It is never imported for this.
        act: What to do. Threads may do it at the same time, and it is not done again afterwards.
    """
    _AWAITED[library] = act


def _do_what_is_awaited() -> None:
    for library, act in list(_AWAITED.items()):
        if library in sys.modules:
            act()
            # Afterwards: an error of another thread is not to be raised while this is half done.
            _AWAITED.pop(library, None)


class RepriseError(Exception):
    """The root of all errors that Reprise itself raises."""

    def __new__(cls, *args: Any) -> Self:
        """Make one, of the kind that may be caught by now."""
        # Whoever can catch an error by its relation to a library's has loaded that library by now.
        _do_what_is_awaited()
        return super().__new__(cls, *args)


class UnhashableParamError(RepriseError):
    """An argument cannot be part of a key."""


class UserHashError(RepriseError):
    """A function of the user's that makes a part of a key raised; its error is the cause."""


class UnserializableReturnValueError(RepriseError):
    """``cache_data`` cannot take a snapshot of what the function returned."""


class UnevaluatedDataFrameError(RepriseError):
    """The function returned a query that has not run yet, instead of its result."""


class CacheReplayClosureError(RepriseError):
    """The function displayed something in a container that a later call could not find."""


class RecursiveCallError(RepriseError):
    """A computation asks for the very key that it is computing, and would wait for itself."""


class NoSessionError(RepriseError):
    """A function cached for each session was called where there is no session."""


class NoUserError(NoSessionError):
    """A function cached for each user was called where nobody is logged in."""


class InvalidDurationError(RepriseError, ValueError):
    """A duration that cannot be read."""


class InvalidSizeError(RepriseError, ValueError):
    """A size that cannot be read."""


class InvalidOptionError(RepriseError, ValueError):
    """An option of a decorator, or what another function was given, is nothing that it can be."""


class InvalidSettingError(RepriseError, ValueError):
    """A setting that does not exist, or whose value or file cannot be read."""


class UnsupportedFunctionError(RepriseError, TypeError):
    """What was decorated cannot be cached."""


class StoreError(RepriseError):
    """A store outside of the process cannot be used now; the cause says what it answered."""


class RepriseWarning(UserWarning):
    """The root of all warnings that Reprise itself gives."""

    def __new__(cls, *args: Any) -> Self:
        """Make one, of the kind that may be caught by now."""
        _do_what_is_awaited()
        return super().__new__(cls, *args)


class CachedWidgetWarning(RepriseWarning):
    """A widget stands inside a cached function."""


class ManyBranchesWarning(RepriseWarning):
    """What a function reads while it runs has so many values that it has very many results."""


class NotKeptWarning(RepriseWarning):
    """A value larger than its bounds was returned and not kept."""


class RefreshFailedWarning(RepriseWarning):
    """A refresh in the background failed; the old value is served until it expires."""


class RepeatedMissWarning(RepriseWarning):
    """A function missed many times in a row because one thing that looks the same never was."""


class RestoreFailedWarning(RepriseWarning):
    """A stored value could not be restored; it was dropped and is computed again."""


class StoreWarning(RepriseWarning):
    """A store outside of the process has trouble, or an entry in it that cannot be trusted."""


class SecretWarning(RepriseWarning):
    """The secret that entries are signed with cannot be kept: they are of no use later."""


class HostWarning(RepriseWarning):
    """The host is not as expected, and something works less well than it could."""


class RepriseDeprecationWarning(FutureWarning):
    """The old catch-all decorator was used."""
