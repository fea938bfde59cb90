"""One decorated function: what the engine knows of it."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reprise.contracts import Call, Key
from reprise.engine.group import Code, Group
from reprise.engine.policy import Policy
from reprise.engine.runtime import Runtime
from reprise.engine.shape import Signature
from reprise.engine.wrapper import make_binder

if TYPE_CHECKING:
    from reprise.keys import ArgumentKeys

_STABLE = (
    *(type(None), bool, int, float, complex, str, bytes, frozenset),
    *(type, ModuleType, BuiltinFunctionType),
)


class DecoratedFunction:
    """A function together with its policy, its group and the way to make its keys."""

    __slots__ = (
        "_cells", "_code", "_keys", "_linked", "binder", "function", "group", "name", "policy",
        "relinked", "runtime", "shape",
    )  # fmt: skip

    def __init__(
        self,
        function: Callable[..., Any],
        signature: Signature,
        policy: Policy,
        runtime: Runtime,
        relinked: Callable[[Code], None],
    ) -> None:
        self.function = function
        self.policy = policy
        self.runtime = runtime
        self.relinked = relinked
        self.shape = signature.shape
        qualified: str = getattr(function, "__qualname__", type(function).__qualname__)
        self.name = qualified.rpartition("<locals>.")[2]
        """The function's qualified name, for people."""
        self.binder = make_binder(getattr(function, "__name__", self.name), signature)
        self._keys: ArgumentKeys | None = None
        name = f"{_place(function)}:{qualified}|{policy.identity}"
        self.group = runtime.group(
            name,
            lambda: Group(name, policy.kind, self.name, policy.scoped, policy.bounds),
        )
        # A rerun of a script makes the functions anew: those of the latest run are the user's.
        self.group.on_release = policy.on_release
        self._cells = getattr(function, "__closure__", None) or ()
        self._code: Code | None = None
        self._linked: tuple[Any, ...] = ()

    def link(self) -> Code:
        """The function's code as it is now.

        Computed at the first call, not when decorating: what the function names may be defined
        below it. Computed again when something in its closure may have changed.
        """
        if self._code is None or (self._cells and not self.unchanged()):
            from blake3 import blake3

            from reprise.keys import fingerprint

            self._linked = tuple(_contents(cell) for cell in self._cells)
            digest = blake3()
            for part in fingerprint(self.function).parts:
                # Defaults are in the key already, as arguments; those of excluded parameters, often
                # made anew on each rerun, are in none.
                if not part.name.startswith("default "):
                    digest.update(part.digest)
            for hash_func in self.policy.hash_funcs.values():
                digest.update(fingerprint(hash_func).digest)
            self._code = self.group.code(digest.digest())
            self.relinked(self._code)
        return self._code

    def unchanged(self) -> bool:
        """Whether the closure holds the very objects it was linked with, and they cannot change."""
        return len(self._linked) == len(self._cells) and all(
            _contents(cell) is linked and _is_stable(linked)
            for cell, linked in zip(self._cells, self._linked, strict=True)
        )

    def key(self, values: tuple[Any, ...]) -> Key:
        """The key of a call with these bound values.

        Raises:
            UnhashableParamError: an argument cannot be part of a key.
            UserHashError: a function of the user's that makes key parts failed.
            NoSessionError: the function is cached for each session and there is none.
        """
        code = self.link()
        prefix: tuple[Any, ...] = (code, self.runtime.session()) if self.policy.scoped else (code,)
        keys = self._keys
        if keys is None:
            keys = self._keys = self._make_keys()
        return keys.key(prefix, values)

    def _make_keys(self) -> ArgumentKeys:
        """Made at the first call: that room is large, and many functions are never called."""
        from reprise.keys import ArgumentKeys, Parameter

        parameters = tuple(Parameter(name, kind) for name, kind in self.shape.kinds)
        return ArgumentKeys(self.name, parameters, self.policy.hash_funcs)

    def call(self, values: tuple[Any, ...]) -> Call:
        """The call as a host gets to see it."""
        arguments = dict(zip(self.shape.names, values, strict=True))
        return Call(self.function, arguments, self.policy.allow_widgets)


def _place(function: Callable[..., Any]) -> str:
    """Module and file: the pages of an app are all ``__main__``."""
    code = getattr(function, "__code__", None)
    return f"{getattr(function, '__module__', '')}:{code.co_filename if code else ''}"


_EMPTY = object()


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return _EMPTY


def _is_stable(value: Any) -> bool:
    """Whether what ``value`` contributes to a fingerprint is settled by its identity."""
    if type(value) is FunctionType:
        return value.__closure__ is None
    return value is _EMPTY or isinstance(value, type) or type(value) in _STABLE
