"""From snapshots to bytes, and from bytes to values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from reprise.contracts import Snapshot
from reprise.values.codecs import pickled, table
from reprise.values.codecs.builtin import encode, whole_tree
from reprise.values.codecs.nodes import Reader, Writer
from reprise.values.codecs.packed import NotTakenError, Packed, Received, UndecodableError
from reprise.values.failures import refused
from reprise.values.snapshots import Buffered, Pickled, pickle_snapshot
from reprise.values.spool import HeapBuffers


def pack(snapshot: Snapshot, function: Callable[..., object], *, safe: bool = False) -> Packed:
    """Make bytes of a value that is kept as a snapshot.

    Args:
        snapshot: The value, as :func:`reprise.values.take_snapshot` keeps it.
        function: The cached function, for messages and for the names of its classes.
        safe: Whether pickle is out of the question.

    Returns:
        Streams of a safe codec where one takes the value; else pickle's.

    Raises:
        UnserializableReturnValueError: only pickle would do, and it is refused, or refuses.
        UndecodableError: the snapshot itself cannot be restored.

    >>> from reprise.values import take_snapshot
    >>> pack(take_snapshot({"a": [1, 2]}, dict), dict).codec
    'plain'
    """
    if pickled.is_pickled(snapshot):
        kept: Pickled | Buffered | None = snapshot
        value, modules = pickled.restored(snapshot, function)
    else:
        kept, value, modules = None, snapshot.restore(), frozenset[str]()
    try:
        return pack_safely(value)
    except NotTakenError as error:
        if safe:
            raise refused(value, function, error.found, error.path, error.why) from None
    if kept is None:
        kept = pickle_snapshot(value, function)
        _, modules = pickled.restored(kept, function)
    return pickled.pack(kept, modules)


def pack_safely(value: Any) -> Packed:
    """Make bytes of a value without pickle.

    Raises:
        NotTakenError: it, or a part of it, is nothing that a safe codec knows.
    """
    codec = table.codec_of(type(value))
    node = whole_tree(value)
    if node is not None:
        return Packed(codec, encode(node))
    writer = Writer(table.find)
    try:
        node = writer.node(value)
    except (NotTakenError, MemoryError):
        raise
    except Exception as error:
        # Libraries may refuse what they hold themselves; pickle does or does not take it.
        raise NotTakenError(value, str(error)) from error
    try:
        return Packed(codec, encode(node), tuple(writer.buffers))
    except ValueError as error:
        raise NotTakenError(value, str(error)) from error


def unpack(received: Received, function: Callable[..., object]) -> Any:
    """Make a value of bytes, for a caller who may change it.

    Args:
        received: What was packed. That it is, and that we wrote it, was verified.
        function: The cached function: classes of a script are looked for where it is.

    Raises:
        UndecodableError: the codec is not known, or no value can be made of the bytes here.
        OSError: the buffers can be neither mapped nor read.

    >>> from reprise.values import take_snapshot
    >>> packed = pack(take_snapshot({"a": (1, 2)}, dict), dict)
    >>> unpack(Received(packed.codec, packed.stream), dict)
    {'a': (1, 2)}
    """
    if received.codec == pickled.CODEC:
        stream = pickled.stream_of(received, function)
        with decoding(received.codec):
            return stream.loads(stream.data, buffers=received.take())
    return unpack_safely(received)


def unpack_safely(received: Received) -> Any:
    """Make a value of bytes of a safe codec, for a caller who may change it.

    Raises:
        UndecodableError: the codec is none of these, or no value can be made of the bytes here.
        OSError: the buffers can be neither mapped nor read.
    """
    if received.codec not in table.SAFE:
        raise UndecodableError(f"there is no safe codec {received.codec!r} here")
    return decode(received, received.take())


def decode(received: Received, buffers: Sequence[Any]) -> Any:
    """Make a value of the bytes of a safe codec, on these buffers.

    Raises:
        UndecodableError: no value can be made of them here.
    """
    import msgspec

    with decoding(received.codec):
        return Reader(table.KINDS, buffers).value(msgspec.msgpack.decode(received.stream))


def pack_data(value: Any) -> bytes:
    """Make one text of bytes of a small value, without pickle.

    Raises:
        NotTakenError: it, or a part of it, is nothing that a safe codec knows.
    """
    import msgspec

    packed = pack_safely(value)
    buffers = [b"".join(one.chunks) for one in packed.buffers]
    return msgspec.msgpack.encode((packed.codec, packed.stream, buffers))


def unpack_data(data: bytes) -> Any:
    """Make a value of what :func:`pack_data` made of one.

    Raises:
        UndecodableError: no value can be made of it here.

    >>> unpack_data(pack_data({1, 2}))
    {1, 2}
    """
    import msgspec

    with decoding("data"):
        codec, stream, buffers = msgspec.msgpack.decode(data, type=tuple[str, bytes, list[bytes]])
    kept = HeapBuffers(tuple(buffers), (False,) * len(buffers)) if buffers else None
    return unpack_safely(Received(codec, stream, kept))


@contextmanager
def decoding(codec: str) -> Iterator[None]:
    """Turn whatever is raised by what is not there, or is another thing here, into one error."""
    try:
        yield
    except (UndecodableError, MemoryError):
        raise
    except Exception as error:
        raise UndecodableError(f"{codec} does not decode: {error}") from error
