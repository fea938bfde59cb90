"""Snapshots of values that came from a store: each caller's own, at the price of any other hit."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.contracts import Snapshot
from reprise.seals import seals
from reprise.values import take_snapshot
from reprise.values.adoption import Adopted
from reprise.values.codecs import Received, pack
from reprise.values.pages import PageFile, PagePool
from reprise.values.revival import Mapped, revive
from reprise.values.spool import HeapBuffers, PageBuffers, Stretch

pd = pytest.importorskip("pandas")

adopting = pytest.mark.skipif(
    int(pd.__version__.partition(".")[0]) < 3, reason="before pandas 3 no frame is adopted"
)
ROWS = 20_000


def load_things() -> None:
    """The cached function that the values of these tests come from."""


Bring = Callable[[object], Snapshot]


def in_memory(value: object) -> Snapshot:
    """The snapshot of a value whose buffers came back as bytes."""
    packed = pack(take_snapshot(value, load_things), load_things)
    data = tuple(b"".join(buffer.chunks) for buffer in packed.buffers)
    buffers = HeapBuffers(data, (False,) * len(data)) if data else None
    return revive(Received(packed.codec, packed.stream, buffers), load_things)


class File:
    """A file of a store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pool = PagePool()

    def bring(self, value: object) -> Snapshot:
        """The snapshot of a value whose buffers lie in the file."""
        packed = pack(take_snapshot(value, load_things), load_things)
        with self.path.open("w+b") as file:
            page_file = PageFile(os.dup(file.fileno()), self.pool)
            extents = [page_file.append(buffer.chunks) for buffer in packed.buffers]
        buffers = PageBuffers(tuple(Stretch(page_file, extent) for extent in extents))
        return revive(Received(packed.codec, packed.stream, buffers), load_things)

    def damage(self, byte: int = 8) -> None:
        """Change it under whoever maps it."""
        with self.path.open("r+b") as file:
            file.seek(byte)
            file.write(b"\xff" * 8)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "file")


@pytest.fixture(params=["memory", "file"])
def bring(request: pytest.FixtureRequest, file: File) -> Bring:
    return in_memory if request.param == "memory" else file.bring


def frame() -> Any:
    return pd.DataFrame(
        {
            "a": np.arange(ROWS),
            "b": np.linspace(0, 1, ROWS),
            "c": pd.Categorical.from_codes(np.arange(ROWS) % 3, list("xyz")),
            "d": pd.date_range("2026-01-01", periods=ROWS, freq="s"),
        },
        index=np.arange(ROWS) * 2,
    )


@adopting
def test_a_frame_comes_back_and_is_handed_out_as_a_lazy_copy(bring: Bring) -> None:
    snapshot = bring(frame())
    assert isinstance(snapshot, Adopted)
    pd.testing.assert_frame_equal(snapshot.restore(), frame())
    one, other = snapshot.restore(), snapshot.restore()
    assert np.shares_memory(one["a"].to_numpy(), other["a"].to_numpy())


@adopting
def test_what_a_caller_does_to_a_frame_nobody_else_sees(bring: Bring) -> None:
    snapshot = bring(frame())
    mine = snapshot.restore()
    mine.iloc[0, 0] = 7
    mine["b"] *= 2
    mine.index = mine.index + 1
    mine.insert(0, "new", 1)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.restore()["b"].to_numpy()[0] = 9
    with pytest.raises(ValueError, match="WRITEABLE"):
        snapshot.restore()["b"].to_numpy().flags.writeable = True
    pd.testing.assert_frame_equal(snapshot.restore(), frame())


@adopting
@pytest.mark.parametrize("kind", ["series", "index", "frame"])
def test_nothing_of_what_pandas_keeps_is_read_before_a_caller_does(file: File, kind: str) -> None:
    numbers = np.zeros(ROWS)
    value = {
        "series": lambda: pd.Series(numbers),
        "index": lambda: pd.Index(numbers),
        "frame": lambda: pd.DataFrame({"a": numbers, "b": numbers + 1}),
    }[kind]()
    snapshot = file.bring(value)
    file.damage()
    cells = snapshot.restore()
    cells = cells.iloc[:, 0] if kind == "frame" else cells
    assert math.isnan(cells.to_numpy()[1])


@adopting
def test_memory_of_a_file_costs_nothing_and_is_not_said_never_to_change(file: File) -> None:
    snapshot = file.bring(frame())
    assert snapshot.size < 10_000
    cells = snapshot.restore()["b"].to_numpy()
    start = cells.__array_interface__["data"][0]
    assert seals.find(start, start + cells.nbytes) is None


@adopting
def test_bytes_in_memory_cost_what_they_are_and_never_change() -> None:
    snapshot = in_memory(frame())
    assert snapshot.size >= ROWS * 8 * 3
    cells = snapshot.restore()["b"].to_numpy()
    start = cells.__array_interface__["data"][0]
    assert seals.find(start, start + cells.nbytes) is not None


def test_texts_of_arrow_in_a_file_are_mapped_for_each_caller_and_not_copied(file: File) -> None:
    pytest.importorskip("pyarrow")
    texts = pd.array(["some longer text"] * (ROWS // 2), dtype="string[pyarrow]")
    value = pd.DataFrame({"a": texts, "b": np.arange(ROWS // 2)})
    snapshot = file.bring(value)
    assert isinstance(snapshot, Mapped)
    mine = snapshot.restore()
    mine.iloc[0, 1] = 7
    pd.testing.assert_frame_equal(snapshot.restore(), value)


def test_other_values_are_writable_and_each_callers_own(bring: Bring) -> None:
    snapshot = bring({"frame": frame(), "array": np.arange(ROWS)})
    mine = snapshot.restore()
    mine["array"][0] = 7
    mine["frame"].iloc[0, 0] = 7
    other = snapshot.restore()
    assert other["array"][0] == 0
    pd.testing.assert_frame_equal(other["frame"], frame())


def test_a_frame_that_cannot_be_adopted_can_be_changed(bring: Bring) -> None:
    value = pd.DataFrame({"a": np.arange(ROWS)})
    value.attrs["source"] = ["here"]
    snapshot = bring(value)
    mine = snapshot.restore()
    mine.iloc[0, 0] = 7
    mine.attrs["source"].append("there")
    pd.testing.assert_frame_equal(snapshot.restore(), value)
    assert snapshot.restore().attrs == {"source": ["here"]}


@given(
    st.lists(st.sampled_from(["i1", "<f8", "M8[ns]", "bool", "category", "object"]), max_size=5),
    st.integers(0, 600),
)
def test_small_frames_come_back_as_they_were(types: list[str], rows: int) -> None:
    columns = {str(at): (np.arange(rows) % 2).astype("i8") for at in range(len(types))}
    value = pd.DataFrame(columns)
    for at, kind in enumerate(types):
        value[str(at)] = value[str(at)].astype(kind)
    snapshot = in_memory(value)
    pd.testing.assert_frame_equal(snapshot.restore(), value)
    mine = snapshot.restore()
    if rows and types:
        mine.iloc[0, 0] = mine.iloc[-1, 0]
    mine["more"] = 1
    pd.testing.assert_frame_equal(snapshot.restore(), value)
