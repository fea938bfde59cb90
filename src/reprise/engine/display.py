"""What the host shows of a call that takes long: a spinner, or how far it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

from reprise.engine.function import DecoratedFunction
from reprise.flights import Flight, leading_depth
from reprise.hosting import Host

Display: TypeAlias = Callable[[Flight], AbstractContextManager[None]]
"""Shows a flight, to who leads it or waits for it, for as long as the context is open."""


def display_of(decorated: DecoratedFunction, host: Host) -> Display:
    """What is shown of the outermost cached function; of those inside it all would only flicker.

    To be asked before the caller leads a flight, and used once.
    """
    policy = decorated.policy
    shown, show_time = policy.show_spinner, policy.show_time
    if leading_depth() > 0 or (shown is False and not policy.show_progress):
        return _nothing
    name = f"Running `{decorated.name}(...)`."
    text = shown if isinstance(shown, str) else name if shown else None
    if policy.show_progress:
        return lambda flight: host.bar(text, show_time, flight.progress)
    spinner = host.spinner(text or "", show_time)
    return lambda _: spinner


def _nothing(_: Flight) -> AbstractContextManager[None]:
    return contextlib.nullcontext()
