"""The two ways to carry out the steps of a call: synchronously, and in a task.

What happens in which order stands once, in :mod:`reprise.engine.steps`, as generators that yield
whenever something takes time: the user's function, or somebody else's flight.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from reprise.flights import Flight


@dataclass(frozen=True, slots=True)
class Run:
    """Run the user's function."""

    function: Callable[..., Any]
    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for a flight that another thread or task leads."""

    flight: Flight


@dataclass(frozen=True, slots=True)
class Raised:
    """What a step, or the whole call, raised instead of returning.

    Handed over as a value: an exception thrown into a generator comes out changed (a
    ``StopIteration`` of the user's would become a ``RuntimeError``).
    """

    error: BaseException


Steps: TypeAlias = "Generator[Run | Wait, Any, Any]"


def drive(steps: Steps) -> Any:
    """Carry out ``steps`` in this thread; returns or raises what they come to."""
    return _conclude(_carry_out(steps))


async def drive_async(steps: Steps) -> Any:
    """Carry out ``steps`` in this task; returns or raises what they come to."""
    return _conclude(await _carry_out_async(steps))


def _carry_out(steps: Steps) -> Any:
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as stop:
            return stop.value
        finally:
            answer = None  # see _conclude: a frame outlives its call in a traceback
        try:
            if isinstance(step, Run):
                answer = step.function(*step.args, **step.kwargs)
            else:
                answer = step.flight.wait()
        except BaseException as error:  # noqa: BLE001 - _conclude raises it
            answer = _raised(error)


async def _carry_out_async(steps: Steps) -> Any:
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as stop:
            return stop.value
        finally:
            answer = None  # see _conclude: a frame outlives its call in a traceback
        try:
            if isinstance(step, Run):
                answer = await step.function(*step.args, **step.kwargs)
            else:
                answer = await step.flight.wait_async()
        except BaseException as error:  # noqa: BLE001 - _conclude raises it
            answer = _raised(error)


def _raised(error: BaseException) -> Raised:
    """``error`` as if it came straight from the step: without the driver's own frame."""
    traceback = error.__traceback__
    return Raised(error.with_traceback(traceback.tb_next if traceback is not None else None))


def _conclude(result: Any) -> Any:
    """Return ``result``, or raise what it holds."""
    if not isinstance(result, Raised):
        return result
    error, context = result.error, result.error.__context__
    try:
        raise error
    finally:
        # What the caller happens to handle was the context already where the error arose.
        error.__context__ = context
        # The traceback holds this frame, and the function's frame those that called it: if one of
        # them held the error too, that would be a cycle, and whatever the frames hold would stay
        # until the next garbage collection.
        del context, error, result
