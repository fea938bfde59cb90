"""One decorated function: what the engine knows of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from reprise.contracts import Key
from reprise.engine.group import Code, Group
from reprise.engine.policy import Policy
from reprise.engine.runtime import Runtime
from reprise.engine.shape import Signature
from reprise.engine.wrapper import make_binder
from reprise.errors import UnhashableParamError
from reprise.hosting import Call

if TYPE_CHECKING:
    from reprise.engine.persistence import Persistence
    from reprise.engine.spelling import Spelling
    from reprise.keys import ArgumentKeys


class DecoratedFunction:
    """A function together with its policy, its group and the way to make its keys."""

    __slots__ = (
        "_code", "_keys", "_place", "_signature", "binder", "function", "name", "policy",
        "relinked", "runtime", "shape", "timed", "unchanged",
    )  # fmt: skip

    def __init__(
        self,
        function: Callable[..., Any],
        signature: Signature,
        policy: Policy,
        runtime: Runtime,
        relinked: Callable[[Code, Callable[[], bool]], None],
        *,
        timed: bool = True,
    ) -> None:
        self.function = function
        self.policy = policy
        self.runtime = runtime
        self.relinked = relinked
        self.timed = timed
        """Whether its wrapper looks at the clock before it hands out what it finds."""
        self.shape = signature.shape
        qualified: str = getattr(function, "__qualname__", type(function).__qualname__)
        self.name = qualified.rpartition("<locals>.")[2]
        """The function's qualified name, for people."""
        self.binder = make_binder(getattr(function, "__name__", self.name), signature)
        self._signature = signature
        self._place = f"{_place(function)}:{qualified}|{policy.identity}"
        self._keys: tuple[ArgumentKeys, Spelling | None] | None = None
        self._code: Code | None = None
        self.unchanged: Callable[[], bool] = _never
        """Whether the code is still what it was when it was linked."""

    @property
    def group(self) -> Group:
        """What it shares with other decorations of the same function."""
        return self.link().group

    def link(self) -> Code:
        """The function's code as it is now.

        Computed at the first call, not when decorating: what the function names may be defined
        below it. Computed again when something of it may have changed.
        """
        if self._code is None or not self.unchanged():
            from reprise.engine.linking import link

            linked = link(self.function, self._signature, self.policy)
            group = self._group(linked.closure)
            self._code = group.code(linked.digest, linked.parts, linked.left_out)
            self.unchanged = linked.unchanged
            self.relinked(self._code, linked.unchanged)
        return self._code

    def key(self, values: tuple[Any, ...]) -> Key:
        """The key of a call with these bound values.

        Raises:
            UnhashableParamError: an argument cannot be part of a key.
            UserHashError: a function of the user's that makes key parts failed.
            NoSessionError: the function is cached for each session, or user, and there is none.
        """
        code = self.link()
        prefix: tuple[Any, ...] = (code, self.owner()) if self.policy.scoped else (code,)
        if self._keys is None:
            self._keys = self._make_keys()
        keys, spelling = self._keys
        named = None if spelling is None else spelling.named(values)
        if spelling is not None and named is not None:
            return spelling.keys.key(prefix, named)
        return keys.key(prefix, values)

    @property
    def persistence(self) -> Persistence | None:
        """What it keeps outside of the process, if anything."""
        outside = self.runtime.outsides.used(self.policy.persist) if self.policy.storable else None
        if outside is None or outside.rests:
            return None
        from reprise.engine.persistence import Persistence  # late: few functions need it

        return Persistence(self, outside)

    @property
    def owner(self) -> Callable[[], str]:
        """What tells whose entries the calling thread has."""
        runtime = self.runtime
        return runtime.user if self.policy.scope == "user" else runtime.session

    def has_same_files(self, values: tuple[Any, ...], key: Key) -> bool:
        """Whether the files that count by their content are still what they were for ``key``."""
        if self._keys is None or not self._keys[0].files:
            return True
        try:
            return self.key(values) == key
        except UnhashableParamError:  # one of them cannot be read any more
            return False

    def call(self, values: tuple[Any, ...]) -> Call:
        """The call as a host gets to see it."""
        arguments = dict(zip(self.shape.names, values, strict=True))
        return Call(self.function, arguments, self.policy.allow_widgets, self._digest)

    def _digest(self, question: object, value: object) -> bytes:
        from reprise.keys import digest

        try:
            return digest((question, value))
        except UnhashableParamError:
            if not self.policy.hash_funcs:
                raise
        # They were given for arguments. One for str, say, must not make all questions the same.
        return digest((question, digest(value, self.policy.hash_funcs)))

    def _make_keys(self) -> tuple[ArgumentKeys, Spelling | None]:
        """Made at the first call: that room is large, and many functions are never called."""
        from reprise.engine.spelling import argument_keys

        policy = self.policy
        return argument_keys(
            self.function, self._signature, self.name, policy.hash_funcs, policy.files
        )

    def _group(self, closure: bytes) -> Group:
        policy, name = self.policy, f"{self._place}|{closure.hex()}"

        def make() -> Group:
            return Group(name, policy.kind, self.name, policy.scope, policy.bounds)

        group = self.runtime.group(name, make, lasting=not closure)
        # A rerun of a script makes the functions anew: those of the latest run are the user's.
        group.on_release = policy.on_release
        if policy.storable:
            group.name_outside = functools.partial(_name_outside, *_names(self.function), closure)
            group.outside = functools.partial(self.runtime.outsides.used, policy.persist)
        return group


def _place(function: Callable[..., Any]) -> str:
    """Module and file: the pages of an app are all ``__main__``."""
    code = getattr(function, "__code__", None)
    return f"{getattr(function, '__module__', '')}:{code.co_filename if code else ''}"


def _names(function: Callable[..., Any]) -> tuple[str, str, str]:
    """Module, qualified name and file: nothing that keeps the function alive."""
    code = getattr(function, "__code__", None)
    return (
        getattr(function, "__module__", None) or "__main__",
        getattr(function, "__qualname__", type(function).__qualname__),
        code.co_filename if code is not None else "",
    )


def _name_outside(module: str, qualified: str, file: str, closure: bytes) -> str:
    from reprise.engine.stored_keys import stored_group  # late: few functions need it

    return stored_group(module, qualified, file, closure)


def _never() -> bool:
    return False


def depends_on_more(function: Callable[..., Any]) -> bool:
    """Whether anything but its own code can change what a function does.

    A rough answer, given before the function is looked at: names are global names or attributes.
    """
    if type(function) is not FunctionType or hasattr(function, "__wrapped__"):
        return True
    code = function.__code__
    inner = any(isinstance(constant, CodeType) for constant in code.co_consts)
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    plain = all(type(default) in _PLAIN for default in defaults)
    return bool(code.co_names or code.co_freevars) or inner or not plain


_PLAIN = (type(None), bool, int, float, complex, str, bytes)
