"""Encoders for Apache Arrow. Cutting into chunks, offsets and undefined bytes do not count.

Every array is taken as a list of chunks. Which values are present is encoded first, then the
present ones, so that whatever lies under a missing one plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, leaf, number, stream, text
from reprise.seals import digested_together

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

Chunks: TypeAlias = list[Any]

_SEALED_FROM: Final = 1 << 13
"""Values from which on asking whether memory is unchanged costs less than hashing it."""


def array(value: Any, walk: Walk) -> bytes:
    """Type and content."""
    return frame("arrow.Array", [data_type(value.type, walk), _content(value.type, [value], walk)])


def chunked_array(value: Any, walk: Walk) -> bytes:
    """Type and content; where it is cut does not count."""
    content = _content(value.type, value.chunks, walk)
    return frame("arrow.ChunkedArray", [data_type(value.type, walk), content])


def table(value: Any, walk: Walk) -> bytes:
    """Schema and columns."""
    columns = [_content(column.type, column.chunks, walk) for column in value.columns]
    return frame("arrow.Table", [schema(value.schema, walk), number(value.num_rows), *columns])


def record_batch(value: Any, walk: Walk) -> bytes:
    """Schema and columns."""
    columns = [_content(column.type, [column], walk) for column in value.columns]
    return frame(
        "arrow.RecordBatch", [schema(value.schema, walk), number(value.num_rows), *columns]
    )


def schema(value: Any, walk: Walk) -> bytes:
    """Fields in their order, and metadata, from which ``to_pandas`` takes index and types."""
    fields = [field(item, walk) for item in value]
    return frame("arrow.Schema", [walk(value.metadata), *fields])


def field(value: Any, walk: Walk) -> bytes:
    """Name, type, whether it may be missing, and metadata."""
    parts = [text(value.name), data_type(value.type, walk), walk(value.nullable)]
    return frame("arrow.Field", [*parts, walk(value.metadata)])


def scalar(value: Any, walk: Walk) -> bytes:
    """As an array of one."""
    import pyarrow

    return frame("arrow.Scalar", [walk(pyarrow.array([value], type=value.type))])


def buffer(value: Any, _: Walk) -> bytes:
    """Content."""
    return stream("arrow.Buffer", [value])


def data_type(value: Any, walk: Walk) -> bytes:
    """The type with all inner fields."""
    import pyarrow

    parts = [text(str(value))]
    if isinstance(value, pyarrow.BaseExtensionType):
        own = getattr(value, "__arrow_ext_serialize__", bytes)()
        parts += [text(value.extension_name), walk(own), data_type(value.storage_type, walk)]
    for place in range(value.num_fields):
        parts.append(field(value.field(place), walk))
    return frame("arrow.DataType", parts)


def _content(kind: Any, chunks: Chunks, walk: Walk) -> bytes:
    import pyarrow

    if isinstance(kind, pyarrow.BaseExtensionType):
        return _content(kind.storage_type, [chunk.storage for chunk in chunks], walk)
    if pyarrow.types.is_null(kind):
        return number(sum(map(len, chunks)))
    if pyarrow.types.is_dictionary(kind):
        return _dictionary(kind, chunks, walk)
    if kind.num_fields or sum(map(len, chunks)) < _SEALED_FROM:
        return _values(kind, chunks, walk)
    stretches, layout = _places(chunks)
    form = ("arrow", str(kind), layout)
    return digested_together(stretches, form, lambda: _values(kind, chunks, walk))


def _places(chunks: Chunks) -> tuple[list[tuple[int, int]], Hashable]:
    """Where the buffers of chunks without children lie, and what of them each chunk uses.

    Returns:
        Address and bytes of each buffer; and for each chunk its offset, its length, and which of
        its buffers are there.
    """
    stretches: list[tuple[int, int]] = []
    layout: list[Hashable] = []
    for chunk in chunks:
        buffers = [
            (one.address, one.size) if one is not None else (0, 0) for one in chunk.buffers()
        ]
        stretches += [place for place in buffers if place[1]]
        layout.append((chunk.offset, len(chunk), tuple(size for _, size in buffers)))
    return stretches, tuple(layout)


def _values(kind: Any, chunks: Chunks, walk: Walk) -> bytes:
    if _is_view(kind):
        # Arrow cannot drop missing values from views.
        return _values(*_without_views(kind, chunks), walk)
    length = number(sum(map(len, chunks)))
    present = leaf("all", b"")
    if any(chunk.null_count for chunk in chunks):
        present = stream("present", (_bits(chunk.is_valid()) for chunk in chunks))
        chunks = [chunk.drop_null() for chunk in chunks]
    chunks = [chunk for chunk in chunks if len(chunk)]
    return frame("values", [length, present, *_encoder_of(kind)(kind, chunks, walk)])


def _is_view(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string_view(kind) or types.is_binary_view(kind))


def _without_views(kind: Any, chunks: Chunks) -> tuple[Any, Chunks]:
    """The same texts one behind the other."""
    import pyarrow

    wide = pyarrow.large_binary() if pyarrow.types.is_binary_view(kind) else pyarrow.large_string()
    return wide, [chunk.cast(wide) for chunk in chunks]


def _encoder_of(kind: Any) -> Callable[[Any, Chunks, Walk], list[bytes]]:
    from pyarrow import types

    for fits, encoder in (
        (types.is_boolean, _booleans),
        (types.is_primitive, _fixed),
        (types.is_decimal, _fixed),
        (types.is_fixed_size_binary, _fixed),
        (_is_text, _texts),
        (types.is_struct, _struct),
        (types.is_fixed_size_list, _fixed_lists),
        (_is_list, _lists),
        (_is_list_view, _list_views),
        (types.is_union, _union),
        (types.is_run_end_encoded, _runs),
    ):
        if fits(kind):
            return encoder
    raise UnencodableError(f"Arrow arrays of type {kind} have no encoding")


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    strings = (types.is_string(kind), types.is_large_string(kind))
    binaries = (types.is_binary(kind), types.is_large_binary(kind))
    return any((*strings, *binaries))


def _is_list(kind: Any) -> bool:
    from pyarrow import types

    return any((types.is_list(kind), types.is_large_list(kind), types.is_map(kind)))


def _is_list_view(kind: Any) -> bool:
    from pyarrow import types

    return any((types.is_list_view(kind), types.is_large_list_view(kind)))


def _dictionary(kind: Any, chunks: Chunks, walk: Walk) -> bytes:
    """Indices and dictionary; words that no index uses count, for ``dictionary`` shows them."""
    import pyarrow

    whole = pyarrow.chunked_array(chunks, kind)
    parts = whole.unify_dictionaries().chunks if len(chunks) > 1 else chunks
    words = parts[0].dictionary if parts else pyarrow.array([], kind.value_type)
    indices = _content(kind.index_type, [part.indices for part in parts], walk)
    return frame("dictionary", [indices, walk(words)])


# All that follow get chunks without missing values and without empty ones.


def _booleans(_: Any, chunks: Chunks, __: Walk) -> list[bytes]:
    return [stream("booleans", map(_bits, chunks))]


def _fixed(kind: Any, chunks: Chunks, _: Walk) -> list[bytes]:
    width = kind.bit_width // 8
    return [stream("fixed", (_slice(chunk, 1, width) for chunk in chunks))]


def _texts(kind: Any, chunks: Chunks, _: Walk) -> list[bytes]:
    from pyarrow import compute

    lengths = (compute.binary_length(chunk).cast("int64") for chunk in chunks)
    joined = (
        chunk.buffers()[2].slice(start, end - start) if end > start else b""
        for chunk in chunks
        for start, end in [_span(chunk, 8 if "large" in str(kind) else 4)]
    )
    return [stream("lengths", (_slice(part, 1, 8) for part in lengths)), stream("joined", joined)]


def _struct(kind: Any, chunks: Chunks, walk: Walk) -> list[bytes]:
    columns = [chunk.flatten() for chunk in chunks]
    return [
        _content(kind.field(place).type, [column[place] for column in columns], walk)
        for place in range(kind.num_fields)
    ]


def _fixed_lists(kind: Any, chunks: Chunks, walk: Walk) -> list[bytes]:
    return [_content(kind.value_type, [chunk.flatten() for chunk in chunks], walk)]


def _lists(kind: Any, chunks: Chunks, walk: Walk) -> list[bytes]:
    from pyarrow import compute, types

    offsets = [chunk.offsets for chunk in chunks]
    lengths = [compute.subtract(part[1:], part[:-1]).cast("int64") for part in offsets]
    inner = [
        chunk.values.slice(part[0].as_py(), part[-1].as_py() - part[0].as_py())
        for chunk, part in zip(chunks, offsets, strict=True)
    ]
    item = inner[0].type if inner else None
    if item is None:
        return []
    if types.is_map(kind) and not types.is_struct(item):
        raise UnencodableError(f"Arrow arrays of type {kind} have no encoding")
    return [
        stream("lengths", (_slice(part, 1, 8) for part in lengths)),
        _content(item, inner, walk),
    ]


def _list_views(kind: Any, chunks: Chunks, walk: Walk) -> list[bytes]:
    from pyarrow import compute

    lengths = [compute.list_value_length(chunk).cast("int64") for chunk in chunks]
    return [
        stream("lengths", (_slice(part, 1, 8) for part in lengths)),
        _content(kind.value_type, [chunk.flatten() for chunk in chunks], walk),
    ]


def _union(kind: Any, chunks: Chunks, walk: Walk) -> list[bytes]:
    """Which type each value has, and then, for each type, the values that have it."""
    from pyarrow import compute, int8, int32

    codes = [_own_buffer(chunk, 1, int8()) for chunk in chunks]
    parts = [stream("codes", (_slice(one, 1, 1) for one in codes))]
    for place, code in enumerate(kind.type_codes):
        chosen = []
        for chunk, known in zip(chunks, codes, strict=True):
            these, inner = compute.equal(known, code), chunk.field(place)
            if kind.mode == "sparse":
                chosen.append(inner.filter(these))
            else:
                chosen.append(inner.take(_own_buffer(chunk, 2, int32()).filter(these)))
        parts.append(_content(kind.field(place).type, chosen, walk))
    return parts


def _own_buffer(chunk: Any, place: int, kind: Any) -> Any:
    """Numbers of a union; what ``type_codes`` and ``offsets`` show of a slice is not its own."""
    import pyarrow

    buffers = [None, chunk.buffers()[place]]
    return pyarrow.Array.from_buffers(kind, len(chunk), buffers, offset=chunk.offset)


def _runs(_: Any, chunks: Chunks, walk: Walk) -> list[bytes]:
    from pyarrow import compute

    plain = [compute.run_end_decode(chunk) for chunk in chunks]
    return [_content(plain[0].type, plain, walk)] if plain else []


def _bits(booleans: Any) -> Any:
    """One byte a value, so that chunks need not begin at whole bytes."""
    return _slice(booleans.cast("uint8"), 1, 1)


def _slice(chunk: Any, place: int, width: int) -> Any:
    if not len(chunk):
        return b""
    return chunk.buffers()[place].slice(chunk.offset * width, len(chunk) * width)


def _span(chunk: Any, width: int) -> tuple[int, int]:
    """The first and the last offset of an array of texts."""
    offsets = memoryview(chunk.buffers()[1]).cast("B")[chunk.offset * width :]
    last = len(chunk) * width
    read = [offsets[at : at + width] for at in (0, last)]
    start, end = (int.from_bytes(part, "little") for part in read)
    return start, end
