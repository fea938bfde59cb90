"""The table of codecs, and of the kinds of values that the safe ones know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reprise.values.codecs import arrays, arrow, builtin, frames, polars
from reprise.values.codecs.nodes import ATOM_KINDS, Kind

PLAIN: Final = "plain"
FRAME: Final = "frame"

_LIBRARIES: Final[dict[str, tuple[Callable[[type], Kind | None], str]]] = {
    "numpy": (arrays.find, "numpy"),
    "pandas": (frames.find, FRAME),
    "pyarrow": (arrow.find, "arrow"),
    "polars": (polars.find, "polars"),
}
"""By the first part of a type's module: who knows its kinds, and what the codec is called."""

SAFE: Final = frozenset({PLAIN, *(codec for _, codec in _LIBRARIES.values())})
"""Names of codecs whose streams make objects of known types, and execute nothing."""

KINDS: Final[dict[str, Kind]] = {
    kind.tag: kind
    for kind in (
        *(*ATOM_KINDS, *builtin.KINDS, *arrays.KINDS),
        *(*frames.KINDS, *arrow.KINDS, *polars.KINDS),
    )
}
"""By the tags of nodes."""


def find(kind: type) -> Kind | None:
    """How values of an exact type are written, if there is a way."""
    library = _LIBRARIES.get(kind.__module__.partition(".")[0])
    return builtin.find(kind) if library is None else library[0](kind)


def codec_of(kind: type) -> str:
    """The codec that values of a type are said to be packed with."""
    library = _LIBRARIES.get(kind.__module__.partition(".")[0])
    return PLAIN if library is None else library[1]
