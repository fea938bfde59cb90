from __future__ import annotations

import functools
import inspect

import pytest

from reprise.engine.shape import shape_of_code, signature_of
from reprise.engine.wrapper import make_binder
from reprise.errors import UnsupportedFunctionError


def none(): ...
def positional(a, b=1): ...
def only(a, /, b, *, c, d=2): ...
def variadic(a, *args, k=1, **kwargs): ...
def all_kinds(a, b=1, /, c=2, *args, d, e=3, **kwargs): ...


FUNCTIONS = [none, positional, only, variadic, all_kinds]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_code_object_tells_what_inspect_tells(function):
    parameters = inspect.signature(function).parameters.values()
    assert shape_of_code(function.__code__).kinds == tuple((p.name, p.kind) for p in parameters)


def copies_defaults(wrapper):
    """Does what some decorators do, those of tenacity among them."""
    names = (*functools.WRAPPER_ASSIGNMENTS, "__defaults__", "__kwdefaults__")
    return functools.wraps(all_kinds, names)(wrapper)


@pytest.mark.parametrize(
    ("wrapper", "calls"),
    [
        (lambda *args, **kwargs: (args, kwargs), [((), {}), ((1, 2), {"d": 3})]),
        (lambda x, *args, d, **kwargs: (x, args, d, kwargs), [((), {"d": 3}), ((1,), {"d": 4})]),
        (lambda x, y, *, e: (x, y, e), [((), {}), ((7,), {"e": 8})]),
    ],
)
def test_defaults_that_a_decorator_copied_count_as_they_do_for_python(wrapper, calls):
    function = copies_defaults(wrapper)
    signature = signature_of(function)
    bind = make_binder("function", signature)
    for args, kwargs in calls:
        spread_args, spread_kwargs = signature.shape.spread(bind(*args, **kwargs))
        assert wrapper(*spread_args, **spread_kwargs) == function(*args, **kwargs)
    assert set(signature.by_name) <= {name for name, _ in signature.shape.kinds}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrapped_function_reads_the_same_by_inspection(function):
    assert signature_of(functools.partial(function)) == signature_of(function)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1,), {"d": 4}), ((1, 2, 3, 4, 5), {"d": 6, "x": 7}), ((1, 2), {"c": 3, "d": 4, "e": 5})],
)
def test_bound_values_spread_into_the_same_call(args, kwargs):
    signature = signature_of(all_kinds)
    values = make_binder("all_kinds", signature)(*args, **kwargs)
    spread_args, spread_kwargs = signature.shape.spread(values)
    bound = inspect.signature(all_kinds).bind(*args, **kwargs)
    bound.apply_defaults()
    again = inspect.signature(all_kinds).bind(*spread_args, **spread_kwargs)
    again.apply_defaults()
    assert again == bound
    assert values == tuple(bound.arguments.values())


def test_what_has_no_signature_is_refused_with_a_way_out():
    with pytest.raises(UnsupportedFunctionError, match="function of your own"):
        signature_of(dict.fromkeys if not _has_signature(dict.fromkeys) else type)


def _has_signature(function):
    try:
        inspect.signature(function)
    except ValueError:
        return False
    return True
