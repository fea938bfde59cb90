"""Cached functions in classes: descriptors that know the instance a verb is meant for."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any

from reprise.observe.statistics import CacheInfo

if TYPE_CHECKING:
    from reprise.observe.explanation import Explanation


class BoundCachedFunction:  # noqa: D101 - its docstring is the method's
    # A cached method together with its instance, so that obj.method.clear(3) knows both.

    __slots__ = ("__func__", "__self__", "__weakref__")

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.__func__.__doc__

    def __init__(self, function: FunctionType, instance: Any) -> None:
        self.__func__ = function
        self.__self__ = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method."""
        return self.__func__(self.__self__, *args, **kwargs)

    def clear(self, *args: Any, **kwargs: Any) -> None:
        """Forget this instance's result for these arguments; without any, all of the method."""
        if args or kwargs:
            args = (self.__self__, *args)
        self.__func__.clear(*args, **kwargs)  # type: ignore[attr-defined]

    def peek(self, *args: Any, **kwargs: Any) -> Any:
        """As :meth:`Handle.peek`, for this instance."""
        return self.__func__.peek(self.__self__, *args, **kwargs)  # type: ignore[attr-defined]

    def refresh(self, *args: Any, **kwargs: Any) -> Any:
        """As :meth:`Handle.refresh`, for this instance."""
        return self.__func__.refresh(self.__self__, *args, **kwargs)  # type: ignore[attr-defined]

    def explain(self, *args: Any, **kwargs: Any) -> Explanation:
        """As :meth:`Handle.explain`, for this instance."""
        return self.__func__.explain(self.__self__, *args, **kwargs)  # type: ignore[attr-defined,no-any-return]

    def cache_info(self) -> CacheInfo:
        """The figures of the method, over all instances."""
        return self.__func__.cache_info()  # type: ignore[attr-defined,no-any-return]

    @property
    def __signature__(self) -> inspect.Signature:
        signature = inspect.signature(self.__func__)
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    def __getattr__(self, name: str) -> Any:
        # As methods do: names, code, annotations, whatever the user hung on the function.
        if name == "__func__":
            raise AttributeError(name)  # while a copy is being made there is none yet
        return getattr(self.__func__, name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BoundCachedFunction):
            return NotImplemented
        return self.__func__ is other.__func__ and self.__self__ is other.__self__

    def __hash__(self) -> int:
        return hash((id(self.__func__), id(self.__self__)))

    def __repr__(self) -> str:
        return f"<bound cached method {self.__qualname__} of {self.__self__!r}>"


class CachedMethod:
    """A cached function that was defined in the body of a class.

    A plain function would bind as well, but a bound method hands ``clear`` out without its
    instance. Accessed through the class, it is that plain function.
    """

    __slots__ = ("__dict__", "__weakref__", "__wrapped__")

    __reprise_method__ = True
    """As a part of a class it is no more than its function."""

    def __init__(self, function: FunctionType) -> None:
        self.__wrapped__ = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self.__wrapped__
        return BoundCachedFunction(self.__wrapped__, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as it stands, in the body of the class or under ``staticmethod``."""
        return self.__wrapped__(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__":
            raise AttributeError(name)  # while a copy is being made there is none yet
        return getattr(self.__wrapped__, name)

    def __repr__(self) -> str:
        return f"<cached method {self.__qualname__}>"


class CachedClassMethod(CachedMethod):
    """A cached function around a ``classmethod``: it binds the class, whoever asks."""

    __slots__ = ()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return BoundCachedFunction(self.__wrapped__, type(instance) if owner is None else owner)
