"""The shape of a signature: parameter names and kinds, read once for each decorated function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from reprise.errors import UnsupportedFunctionError


@dataclass(frozen=True, slots=True)
class Shape:
    """Names of the parameters by kind. Two functions of one shape share the generated code."""

    positional_only: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()
    keyword_only: tuple[str, ...] = ()
    var_positional: str | None = None
    var_keyword: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """All but ``*args`` and ``**kwargs``, in the order of the signature."""
        return self.positional_only + self.positional + self.keyword_only

    @property
    def kinds(self) -> tuple[tuple[str, inspect._ParameterKind], ...]:
        """Every parameter with its kind, in the order in which bound values are listed."""
        kind = inspect.Parameter
        listed: list[tuple[str, inspect._ParameterKind]] = [
            (name, kind.POSITIONAL_ONLY) for name in self.positional_only
        ]
        listed += [(name, kind.POSITIONAL_OR_KEYWORD) for name in self.positional]
        if self.var_positional is not None:
            listed.append((self.var_positional, kind.VAR_POSITIONAL))
        listed += [(name, kind.KEYWORD_ONLY) for name in self.keyword_only]
        if self.var_keyword is not None:
            listed.append((self.var_keyword, kind.VAR_KEYWORD))
        return tuple(listed)

    @property
    def names(self) -> tuple[str, ...]:
        """Every parameter's name, in the order of :attr:`kinds`."""
        return tuple(name for name, _ in self.kinds)

    def declaration(self) -> str:
        """The parameter list as source text, without defaults (functions carry those apart)."""
        parts = list(self.positional_only)
        if parts:
            parts.append("/")
        parts += self.positional
        if self.var_positional is not None:
            parts.append("*" + self.var_positional)
        elif self.keyword_only:
            parts.append("*")
        parts += self.keyword_only
        if self.var_keyword is not None:
            parts.append("**" + self.var_keyword)
        return ", ".join(parts)

    def spread(self, values: tuple[Any, ...]) -> tuple[list[Any], dict[str, Any]]:
        """Bound values as ``(args, kwargs)`` to call the function with."""
        count = len(self.positional_only) + len(self.positional)
        args = list(values[:count])
        rest = list(values[count:])
        if self.var_positional is not None:
            args += rest.pop(0)
        kwargs = dict(zip(self.keyword_only, rest, strict=False))
        if self.var_keyword is not None:
            kwargs.update(rest[-1])
        return args, kwargs


def shape_of_code(code: CodeType) -> Shape:
    """Read a function's code object; ten times faster than ``inspect.signature``."""
    names = code.co_varnames
    count, only = code.co_argcount, code.co_posonlyargcount
    after = count + code.co_kwonlyargcount
    var_positional = var_keyword = None
    following = after
    if code.co_flags & inspect.CO_VARARGS:
        var_positional, following = names[following], following + 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        var_keyword = names[following]
    return Shape(names[:only], names[only:count], names[count:after], var_positional, var_keyword)


@dataclass(frozen=True, slots=True)
class Signature:
    """A shape with the defaults that belong to it."""

    shape: Shape
    defaults: tuple[Any, ...] | None
    keyword_defaults: dict[str, Any] | None

    @property
    def by_name(self) -> dict[str, Any]:
        """The defaults by the names of their parameters."""
        positional = self.shape.positional_only + self.shape.positional
        given = self.defaults or ()
        return dict(zip(positional[len(positional) - len(given) :], given, strict=True)) | (
            self.keyword_defaults or {}
        )


def signature_of(function: Callable[..., Any]) -> Signature:
    """Read any callable's signature.

    Raises:
        UnsupportedFunctionError: it has none that can be read (some built-in functions).
    """
    if isinstance(function, FunctionType):
        return _from_function(function)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise UnsupportedFunctionError(
            f"Cannot cache {function!r}: its signature cannot be read ({error}).\n"
            f"Wrap it in a function of your own and decorate that one:\n\n"
            f"    @cache_data\n    def call(x):\n        return ...(x)"
        ) from error
    return _from_parameters(list(parameters))


def _from_function(function: FunctionType) -> Signature:
    """As CPython itself would bind its arguments.

    Decorators copy the defaults of what they wrap to a wrapper of ``(*args, **kwargs)``: CPython
    takes the last of them, as many as there are parameters, and looks others up by name only.
    """
    shape = shape_of_code(function.__code__)
    count = len(shape.positional_only) + len(shape.positional)
    defaults, by_name = function.__defaults__ or (), function.__kwdefaults__ or {}
    return Signature(
        shape,
        defaults[max(len(defaults) - count, 0) :] or None,
        {name: by_name[name] for name in shape.keyword_only if name in by_name} or None,
    )


def _from_parameters(parameters: list[inspect.Parameter]) -> Signature:
    def of_kind(kind: inspect._ParameterKind) -> tuple[str, ...]:
        return tuple(p.name for p in parameters if p.kind is kind)

    var_positional = of_kind(inspect.Parameter.VAR_POSITIONAL)
    var_keyword = of_kind(inspect.Parameter.VAR_KEYWORD)
    shape = Shape(
        of_kind(inspect.Parameter.POSITIONAL_ONLY),
        of_kind(inspect.Parameter.POSITIONAL_OR_KEYWORD),
        of_kind(inspect.Parameter.KEYWORD_ONLY),
        var_positional[0] if var_positional else None,
        var_keyword[0] if var_keyword else None,
    )
    given = [p for p in parameters if p.default is not inspect.Parameter.empty]
    keyword_only = inspect.Parameter.KEYWORD_ONLY
    return Signature(
        shape,
        tuple(p.default for p in given if p.kind is not keyword_only) or None,
        {p.name: p.default for p in given if p.kind is keyword_only} or None,
    )
