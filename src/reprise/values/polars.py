"""Polars data on memory of our own, handed out as clones.

Polars copies memory before it writes to what somebody else holds too, so that a clone costs nothing
and is isolated. Only what polars does not know of can write to the memory of the original: a series
that was made of a numpy array lies on that array's memory. So it is copied once.
See ``docs/decisions/0010-arrow-and-polars.md``.
"""

from __future__ import annotations

import io
import pickle
import sys
from typing import Any, Final

from reprise.seals import seals

_PROTOCOL: Final = 5

_BY_COLUMN_FROM: Final = 64 * 1024
"""Bytes from which on copying each column in its own way costs less than pickling them all."""

_SEALED_FROM: Final = 64 * 1024
"""Bytes of a column from which on its digest is worth remembering."""

_IPC_FROM: Final = 1024 * 1024
"""Bytes of texts from which on Arrow's format takes a third of the time of pickle."""

_TEXTS: Final = frozenset({"String", "Binary"})
_OTHERS: Final = frozenset({"Boolean", "Null", "Categorical", "Enum"})


def owned(value: object) -> Any | None:
    """Copy a frame or a series into memory that nobody else knows.

    Args:
        value: Anything.

    Returns:
        An equal one, which must not be handed out itself but by its ``clone``; ``None`` for
        everything that is neither a frame nor a series, for subclasses, and for columns of Python
        objects, which clones would share.

    >>> import polars
    >>> original = polars.DataFrame({"a": [1, 2]})
    >>> mine = owned(original).clone()
    >>> mine[0, "a"] = 9
    >>> original["a"].to_list()
    [1, 2]
    """
    polars = sys.modules.get("polars")
    if polars is None or type(value) not in (polars.DataFrame, polars.Series):
        return None
    data: Any = value
    columns = data.get_columns() if type(value) is polars.DataFrame else [data]
    if not all(is_polars_own(column.dtype) for column in columns):
        return None
    try:
        return _owned(data, columns)
    except polars.exceptions.PolarsError:
        # A format that this version cannot read back: kept as everything else is, or refused there.
        return None


def _owned(data: Any, columns: list[Any]) -> Any:
    import polars

    if data.estimated_size() < _BY_COLUMN_FROM:
        return _unpickled(data)
    own = polars.DataFrame(list(map(_own_column, columns)))
    return own if isinstance(data, polars.DataFrame) else own.to_series()


def register(own: Any) -> None:
    """Make known which memory cannot change for as long as ``own`` is alive.

    Whoever has the same memory has it by a clone, and polars copies it before it writes there. What
    has missing values is left out: where they are cannot be told by the address of the values.

    Args:
        own: What :func:`owned` made, and nobody else can change.
    """
    if sys.modules.get("numpy") is None:
        # Without it nobody asks for the digest of memory.
        return
    for column in own.get_columns() if hasattr(own, "get_columns") else [own]:
        if column.estimated_size() < _SEALED_FROM or not _has_address(column):
            continue
        try:
            numbers = column.to_physical().to_numpy(allow_copy=False)
        except RuntimeError:
            # Kept in another form than numpy's, or in several pieces.
            continue
        start = numbers.__array_interface__["data"][0]
        seals.register(own, start, numbers.nbytes, _unchanged)


def _unchanged(_: int, __: int) -> bool:
    return True


def _has_address(column: Any) -> bool:
    return _is_flat(column.dtype) and not column.null_count()


def _is_flat(kind: Any) -> bool:
    """Whether values of this type lie side by side, each in its own bytes."""
    return bool(kind.is_numeric() or kind.is_temporal())


def is_polars_own(kind: Any) -> bool:
    """Whether everything in columns of this type is known, and can be changed by nobody."""
    name = _name(kind)
    if name in ("List", "Array"):
        return is_polars_own(kind.inner)
    if name == "Struct":
        return all(is_polars_own(field.dtype) for field in kind.fields)
    return _is_flat(kind) or name in _TEXTS or name in _OTHERS


def _name(kind: Any) -> str:
    """The name of a type of polars's own; a user's class may have any name."""
    own = type(kind).__module__ == "polars.datatypes.classes"
    return type(kind).__name__ if own else ""


def _own_column(column: Any) -> Any:
    if len(column) and (_is_flat(column.dtype) or _name(column.dtype) == "Boolean"):
        return _joined(column)
    if _name(column.dtype) in _TEXTS and column.estimated_size() >= _IPC_FROM:
        return _through_ipc(column)
    return _unpickled(column)


def _joined(column: Any) -> Any:
    """Copy by adding one value more, behind which there is no room for it."""
    import polars

    length = len(column)
    whole = polars.concat([column, column.head(1)], rechunk=True)
    if whole.n_chunks() != 1:
        return _unpickled(column)
    own = whole.head(length)
    for flag, descending in (("SORTED_ASC", False), ("SORTED_DESC", True)):
        if column.flags.get(flag):
            own = own.set_sorted(descending=descending)
    return own


def _through_ipc(column: Any) -> Any:
    """Copy texts: joined they would go on lying on the same memory."""
    import polars

    file = io.BytesIO()
    column.to_frame().write_ipc(file, compression="uncompressed")
    file.seek(0)
    return polars.read_ipc(file).to_series().rechunk()


def _unpickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value, _PROTOCOL))  # noqa: S301 - made here and now
