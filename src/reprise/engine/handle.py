"""What a user holds: a plain function with ``clear``, ``peek``, ``refresh``, ``explain``, ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reprise.contracts import Key
from reprise.engine.drivers import Steps, drive, drive_async
from reprise.engine.function import DecoratedFunction
from reprise.engine.refresh import refresh_in_task, refresh_in_thread
from reprise.engine.steps import begin, from_start, peek, renew
from reprise.engine.tracing import told
from reprise.observe.statistics import CacheInfo
from reprise.observe.trace import board

if TYPE_CHECKING:
    from reprise.observe.explanation import Explanation


class Handle:
    """The verbs of one cached function; the decorator hangs them on its wrapper."""

    __slots__ = ("_decorated", "_is_async")

    def __init__(self, decorated: DecoratedFunction, *, is_async: bool) -> None:
        self._decorated = decorated
        self._is_async = is_async

    @property
    def engine(self) -> Callable[[tuple[Any, ...]], Any]:
        """What the wrapper calls with bound values when it has no answer itself."""
        decorated = self._decorated
        behind = refresh_in_task if self._is_async else refresh_in_thread

        def traced(values: tuple[Any, ...]) -> tuple[Any, Steps | None]:
            return None, told(decorated, values, from_start(decorated, values, behind))

        def engine(values: tuple[Any, ...]) -> Any:
            value, steps = traced(values) if board.listening else begin(decorated, values, behind)
            return value if steps is None else drive(steps)

        async def engine_async(values: tuple[Any, ...]) -> Any:
            value, steps = traced(values) if board.listening else begin(decorated, values, behind)
            return value if steps is None else await drive_async(steps)

        return engine_async if self._is_async else engine

    def clear(self, *args: Any, **kwargs: Any) -> None:
        """Forget the result for these arguments; without any, every result of this function.

        A computation that is under way meanwhile does not put the old value back. With
        ``scope="session"`` this is about the calling session, when there is one, and with
        ``scope="user"`` about its user.
        """
        decorated = self._decorated
        runtime, group = decorated.runtime, decorated.group
        if args or kwargs:
            runtime.clear_call(self._key(args, kwargs))
        else:
            runtime.clear_group(group, session=runtime.owner_if_any(group))

    def peek(self, *args: Any, **kwargs: Any) -> Any:
        """The value that a call with these arguments would be served, or ``reprise.MISSING``.

        Never runs the function, displays nothing, asks no ``validate`` and counts no hit.
        """
        return peek(self._decorated, self._decorated.binder(*args, **kwargs))

    def refresh(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function now and keep what it returns, whatever was stored before.

        When it raises, what was stored stays. For a coroutine function this is to be awaited.
        """
        decorated, values = self._decorated, self._decorated.binder(*args, **kwargs)
        steps = renew(decorated, values)
        if board.listening:
            steps = told(decorated, values, steps, "refresh() asked for it")
        return drive_async(steps) if self._is_async else drive(steps)

    def explain(self, *args: Any, **kwargs: Any) -> Explanation:
        """Say whether a call with these arguments would hit, and why not.

        Never runs the function, displays nothing, asks no ``validate`` and counts no hit. Arguments
        that cannot make a key are a reason, too; nothing is raised for them.
        """
        from reprise.engine.explaining import explain  # late: nobody waits for it to load

        return explain(self._decorated, self._decorated.binder(*args, **kwargs))

    def cache_info(self) -> CacheInfo:
        """Hits, misses, entries, bytes and seconds saved so far."""
        decorated = self._decorated
        group = decorated.group
        return group.info([entry for _, entry in decorated.runtime.store.entries(group.name)])

    def _key(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Key:
        return self._decorated.key(self._decorated.binder(*args, **kwargs))


VERBS = ("clear", "peek", "refresh", "explain", "cache_info")
