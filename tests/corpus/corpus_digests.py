"""Digests of all sides of all pairs, printed as JSON: ``python corpus_digests.py``.

It needs no test library, so that any interpreter that has reprise and blake3 can run it.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

from corpus_pairs import Pair, Topic, read_topics

from reprise.keys import digest, fingerprint

Sides: TypeAlias = dict[str, list[str]]
"""By the reason of each pair: a text for each of its sides, equal for what is one key."""

PRELUDE: Final = """
import array, base64, collections, copy, dataclasses, datetime as dt, decimal, enum, fractions
import functools, io, ipaddress, itertools, math, operator, os, pathlib, random, re, string
import struct, sys, tempfile, types, typing, uuid, zoneinfo
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType, SimpleNamespace
"""

_NUMBERS: Final = count()


class Bench:
    """Where modules are written and loaded, for as long as their objects are looked at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def module(self, name: str, source: str) -> ModuleType:
        """Write and load a module anew, under a name that an earlier one may have had."""
        folder = self._folder / f"{next(_NUMBERS)}"
        folder.mkdir()
        first, *others = re.split(r"^#### (\w+)\n", source, flags=re.MULTILINE)
        for other, text in zip(others[::2], others[1::2], strict=True):
            self._load(folder, other, text)
        return self._load(folder, name, first)

    def _load(self, folder: Path, name: str, source: str) -> ModuleType:
        path = folder / f"{name}.py"
        path.write_text(source, "utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    def run(self, source: str) -> ModuleType:
        """What a rerun of an app or a reload does: the same module once more, maybe edited."""
        return self.module("rerun", source)

    def evaluate(self, expression: str, namespace: dict[str, Any]) -> Any:
        """Evaluate an expression whose source can be found."""
        path = self._folder / f"{next(_NUMBERS)}.py"
        path.write_text(expression, "utf-8")
        return eval(compile(expression, str(path), "eval", dont_inherit=True), namespace)

    def setting(self, topic: Topic) -> dict[str, Any]:
        """The namespace in which a topic's expressions are evaluated."""
        module = self.module(f"corpus_{topic.name}", PRELUDE + topic.setup)
        module.run = self.run
        return vars(module)


@contextmanager
def bench() -> Iterator[Bench]:
    """A bench in a folder of its own, which goes away with the modules written into it."""
    before = set(sys.modules)
    with tempfile.TemporaryDirectory(prefix="corpus") as folder:
        try:
            yield Bench(Path(folder).resolve())
        finally:
            for name in set(sys.modules) - before:
                if str(getattr(sys.modules[name], "__file__", None)).startswith(folder):
                    del sys.modules[name]


@dataclass(frozen=True, slots=True)
class Cache:
    """What is asked: Reprise, or a peer."""

    package: str
    """Has ``cache_data`` and ``cache_resource``."""
    value_key: Callable[[Any], str]
    code_key: Callable[[Callable[..., Any]], str]

    def sides_of(self, topic: Topic, place: Bench) -> Sides:
        """What tells the sides of each pair of a topic, by the keys of this cache."""
        if topic.kind == "code":
            return _each(topic, lambda side: self.code_key(place.module("subject", side).load))
        source = f"from {self.package} import cache_data, cache_resource"
        decorators = place.module("corpus_decorators", source)
        namespace = place.setting(topic)
        if topic.kind == "calls":
            return _calls(topic, lambda side: place.evaluate(side, namespace), decorators)
        return _each(topic, lambda side: self.value_key(place.evaluate(side, namespace)))

    def all_sides(self) -> dict[str, Sides]:
        """The sides of every topic whose libraries are there."""
        with bench() as place:
            return {
                topic.name: self._judged(topic, place)
                for topic in read_topics()
                if not topic.missing
            }

    def _judged(self, topic: Topic, place: Bench) -> Sides:
        try:
            return self.sides_of(topic, place)
        except Exception as error:  # noqa: BLE001 - a setup that fails, fails each of its pairs
            return {pair.why: [told(error)] * 2 for pair in topic.pairs}


REPRISE: Final = Cache(
    "reprise",
    value_key=lambda value: digest(value).hex(),
    code_key=lambda function: fingerprint(function).digest.hex(),
)


def _calls(topic: Topic, evaluate: Callable[[str], Any], decorators: ModuleType) -> Sides:
    sides = {}
    for pair in topic.pairs:
        decorators.cache_data.clear()
        decorators.cache_resource.clear()
        results = both(pair, lambda side: str(evaluate(side)))
        # The results are random; which is the first one is not.
        sides[pair.why] = [
            result if result.startswith("raises") else f"result {results.index(result)}"
            for result in results
        ]
    return sides


def _each(topic: Topic, make: Callable[[str], str]) -> Sides:
    return {pair.why: both(pair, make) for pair in topic.pairs}


def both(pair: Pair, make: Callable[[str], str]) -> list[str]:
    """Make the texts of a pair's sides, or tell what went wrong: that pair has failed."""
    texts = []
    for side in (pair.one, pair.other):
        try:
            texts.append(make(side))
        except Exception as error:  # noqa: BLE001 - the pair's test shows it
            texts.append(told(error))
    return texts


def told(error: Exception) -> str:
    """What stands for a side that could not be judged."""
    return f"raises {type(error).__name__}: {' '.join(str(error).split())[:200]}"


if __name__ == "__main__":
    json.dump(REPRISE.all_sides(), sys.stdout)
