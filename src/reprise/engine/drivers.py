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


def _raised(error: BaseException) -> Raised:
    """``error`` as if it came straight from the step: without the driver's own frame."""
    traceback = error.__traceback__
    return Raised(error.with_traceback(traceback.tb_next if traceback is not None else None))


def drive(steps: Steps) -> Any:
    """Carry out ``steps`` in this thread; returns or raises what they come to."""
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as stop:
            result = stop.value
            break
        try:
            if isinstance(step, Run):
                answer = step.function(*step.args, **step.kwargs)
            else:
                answer = step.flight.wait()
        except BaseException as error:  # noqa: BLE001 - raised again below
            answer = _raised(error)
    if isinstance(result, Raised):
        raised, context = result.error, result.error.__context__
        try:
            raise raised
        finally:
            # What the caller happens to handle was the context already where the error arose.
            raised.__context__ = context
            # The traceback holds this frame: if it held the error too, that would be a cycle, and
            # whatever the frames hold would stay until the next garbage collection.
            del answer, context, raised, result
    return result


async def drive_async(steps: Steps) -> Any:
    """Carry out ``steps`` in this task; returns or raises what they come to."""
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as stop:
            result = stop.value
            break
        try:
            if isinstance(step, Run):
                answer = await step.function(*step.args, **step.kwargs)
            else:
                answer = await step.flight.wait_async()
        except BaseException as error:  # noqa: BLE001 - raised again below
            answer = _raised(error)
    if isinstance(result, Raised):
        raised, context = result.error, result.error.__context__
        try:
            raise raised
        finally:
            # What the caller happens to handle was the context already where the error arose.
            raised.__context__ = context
            # The traceback holds this frame: if it held the error too, that would be a cycle, and
            # whatever the frames hold would stay until the next garbage collection.
            del answer, context, raised, result
    return result
