"""Values as bytes: on the way out of the process, and when they came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reprise.values.spool import HeapBuffers, PageBuffers


class NotTakenError(Exception):
    """A safe codec does not take this value, since it could not give back the very same."""

    def __init__(self, found: object, why: str = "") -> None:
        """Say what was found, and why it is not taken where its type does not say it."""
        super().__init__(why or f"{type(found)} is not taken")
        self.found = found
        self.why = why
        self.path = ""

    def below(self, step: str) -> None:
        """It was found within something: ``step`` leads from there to it."""
        self.path = step + self.path


class UndecodableError(Exception):
    """Bytes that no value can be made of here: of an unknown codec, or of other versions."""


@dataclass(frozen=True, slots=True, eq=False)
class RawBuffer:
    """Bytes that lie beside a stream."""

    chunks: Iterable[memoryview]
    """They can be gone through more than once."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A value as bytes, on its way out of the process."""

    codec: str
    stream: bytes
    """What the codec decodes; everything large lies in the buffers."""
    buffers: tuple[RawBuffer, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of all on which it depends whether the stream means the same to its reader."""


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """A value as bytes that came back, and that are known to be what was packed."""

    codec: str
    stream: bytes
    buffers: HeapBuffers | PageBuffers | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that keeping it costs."""
        return len(self.stream) + (self.buffers.size if self.buffers is not None else 0)

    def frozen(self) -> list[memoryview]:
        """The buffers, for everybody: nobody can write to them."""
        return [] if self.buffers is None else self.buffers.frozen()

    def take(self) -> list[Any]:
        """The buffers, for a caller who may write to them."""
        return [] if self.buffers is None else self.buffers.take()
