"""The two ways to carry out the steps of a call: synchronously, and in a task.

What happens in which order stands once, in :mod:`reprise.engine.steps`, as generators that yield
whenever something takes time: the user's function, or somebody else's flight.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from reprise.contracts import Clock
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
class Do:
    """Do what may take time, and is not the user's: read or write what lies outside."""

    act: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Pause:
    """Let some time pass."""

    clock: Clock
    seconds: float

    def block(self) -> None:
        """Pass it in this thread."""
        condition = threading.Condition()
        with condition:
            self.clock.wait(condition, self.seconds)


Step: TypeAlias = Run | Wait | Do | Pause


@dataclass(frozen=True, slots=True)
class Raised:
    """What a step, or the whole call, raised instead of returning.

    Handed over as a value: an exception thrown into a generator comes out changed (a
    ``StopIteration`` of the user's would become a ``RuntimeError``).
    """

    error: BaseException


Steps: TypeAlias = "Generator[Step, Any, Any]"


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
            answer = _take(step)
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
            answer = await _take_async(step)
        except BaseException as error:  # noqa: BLE001 - _conclude raises it
            answer = _raised(error)


def _take(step: Step) -> Any:
    if isinstance(step, Run):
        return step.function(*step.args, **step.kwargs)
    if isinstance(step, Wait):
        return step.flight.wait()
    return step.act() if isinstance(step, Do) else step.block()


async def _take_async(step: Step) -> Any:
    if isinstance(step, Run):
        return await step.function(*step.args, **step.kwargs)
    if isinstance(step, Wait):
        return await step.flight.wait_async()
    import asyncio  # whoever comes here has it loaded; a plain script should not pay for it

    if isinstance(step, Do):
        return await asyncio.to_thread(step.act)
    return await asyncio.sleep(step.seconds)


def _raised(error: BaseException) -> Raised:
    """``error`` as if it came straight from the step: without the driver's own frames."""
    traceback = error.__traceback__
    for _ in range(2):
        traceback = traceback.tb_next if traceback is not None else None
    return Raised(error.with_traceback(traceback))


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
