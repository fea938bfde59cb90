"""Encoders for torch and JAX: data type, shape and the whole content. Devices do not count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, number, stream, text

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def tensor(value: Any, walk: Walk) -> bytes:
    """Class, content, whether gradients are wanted, the gradient, and attributes.

    A tensor that was computed from others that want gradients is refused: the graph behind it is
    an input of every function that goes backward through it, and has no encoding.
    """
    if value.requires_grad and not value.is_leaf:
        raise UnencodableError(
            "it remembers how it was computed, and that has no encoding; .detach() forgets it"
        )
    content = _content(value.detach(), walk)
    gradient = value.grad if value.requires_grad else None
    parts = (value.requires_grad, gradient, dict(vars(value)))
    return frame("tensor", [walk(type(value)), content, *map(walk, parts)])


def _content(value: Any, walk: Walk) -> bytes:
    import torch

    layout = text(str(value.layout))
    shape = frame("shape", [number(size) for size in value.shape])
    if value.is_quantized:
        return frame("quantized", [shape, *_quantized(value, walk)])
    parts = [text(str(value.dtype)), layout, shape]
    if value.layout == torch.strided:
        return frame("strided", [*parts, stream("content", _pieces(value))])
    return frame("sparse", [*parts, *[_content(part, walk) for part in _sparse_parts(value)]])


def _pieces(value: Any) -> Iterator[Any]:
    """Yield the content in C order as bytes; numpy lacks some of the data types."""
    import torch

    if value.device.type == "meta":
        raise UnencodableError("it has no content")
    if value.numel():
        plain = value.resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
        yield plain.view(torch.uint8).numpy().data


def _sparse_parts(value: Any) -> list[Any]:
    import torch

    if value.layout == torch.sparse_coo:
        # Entries for one place are summed by everything that torch offers for reading them.
        value = value.coalesce()
        return [value.indices(), value.values()]
    for outer, inner in (("crow_indices", "col_indices"), ("ccol_indices", "row_indices")):
        if str(value.layout).removeprefix("torch.").startswith(_COMPRESSED[outer]):
            return [getattr(value, outer)(), getattr(value, inner)(), value.values()]
    raise UnencodableError(f"tensors with the layout {value.layout} have no encoding")


_COMPRESSED = {
    "crow_indices": ("sparse_csr", "sparse_bsr"),
    "ccol_indices": ("sparse_csc", "sparse_bsc"),
}


def _quantized(value: Any, walk: Walk) -> list[bytes]:
    scheme = str(value.qscheme())
    if not scheme.startswith("torch.per_tensor"):
        raise UnencodableError(f"tensors quantized {scheme} have no encoding")
    scale = walk((value.q_scale(), value.q_zero_point()))
    return [text(str(value.dtype)), text(scheme), scale, _content(value.int_repr(), walk)]


def module(value: Any, walk: Walk) -> bytes:
    """Class, training or not, parameters, buffers and modules in their order, and attributes.

    Where one parameter stands in two places, that counts as well: training would tell.
    """
    attributes = dict(vars(value))
    attributes.pop("_flat_weight_refs", None)  # where recurrent modules find their parameters
    ordered = [attributes.pop(name, {}) for name in ("_parameters", "_buffers", "_modules")]
    inner = [part for items in ordered for part in (number(len(items)), *_items(items, walk))]
    hooks = {name: attributes.pop(name) for name in [*attributes] if "_hooks" in name}
    parts = (attributes, _renumbered(hooks), _shared(value))
    return frame("module", [walk(type(value)), *inner, *map(walk, parts)])


def _renumbered(hooks: dict[str, dict[int, Any]]) -> dict[str, list[tuple[int, Any]]]:
    """Hooks, numbered within the module: torch counts them through the whole process."""
    numbers = sorted({number for kind in hooks.values() for number in kind})
    return {
        name: [(numbers.index(at), hook) for at, hook in kind.items()]
        for name, kind in hooks.items()
    }


def _items(items: dict[str, Any], walk: Walk) -> list[bytes]:
    return [part for name, item in items.items() for part in (text(name), walk(item))]


def _shared(value: Any) -> list[tuple[str, str]]:
    """Names of parameters that are one object, each with the first name that it has."""
    first: dict[int, str] = {}
    found = []
    for name, parameter in value.named_parameters(remove_duplicate=False):
        known = first.setdefault(id(parameter), name)
        if known != name:
            found.append((known, name))
    return found


def by_name(value: Any, _: Walk) -> bytes:
    """A constant of torch's, such as a data type, whose text is its name."""
    return leaf("torch", f"{type(value).__qualname__} {value}".encode())


def size(value: Any, _: Walk) -> bytes:
    """The shape of a tensor."""
    return frame("Size", [number(length) for length in value])


def generator(value: Any, walk: Walk) -> bytes:
    """The state of a random generator: what it would draw next, and where."""
    return frame("generator", [walk(type(value)), text(str(value.device)), walk(value.get_state())])


def jax_array(value: Any, walk: Walk) -> bytes:
    """Content, and whether the data type gives way to that of others in operations."""
    import jax
    import numpy as np

    if jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key):
        method = str(jax.random.key_impl(value))
        return frame("jax.key", [text(method), walk(jax.random.key_data(value))])

    return frame("jax.Array", [walk(bool(value.weak_type)), walk(np.asarray(value))])
