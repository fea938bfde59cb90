"""Encoder for scipy's search trees: points, how they were divided, and boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprise.keys.framing import frame

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_FIELDS: Final = 9
"""Words of eight bytes that a node has on a machine of 64 bits."""
_ADDRESSES: Final = slice(5, 7)
"""Those of them that say where in memory the two nodes below it are; indices say it again."""


def search_tree(value: Any, walk: Walk) -> bytes:
    """Class and state, without the addresses of nodes."""
    nodes, *rest = value.__getstate__()
    return frame("search tree", [walk(type(value)), walk(_placeless(nodes)), walk(rest)])


def _placeless(nodes: Any) -> Any:
    """Nodes without addresses; in a form that is not known they stay as they are."""
    import numpy as np

    content = np.frombuffer(nodes, np.uint8)
    if content.nbytes % (8 * _FIELDS):
        return content
    words = content.view(np.int64).reshape(-1, _FIELDS).copy()
    words[:, _ADDRESSES] = 0
    return words
