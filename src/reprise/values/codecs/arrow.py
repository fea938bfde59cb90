"""Arrow data: the metadata of its own format in the stream, the bodies of its messages beside it.

Bodies are taken as they lie in memory, and arrays that are read lie on what was handed in.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from reprise.values.arrow import is_arrows_own
from reprise.values.codecs.nodes import Kind, Reader, Writer, expect
from reprise.values.codecs.packed import NotTakenError

_CONTINUATION: Final = b"\xff\xff\xff\xff"
"""What each message begins with; it is always written by itself."""


_VALIDATED: Final = 1 << 20
"""Bytes up to which every value is looked at. What is larger is to be read when it is needed; there
the signature and the digests alone say that it is what was written."""


class _Sink:
    """Takes in what Arrow writes, without a copy: bytes of its own, and buffers of the arrays."""

    closed = False

    def __init__(self) -> None:
        self.written: list[Any] = []
        self._size = 0

    def write(self, data: Any) -> int:
        self.written.append(data)
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """It is left to whoever made it."""

    def tell(self) -> int:
        return self._size

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def messages(self) -> Iterator[list[Any]]:
        """What was written, by messages."""
        message: list[Any] = []
        for piece in self.written:
            if type(piece) is bytes and piece == _CONTINUATION:
                if message:
                    yield message
                message = []
            message.append(piece)
        yield message


class _Source:
    """Gives Arrow what it wrote: memory of ours for each body, since it asks for it at once."""

    closed = False

    def __init__(self, messages: Sequence[tuple[bytes, Any]]) -> None:
        self._pieces = [memoryview(piece) for message in messages for piece in message]
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        return bytes(self.read_buffer(size))

    def read_buffer(self, size: int) -> Any:
        while self._pieces and not self._pieces[0].nbytes:
            del self._pieces[0]
        if not self._pieces or size < 0:
            return memoryview(b"")
        piece = self._pieces[0][:size]
        self._pieces[0] = self._pieces[0][size:]
        self._at += piece.nbytes
        return piece

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """It is left to whoever made it."""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def _write_batches(batches: Sequence[Any], schema: Any, writer: Writer) -> list[Any]:
    import pyarrow

    sink = _Sink()
    with pyarrow.ipc.new_stream(pyarrow.PythonFile(sink, "w"), schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    return [_write_message(message, writer) for message in sink.messages()]


def _write_message(pieces: list[Any], writer: Writer) -> list[Any]:
    """Part a message: its head and metadata, then its body."""
    (length,) = struct.unpack("<i", pieces[1])
    head, number = b"", 0
    while len(head) < 8 + length:
        head += bytes(pieces[number])
        number += 1
    if len(head) != 8 + length:
        raise NotTakenError(pieces, "this Arrow writes messages in another way")
    body = [memoryview(piece) for piece in pieces[number:]]
    return [head, writer.buffer(body, sum(view.nbytes for view in body))]


def _read_batches(reader: Reader, messages: Any) -> tuple[list[Any], Any]:
    import pyarrow

    source = _Source([(head, reader.buffer(body)) for head, body in messages])
    with pyarrow.ipc.open_stream(pyarrow.PythonFile(source, "r")) as stream:
        batches = list(stream)
        for batch in batches:
            batch.validate()
            # `nbytes` ends the process for a union of no rows.
            if batch.get_total_buffer_size() < _VALIDATED:
                batch.validate(full=True)
        return batches, stream.schema


def _expect_own(kinds: Sequence[Any]) -> None:
    for kind in kinds:
        if not is_arrows_own(kind):
            raise NotTakenError(kind)


def write_table(table: Any, writer: Writer) -> Sequence[Any]:
    """The fields of a table's node."""
    import pyarrow

    _expect_own(table.schema.types)
    chunks = [[len(chunk) for chunk in column.chunks] for column in table.columns]
    if not chunks and table.num_rows:
        raise NotTakenError(table, "it has rows and no columns")
    if all(lengths == chunks[0] for lengths in chunks):
        batches = [
            pyarrow.RecordBatch.from_arrays(list(arrays), schema=table.schema)
            for arrays in zip(*(column.chunks for column in table.columns), strict=True)
        ]
        return (_write_batches(batches, table.schema, writer), None)
    # Columns that are cut in different places are cut there again.
    columns = [_write_chunks(column, writer) for column in table.columns]
    return (_write_batches([], table.schema, writer), columns)


def read_table(reader: Reader, messages: Any, columns: Any) -> Any:
    """Make a table of the fields of its node."""
    import pyarrow

    batches, schema = _read_batches(reader, messages)
    if columns is None:
        return pyarrow.Table.from_batches(batches, schema)
    arrays = [_read_chunks(reader, *column) for column in columns]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _write_batch(batch: Any, writer: Writer) -> Sequence[Any]:
    _expect_own(batch.schema.types)
    if not batch.num_columns and batch.num_rows:
        raise NotTakenError(batch, "it has rows and no columns")
    return (_write_batches([batch], batch.schema, writer),)


def _read_batch(reader: Reader, messages: Any) -> Any:
    batches, _ = _read_batches(reader, messages)
    expect(len(batches) == 1, "another number of batches")
    return batches[0]


def _write_chunks(column: Any, writer: Writer) -> Sequence[Any]:
    import pyarrow

    _expect_own([column.type])
    schema = pyarrow.schema([pyarrow.field("", column.type)])
    batches = [pyarrow.RecordBatch.from_arrays([one], schema=schema) for one in column.chunks]
    return (_write_batches(batches, schema, writer),)


def _read_chunks(reader: Reader, messages: Any) -> Any:
    import pyarrow

    batches, schema = _read_batches(reader, messages)
    return pyarrow.chunked_array([batch.column(0) for batch in batches], schema.types[0])


def _write_array(array: Any, writer: Writer) -> Sequence[Any]:
    import pyarrow

    return _write_chunks(pyarrow.chunked_array([array]), writer)


def _read_array(reader: Reader, messages: Any) -> Any:
    column = _read_chunks(reader, messages)
    expect(column.num_chunks == 1, "another number of arrays")
    return column.chunk(0)


def _write_schema(schema: Any, writer: Writer) -> Sequence[Any]:
    _expect_own(schema.types)
    return (_write_batches([], schema, writer),)


def _read_schema(reader: Reader, messages: Any) -> Any:
    return _read_batches(reader, messages)[1]


_TABLE: Final = Kind("arrow table", write_table, read_table, shared=True)
_BATCH: Final = Kind("arrow batch", _write_batch, _read_batch, shared=True)
_CHUNKS: Final = Kind("arrow chunks", _write_chunks, _read_chunks, shared=True)
_ARRAY: Final = Kind("arrow array", _write_array, _read_array, shared=True)
_SCHEMA: Final = Kind("arrow schema", _write_schema, _read_schema, shared=True)

KINDS: Final = (_TABLE, _BATCH, _CHUNKS, _ARRAY, _SCHEMA)


def find(kind: type) -> Kind | None:
    """The kind of an exact type, if it is one of Arrow's own."""
    arrow = sys.modules.get("pyarrow")
    if arrow is None or kind.__module__ != "pyarrow.lib":
        return None
    if issubclass(kind, arrow.Array):
        return _ARRAY
    own = (
        (arrow.Table, _TABLE),
        (arrow.RecordBatch, _BATCH),
        (arrow.ChunkedArray, _CHUNKS),
        (arrow.Schema, _SCHEMA),
    )
    return next((found for one, found in own if one is kind), None)
