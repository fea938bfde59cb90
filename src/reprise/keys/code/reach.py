"""All that a piece of code reaches: functions, classes, modules and values, across modules.

What a name stands for joins under that name, once, however many functions use it. So circles (a
function that calls itself, classes that know each other) need no care, and a later miss can say
which of all the names changed.

What the code only changes (a counter, a log) is left out. A value that has no encoding, such as a
connection, counts by the statement that makes it.
"""

from __future__ import annotations

import builtins
import sys
from collections import deque
from collections.abc import Callable, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, Final

from reprise.keys.code import classes, functions
from reprise.keys.code.facts import facts
from reprise.keys.code.made import making_of
from reprise.keys.code.parts import BYTECODE, LeftOut, Part, where
from reprise.keys.code.places import Place, absolute, is_installed_yet, is_own_module, places
from reprise.keys.code.recipe import Recipe, recipe_of
from reprise.keys.code.state import State
from reprise.keys.code.watch import ABSENT, Watch, content_of, is_frozen, is_plain
from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, seal, text
from reprise.keys.identity import identity_of
from reprise.keys.names import short_name, type_name
from reprise.keys.packages import is_installed, is_installed_class, is_standard, version_of
from reprise.keys.walk import Encoders, Walk


class CodeReach:
    """Collects what code reaches; implements ``walk.Reach``.

    Args:
        encoders: What is known of types.
        state: What the code changes itself, where that is known already.
    """

    def __init__(self, encoders: Encoders, state: State | None = None) -> None:
        self.walk = Walk(encoders, self)
        self.state = State() if state is None else state
        self.identify = False
        """Whether objects without an encoding count as the very objects that they are."""
        self._opaque: dict[int, object] = {}
        self._followed: dict[tuple[int, int], tuple[CodeType, dict[str, Any]]] = {}
        self._functions: dict[int, FunctionType] = {}
        self._classes: dict[int, type] = {}
        self._modules: dict[int, ModuleType] = {}
        self._places: dict[tuple[int, str, bool], Place] = {}
        self._values: dict[tuple[int, str], Any] = {}
        self._parts: dict[str, Part] = {}
        self._left_out: dict[str, LeftOut] = {}
        self._as_state: set[tuple[int, str]] = set()
        self._pending: deque[Place | type] = deque()
        self._labels: dict[str, object] = {}
        self._packages: set[str] = set()
        self._mutable: list[tuple[object, bytes]] = []

    # What the walk tells.

    def function(self, function: FunctionType) -> bytes:
        """The encoding of a function; what it names joins for itself."""
        if functions.is_wrapper(function):
            behind = functions.behind(function)
            return frame("wrapper", [self.join(one) for one in behind])
        self.visit(function)
        parts = functions.parts_of(function, self.state)
        return frame(
            "function", [one for name, part in parts for one in (text(name), self.encode(part))]
        )

    def cls(self, cls: type) -> bytes:
        """A reference to a class; its parts join for themselves."""
        if is_installed_class(cls):
            self._package(cls.__module__)
            return frame("type", [text(type_name(cls))])
        if id(cls) not in self._classes:
            self._classes[id(cls)] = cls
            self._pending.append(cls)
        return frame("type", [text(self._label(f"class {type_name(cls)}", cls))])

    def module(self, module: ModuleType) -> bytes:
        """The encoding of a module that is used as a whole, with all that stands in it."""
        name = text(module.__name__)
        if is_installed(module.__name__):
            self._package(module.__name__)
            return frame("module", [name])
        if id(module) not in self._modules:
            self._modules[id(module)] = module
            names = [one for one in list(vars(module)) if not one.startswith("__")]
            for one in (*names, "__getattr__"):
                # As if it led on: of the modules that it imports only the names count.
                self._reach(Place(vars(module), one, ("*",)))
        return frame("module", [name])

    def stand_in(self, value: object, _: UnencodableError) -> bytes:
        """What stands for a value that has no encoding."""
        self._opaque[id(value)] = value
        if self.identify:
            return leaf("identity", identity_of(value))
        return frame("opaque", [self.walk(type(value))])

    # What is collected.

    @property
    def has_opaque(self) -> bool:
        """Whether something without an encoding was met."""
        return bool(self._opaque)

    def join(self, value: object) -> bytes:
        """Encode a value that is a part of the code, and have it watched if it can change."""
        try:
            encoding = self.walk(value)
        except RecursionError:  # nested too deeply
            encoding = self.stand_in(value, UnencodableError())
        if not is_frozen(value) and id(value) not in self._opaque:
            self._mutable.append((value, encoding))
        return encoding

    def join_made(self, value: object) -> bytes:
        """The same for a value that nobody else has, so that only what is in it can change."""
        return self.walk(value) if is_plain(value) else self.join(value)

    def encode(self, part: bytes | functions.Joining | functions.Changing) -> bytes:
        """Encode a part of a function."""
        if isinstance(part, functions.Joining):
            return self.join(part.value)
        if isinstance(part, functions.Changing):
            return self._changing(part)
        return part

    def _changing(self, part: functions.Changing) -> bytes:
        reason = f"it is changed at {part.changed_at}, and nothing is made of it"
        self._leave_out(f"{part.function.__qualname__}.{part.name}", reason)
        kind = type(content_of(functions.cells_of(part.function)[part.name]))
        return leaf("state", type_name(kind).encode())

    def visit(self, function: FunctionType) -> None:
        """Follow a function, and those that it closes over: any of them may change the rest."""
        if id(function) in self._functions:
            return
        self._functions[id(function)] = function
        if functions.is_library(function):
            self._package(function.__globals__.get("__name__", ""))
        else:
            cells = functions.cells_of(function)
            self.follow(function.__code__, function.__globals__, cells)
        for cell in function.__closure__ or ():
            content = content_of(cell)
            if isinstance(content, FunctionType) and not functions.is_wrapper(content):
                self.visit(content)

    def follow(
        self, code: CodeType, namespace: dict[str, Any], cells: Mapping[str, CellType]
    ) -> None:
        """Take up everything that ``code`` names."""
        if (id(code), id(namespace)) in self._followed and not cells:
            return
        self._followed[id(code), id(namespace)] = (code, namespace)
        self.state.note(code, namespace, cells)
        named = facts(code).references
        for name in named.imports:
            full = absolute(name, namespace)
            if full is not None and is_installed_yet(full):
                self._package(full)
        for chain in named.loads:
            for place in places(chain, namespace):
                self._reach(place)

    def _reach(self, place: Place) -> None:
        # A module of the user's that is used as a whole is more than one that leads on.
        key = (*place.key, place.rest == () or not is_own_module(place.value))
        if key not in self._places:
            self._places[key] = place
            self._pending.append(place)

    def complete(self) -> None:
        """Take up what the names stand for, and what that names, until there is no more."""
        while self._pending:
            while self._pending:
                reached = self._pending.popleft()
                if isinstance(reached, Place):
                    self._take_up(reached)
                else:
                    self._take_up_class(reached)
            # What is reached later may turn out to change, or to read, what was taken up before.
            for place in self._places.values():
                changed = self.state.changed_at(place.namespace, place.name)
                if (changed is not None) is not (place.key in self._as_state):
                    self._pending.append(place)
        for package in sorted(self._packages):
            version = version_of(package)
            self._add(f"package {package}", text(version), note=version)

    def watch(self, root: object = None) -> Watch:
        """What can say later whether all of this is still the same.

        Args:
            root: Where the reach began. It need not be watched: only those who hold the cached
                function have it, and not to call it.
        """
        watch = Watch()
        for place in self._places.values():
            if self.state.changed_at(place.namespace, place.name) is None:
                # What was taken up, not what stands there by now: another thread may be faster.
                watch.name(place.namespace, place.name, self._values.get(place.key, place.value))
        for function in self._functions.values():
            if function is not root:
                watch.function(function)
            self._watch_around(function, watch)
        for module in self._modules.values():
            watch.namespace(vars(module), list(vars(module)))
        for cls in self._classes.values():
            watch.namespace(vars(cls), classes.counted(cls))
            watch.bases(cls)
        for value, encoding in self._mutable:
            watch.content(value, self._asker(value, encoding))
        return watch

    def met(self) -> set[int]:
        """The addresses of the functions, classes and modules that were met, which are held."""
        return {*self._functions, *self._classes, *self._modules}

    def recipe(self, function: FunctionType) -> Recipe | None:
        """What a script must make for all of this to hold again, if that can be told."""
        if self._opaque or self._classes or self._modules:
            return None
        changed = [place for place in self._places.values() if place.key in self._as_state]
        others = [place for place in self._places.values() if place.key not in self._as_state]
        return recipe_of(function, others, changed, sorted(self._packages))

    def _watch_around(self, function: FunctionType, watch: Watch) -> None:
        """Watch a function's attributes, and the variables of the functions around it."""
        own = vars(function)
        for name in own:
            if self.state.changed_at(own, name) is None:
                watch.name(own, name, own[name])
        for cell in function.__closure__ or ():
            if self.state.changed_at(cell) is None:
                watch.cell(cell)

    def _asker(self, value: object, encoding: bytes) -> Callable[[], bool]:
        identify = self.identify

        def unchanged() -> bool:
            again = CodeReach(self.walk.encoders, self.state)
            again.identify = identify
            # Functions and classes stand in there by their names: they must be the same ones.
            return again.join(value) == encoding and again.met() <= self.met()

        return unchanged

    def _take_up(self, place: Place) -> None:
        value, name = place.value, self._name(place)
        self._values[place.key] = value
        changed = self.state.changed_at(place.namespace, place.name)
        if changed is not None:
            self._as_state.add(place.key)
            # Not by its content; but what += does and whether it can be appended to counts.
            self._add(name, leaf("state", type_name(type(value)).encode()))
            reason = f"it is changed at {changed}, and nothing is made of it"
            self._leave_out(name.partition(" ")[2], reason)
            return
        self._as_state.discard(place.key)
        self._left_out.pop(name.partition(" ")[2], None)
        if value is ABSENT:
            if not hasattr(builtins, place.name):
                self._add(name, leaf("missing", b""))
        elif is_own_module(value):
            whole = self.join(value) if not place.rest else frame("module", [text(value.__name__)])
            self._add(name if place.rest else f"module {value.__name__}", whole)
        else:
            self._package(type(value).__module__)
            before = len(self._opaque)
            encoding = self.join(value)
            self._add(name, encoding, *_told(value))
            if len(self._opaque) > before:
                odd = short_name(type(next(reversed(self._opaque.values()))))
                self._take_making(place, odd, encoding)

    def _take_making(self, place: Place, kind: str, content: bytes) -> None:
        """Let a name count by the statements that make it too."""
        name, making = self._name(place), making_of(place.name, place.namespace)
        reason = f"a value of type {kind} has no encoding"
        # The first object in this namespace is the one that the statement made.
        made, token = place.namespace.setdefault(_MADE, {}), identity_of(place.value)
        first = made.setdefault(place.name, token) == token
        rebound = leaf("rebound", b"" if first else token)
        if making is None:
            self._add(name, frame("unmade", [content, rebound]))
            self._leave_out(name.partition(" ")[2], f"{reason}; its type counts")
            return
        encoding = frame("made", [leaf("syntax", making.digest), content, rebound])
        note = f"{reason}; it counts by the statement that makes it"
        self._add(name, encoding, where=making.where, note=note)
        self.follow(making.code, place.namespace, {})

    def _take_up_class(self, cls: type) -> None:
        functions_ = (f for one in vars(cls).values() for f in classes.functions_in(one))
        first = next((where(f.__code__) for f in functions_ if not functions.is_library(f)), "")
        label = self._label(f"class {type_name(cls)}", cls)
        self._add(label, classes.encoded(cls, self.join, self.join_made), where=first)

    def _add(self, name: str, encoding: bytes, where: str = "", note: str = "") -> None:
        self._parts[name] = Part(name, seal(encoding), where, note)

    def _leave_out(self, name: str, reason: str) -> None:
        self._left_out[name] = LeftOut(name, reason)

    def _package(self, module: str) -> None:
        package = module.partition(".")[0]
        counts = package not in _UNCOUNTED and not is_standard(module)
        if counts and is_installed_yet(module):
            self._packages.add(package)

    def _name(self, place: Place) -> str:
        if place.namespace is sys.modules:
            return f"import {place.name}"
        label = f"{place.label or place.namespace.get('__name__')}.{place.name}"
        return self._label(f"global {label}", place.namespace)

    def _label(self, label: str, owner: object) -> str:
        """``label``, with a number if another owner has the same (two scripts, two factories)."""
        number, own = 1, label
        while self._labels.setdefault(own, owner) is not owner:
            number += 1
            own = f"{label} ({number})"
        return own

    @property
    def parts(self) -> list[Part]:
        """What has joined so far, by name."""
        return [part for _, part in sorted(self._parts.items())]

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What is named and does not join."""
        return tuple(self._left_out.values())


_MADE: Final = "__reprise_made__"
"""Where the globals of a script remember which objects its statements made."""

_UNCOUNTED: Final = frozenset({"builtins", "reprise"})
"""What is there in any version: Python's own names, and what makes the fingerprint."""


def _told(value: object) -> tuple[str, str]:
    """Where a value stands, and how it counts."""
    while isinstance(value, FunctionType) and functions.is_wrapper(value):
        value = value.__wrapped__  # type: ignore[attr-defined]
    if isinstance(value, ModuleType):
        return "", f"the module {value.__name__}"
    if type(value) in (bool, float) or (type(value) is int and value.bit_length() < 100):
        return "", repr(value)  # not of texts, which may be secret
    if not isinstance(value, FunctionType) or functions.is_library(value):
        return "", ""
    return where(value.__code__), "" if facts(value.__code__).from_source else BYTECODE
