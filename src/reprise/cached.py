"""The types of what the decorators return, for type checkers and for readers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from reprise.contracts import Missing
from reprise.observe.explanation import Explanation
from reprise.observe.statistics import CacheInfo

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
Q = ParamSpec("Q")
S = TypeVar("S")
T = TypeVar("T")
S_contra = TypeVar("S_contra", contravariant=True)


class BoundCachedFunction(Protocol[P, R_co]):
    """What every cached function can do; this alone is a cached method of one instance."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function, or be answered from the cache."""
        ...

    def clear(self, *args: Any, **kwargs: Any) -> None:
        """Forget the result for these arguments; without any, every result of the function."""
        ...

    @overload
    def peek(
        self: BoundCachedFunction[Q, Coroutine[Any, Any, T]], *args: Q.args, **kwargs: Q.kwargs
    ) -> T | Missing: ...
    @overload
    def peek(self, *args: P.args, **kwargs: P.kwargs) -> R_co | Missing: ...
    def peek(self, *args: Any, **kwargs: Any) -> Any:
        """The value that a call would be served, or ``MISSING``; never runs the function."""
        ...

    def refresh(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run the function now and keep what it returns; to be awaited if the function is."""
        ...

    def explain(self, *args: P.args, **kwargs: P.kwargs) -> Explanation:
        """Whether a call would hit, and why not; never runs the function."""
        ...

    def cache_info(self) -> CacheInfo:
        """Hits, misses, entries, bytes and seconds saved so far."""
        ...


class _Method(Protocol[S_contra, Q, R_co]):
    """A function seen as what takes an instance, or a class, first.

    As the type of ``self`` it makes mypy compare that first parameter with what is bound, which
    ``CachedFunction[Concatenate[S, Q], R]`` does not.
    """

    def __call__(self, first: S_contra, /, *args: Q.args, **kwargs: Q.kwargs) -> R_co: ...


class CachedFunction(BoundCachedFunction[P, R_co], Protocol[P, R_co]):
    """A cached function or, in a class, a cached method."""

    __name__: str
    __qualname__: str
    __wrapped__: Callable[..., Any]

    # With ``@classmethod`` on either side of the decorator: bound to the class.
    @overload
    def __get__(
        self: _Method[type[S], Q, T], instance: S | None, owner: type[S], /
    ) -> BoundCachedFunction[Q, T]: ...
    # A method, asked for at the class.
    @overload
    def __get__(self, instance: None, owner: Any, /) -> CachedFunction[P, R_co]: ...
    # A method of an instance.
    @overload
    def __get__(
        self: _Method[S, Q, T], instance: S, owner: Any, /
    ) -> BoundCachedFunction[Q, T]: ...
    # With ``@staticmethod`` nothing is bound.
    @overload
    def __get__(self, instance: object, owner: Any, /) -> CachedFunction[P, R_co]: ...
