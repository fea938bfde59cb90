"""The example apps twice: in a world that caches, and in one whose decorators do nothing.

An app and the modules beside it import ``cache_data`` and ``cache_resource`` of ``reprise``. A
world is what they find under these names, with all of the example's own modules imported anew.

What must be one object cannot be made anew by an oracle: its ``cache_resource`` runs the function
each time, for what it displays, and gives the first object as long as that is valid.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from differential import After, Session, Step, lines, through
from streamlit.proto.Delta_pb2 import Delta

import reprise

LATER = 2
"""How many of the steps the second session takes."""

PASSING = {
    r"took \d+\.\d\d s": "the time that a run took",
    r"computed for it: \d+": "how many functions ran, which is what caching changes",
    r"\d\d:\d\d:\d\d": "the time of day at which a result was made",
    r"looked up on [\w ]+:\d\d UTC": "the minute in which the data was looked at",
    r"\d+\.\d+ ms": "the time that a hit took",
    r"(?<=number in memory: )\d+": "where an object stands in memory",
    r"(?<= at 0x)[0-9a-f]+": "where an object stands in memory",
}
"""What two runs of any app differ in, with the reason."""


class Plain:
    """A function as it is, with the methods of a cached one."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def peek(self, *_: Any, **__: Any) -> Any:
        """Nothing is kept."""
        return reprise.MISSING

    def cache_info(self) -> Any:
        """Nothing is kept."""
        return SimpleNamespace(entries=0, bytes=0, hits=0)

    def clear(self, *_: Any, **__: Any) -> None:
        """Nothing is kept."""


@dataclass(slots=True)
class Kept:
    """The objects of one function, for as long as its world lasts: scripts are run anew."""

    objects: dict[Any, Any] = field(default_factory=dict)
    release: Callable[[Any], Any] = id

    def clear(self) -> None:
        """Give them all back."""
        for each, _ in self.objects.values():
            self.release(each)
        self.objects.clear()


class One(Plain):
    """A function of which the first object for the arguments that count is given out again."""

    def __init__(self, function: Any, kept: Kept, **options: Any) -> None:
        super().__init__(function)
        self._kept = kept
        self._valid = options.get("validate") or (lambda _: True)
        self._kept.release = options.get("on_release") or (lambda _: None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self._function).bind(*args, **kwargs).arguments
        # An unhashable argument is known as the object that it is, and stays alive as one.
        counting = [value for name, value in bound.items() if not name.startswith("_")]
        key = tuple(value if value.__hash__ else id(value) for value in counting)
        new = super().__call__(*args, **kwargs)
        first, _ = self._kept.objects.get(key, (None, None))
        if first is not None and self._valid(first):
            self._kept.release(new)
            return first
        self._kept.objects[key] = (new, counting)
        return new

    def clear(self, *_: Any, **__: Any) -> None:
        """Make a new one next time."""
        self._kept.clear()


class Decorator:
    """What an app finds as a decorator of Reprise's.

    Args:
        make: Decorates a function, given the options too.
        clear: Forgets all that it gave.
    """

    def __init__(self, make: Callable[..., Any], clear: Callable[[], None]) -> None:
        self._make = make
        self.clear = clear

    def __call__(self, function: Any = None, **options: Any) -> Any:
        if function is None:
            return functools.partial(self, **options)
        return self._make(function, **options)


def doing_nothing() -> tuple[Decorator, Decorator]:
    """The decorators of the oracle."""
    kept: defaultdict[str, Kept] = defaultdict(Kept)

    def one(function: Any, **options: Any) -> One:
        return One(function, kept[function.__qualname__], **options)

    def clear() -> None:
        for each in kept.values():
            each.clear()

    return Decorator(lambda function, **_: Plain(function), lambda: None), Decorator(one, clear)


def caching() -> tuple[Decorator, Decorator]:
    """Our own decorators, without spinners: in old releases of Streamlit each takes a place."""

    def quiet(decorator: Any) -> Decorator:
        def make(function: Any, **options: Any) -> Any:
            return decorator(**{**options, "show_spinner": False, "show_time": False})(function)

        return Decorator(make, decorator.clear)

    return quiet(reprise.cache_data), quiet(reprise.cache_resource)


@dataclass(frozen=True, slots=True)
class Example:
    """An example app, and what is done with it.

    Args:
        script: Its file.
        steps: The interactions.
        prepare: Replaces what shows how the cache is doing; called after the app's own modules
            were thrown away, with pytest's ``monkeypatch``.
        passing: What this app shows besides :data:`PASSING` that is another thing without a cache,
            with the reason.
    """

    script: Path
    steps: Sequence[Step]
    prepare: Callable[[pytest.MonkeyPatch], None]
    passing: dict[str, str]


def world(
    example: Example,
    decorators: Callable[[], tuple[Decorator, Decorator]],
    open_file: Callable[[Path], Any],
) -> list[list[str]]:
    """What two sessions see, one after the other, after each step; the second takes fewer.

    Args:
        example: The app.
        decorators: Makes the decorators.
        open_file: The fixture of that name.
    """
    passing = [re.compile(each) for each in {**PASSING, **example.passing}]

    def told(content: bytes) -> str:
        delta = Delta.FromString(content)
        _spell_tables(delta)
        text = str(delta)
        for each in passing:
            text = each.sub("...", text)
        return text

    def seen(after: After) -> list[str]:
        state = {key: re.sub(r"0x[0-9a-f]+", "...", text) for key, text in after.state.items()}
        return lines(After(after.page, state), told)

    reprise.cache.clear()
    with pytest.MonkeyPatch.context() as patch, _fresh(example.script.parent, patch):
        data, resource = decorators()
        patch.setattr(reprise, "cache_data", data)
        patch.setattr(reprise, "cache_resource", resource)
        patch.setattr(reprise, "install", lambda: _install(patch, data, resource))
        example.prepare(patch)
        steps = (example.steps, example.steps[:LATER])
        passes = [through(Session(open_file(example.script)), each) for each in steps]
        data.clear()
        resource.clear()
    reprise.cache.clear()
    return [seen(after) for one in passes for after in one]


def _spell_tables(message: Any) -> None:
    """Replace Arrow's messages by what they hold.

    The rows that ``head`` leaves may bring along the memory of the whole column or only their own.
    """
    for known, value in message.ListFields():
        if known.type == known.TYPE_BYTES and value.startswith(b"\xff\xff\xff\xff"):
            table = pa.ipc.open_stream(value).read_all()
            setattr(message, known.name, f"{table.schema}\n{table.to_pydict()}".encode())
        elif known.type == known.TYPE_MESSAGE:
            for inner in (value,) if hasattr(value, "ListFields") else value:
                if hasattr(inner, "ListFields"):
                    _spell_tables(inner)


def _install(patch: pytest.MonkeyPatch, data: Decorator, resource: Decorator) -> None:
    import streamlit

    patch.setattr(streamlit, "cache_data", data)
    patch.setattr(streamlit, "cache_resource", resource)
    # The old catch-all is ours in both worlds: what it says belongs to the page.
    patch.setattr(streamlit, "cache", reprise.cache, raising=False)


@contextmanager
def _fresh(directory: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the modules beside an app be imported anew, and be gone afterwards."""
    patch.syspath_prepend(directory)
    own = {path.stem for path in directory.glob("*.py")}
    hidden = {name: sys.modules.pop(name) for name in own if name in sys.modules}
    try:
        yield
    finally:
        for name in own:
            sys.modules.pop(name, None)
        sys.modules.update(hidden)
