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
    from reprise.engine.spelling import Spelling
    from reprise.keys import ArgumentKeys

_SETTLED = (
    *(type(None), bool, int, float, complex, str, bytes),
    *(ModuleType, BuiltinFunctionType),
)


class DecoratedFunction:
    """A function together with its policy, its group and the way to make its keys."""

    __slots__ = (
        "_cells", "_code", "_keys", "_linked", "_place", "_signature", "binder", "function",
        "name", "policy", "relinked", "runtime", "settled", "shape",
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
        self._signature = signature
        self._place = f"{_place(function)}:{qualified}|{policy.identity}"
        self._keys: tuple[ArgumentKeys, Spelling | None] | None = None
        self._cells = getattr(function, "__closure__", None) or ()
        self.settled = not self._cells and _is_settled_around_closure(function)
        """Whether its code stays what it is for as long as the function lives."""
        self._code: Code | None = None
        self._linked: tuple[Any, ...] = ()

    @property
    def group(self) -> Group:
        """What it shares with other decorations of the same function."""
        return self.link().group

    def link(self) -> Code:
        """The function's code as it is now.

        Computed at the first call, not when decorating: what the function names may be defined
        below it. Computed again when something that it closes over may have changed.
        """
        if self._code is None or not (self.settled or self.unchanged()):
            from reprise.engine.linking import link

            self._linked = tuple(_contents(cell) for cell in self._cells)
            linked = link(self.function, self._signature, self.policy.hashed)
            self._code = self._group(linked.closure).code(linked.digest)
            self.relinked(self._code)
        return self._code

    def unchanged(self) -> bool:
        """Whether the closure holds the very objects it was linked with, and they cannot change."""
        return (
            len(self._linked) == len(self._cells)
            and _is_settled_around_closure(self.function)
            and all(
                _contents(cell) is linked and _is_settled(linked)
                for cell, linked in zip(self._cells, self._linked, strict=True)
            )
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
        if self._keys is None:
            self._keys = self._make_keys()
        keys, spelling = self._keys
        named = None if spelling is None else spelling.named(values)
        if spelling is not None and named is not None:
            return spelling.keys.key(prefix, named)
        return keys.key(prefix, values)

    def call(self, values: tuple[Any, ...]) -> Call:
        """The call as a host gets to see it."""
        arguments = dict(zip(self.shape.names, values, strict=True))
        return Call(self.function, arguments, self.policy.allow_widgets)

    def _make_keys(self) -> tuple[ArgumentKeys, Spelling | None]:
        """Made at the first call: that room is large, and many functions are never called."""
        from reprise.engine.spelling import spelling_of
        from reprise.keys import ArgumentKeys, Parameter

        hash_funcs = self.policy.hash_funcs
        defaults = self._signature.by_name
        parameters = tuple(
            Parameter(name, kind, defaults[name]) if name in defaults else Parameter(name, kind)
            for name, kind in self.shape.kinds
        )
        return (
            ArgumentKeys(self.name, parameters, hash_funcs),
            spelling_of(self.function, self.shape, self.name, hash_funcs),
        )

    def _group(self, closure: bytes) -> Group:
        policy, name = self.policy, f"{self._place}|{closure.hex()}"

        def make() -> Group:
            return Group(name, policy.kind, self.name, policy.scoped, policy.bounds)

        group = self.runtime.group(name, make, lasting=not closure)
        # A rerun of a script makes the functions anew: those of the latest run are the user's.
        group.on_release = policy.on_release
        return group


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


def _is_settled(value: Any) -> bool:
    """Whether what ``value`` contributes to a fingerprint cannot change while it lives."""
    if type(value) is FunctionType:
        defaults = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
        return (
            value.__closure__ is None
            and all(type(default) in _SETTLED for default in defaults)
            and _is_settled_around_closure(value)
        )
    return value is _EMPTY or isinstance(value, type) or type(value) in _SETTLED


def _is_settled_around_closure(function: Callable[..., Any]) -> bool:
    """Whether nothing else than its closure can change what a function is."""
    if type(function) is not FunctionType:
        return False
    wrapped = getattr(function, "__wrapped__", None)
    return wrapped is None or _is_settled(wrapped)
