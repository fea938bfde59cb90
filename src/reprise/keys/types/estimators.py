"""Encoders for scikit-learn: parameters and all that was fitted, without notes of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprise.keys.framing import frame
from reprise.keys.types.objects import reduced

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_NOTES: Final = frozenset({"_n_threads", "_stop_words_id"})
"""Attributes that tell of the machine and of addresses in memory."""

_STATE: Final = 13
_COUNTED: Final = slice(7, 11)
"""In the state of a search tree: how many queries it has answered, and what they took."""


def estimator(value: Any, walk: Walk) -> bytes:
    """Class and state; one that says in a way of its own how it is pickled has the word."""
    cls: Any = type(value)
    base: Any = object
    plain = (cls.__reduce__, cls.__reduce_ex__) == (base.__reduce__, base.__reduce_ex__)
    state = value.__getstate__() if plain else None
    if not isinstance(state, dict):
        return reduced(value, walk)
    told = {name: item for name, item in state.items() if name not in _NOTES}
    return frame("estimator", [walk(cls), walk(told)])


def search_tree(value: Any, walk: Walk) -> bytes:
    """Points and how they were divided. A query that was answered is no change."""
    state = list(value.__getstate__())
    if len(state) == _STATE:
        del state[_COUNTED]
    return frame("search tree", [walk(type(value)), walk(state)])
