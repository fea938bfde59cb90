from __future__ import annotations

import os

import pytest

from reprise.values.pages import Limits, PagePool
from reprise.values.spool import PAGES_FROM, HeapBuffers, PageBuffers, Spool

LARGE = bytes([7]) * PAGES_FROM


@pytest.fixture
def spool(pool: PagePool) -> Spool:
    return Spool(pool)


def add(spool: Spool, *buffers: bytes, readonly: bool = False) -> None:
    for data in buffers:
        spool.add([memoryview(data)], len(data), readonly=readonly)


def test_a_spool_that_took_nothing_has_no_buffers(spool):
    assert spool.buffers() is None


def test_small_buffers_stay_in_memory_and_are_handed_out_as_copies(spool):
    add(spool, b"ab", b"cd")
    buffers = spool.buffers()
    assert isinstance(buffers, HeapBuffers)
    assert buffers.size == 4
    first = buffers.take()
    first[0][:] = b"xx"
    assert buffers.take() == [bytearray(b"ab"), bytearray(b"cd")]


def test_small_readonly_buffers_are_shared_as_bytes(spool):
    add(spool, b"ab", readonly=True)
    buffers = spool.buffers()
    assert buffers.take()[0] is buffers.take()[0]
    assert type(buffers.take()[0]) is bytes


def test_small_buffers_move_to_pages_once_all_are_large_together(spool):
    half = LARGE[: PAGES_FROM // 2]
    add(spool, b"ab", half, half, b"cd")
    buffers = spool.buffers()
    assert isinstance(buffers, PageBuffers)
    assert [bytes(view) for view in buffers.take()] == [b"ab", half, half, b"cd"]
    assert PAGES_FROM < buffers.size < PAGES_FROM + 20_000


def test_without_a_descriptor_left_large_buffers_stay_in_memory():
    spool = Spool(PagePool(lambda: Limits(files=0, mappings=0)))
    add(spool, b"ab", LARGE, b"cd")
    buffers = spool.buffers()
    assert isinstance(buffers, HeapBuffers)
    assert buffers.take() == [b"ab", LARGE, b"cd"]


def test_a_disk_that_fills_up_midway_costs_nothing_of_the_value(spool, monkeypatch):
    add(spool, b"ab", LARGE)
    write = os.write

    def fill_up(descriptor: int, data: memoryview) -> int:
        monkeypatch.setattr(os, "write", refuse)
        return write(descriptor, data[:100])

    def refuse(descriptor: int, data: memoryview) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "write", fill_up)
    add(spool, LARGE, b"cd")
    buffers = spool.buffers()
    assert isinstance(buffers, HeapBuffers)
    assert buffers.take() == [b"ab", LARGE, LARGE, b"cd"]


def test_a_file_that_cannot_be_sealed_is_given_up(spool, monkeypatch):
    def refuse(descriptor: int, length: int) -> None:
        raise OSError("not permitted")

    add(spool, LARGE)
    monkeypatch.setattr(os, "ftruncate", refuse)
    buffers = spool.buffers()
    assert isinstance(buffers, HeapBuffers)
    assert buffers.take() == [LARGE]


@pytest.fixture
def apart(monkeypatch):
    """Buffers of any size are worth a thread."""
    monkeypatch.setattr("reprise.values.spool.APART_FROM", 1)


OTHERS = [bytes([number]) * (PAGES_FROM + number) for number in range(5)]


@pytest.mark.usefixtures("apart")
def test_large_buffers_are_written_to_two_files_and_come_back_in_order(spool):
    add(spool, b"ab", *OTHERS, b"cd", b"")
    buffers = spool.buffers()
    assert isinstance(buffers, PageBuffers)
    assert len(buffers.files) == 2
    assert buffers.take() == [b"ab", *OTHERS, b"cd", b""]
    assert buffers.take() == [b"ab", *OTHERS, b"cd", b""]


@pytest.mark.usefixtures("apart")
def test_views_of_both_files_are_private(spool):
    add(spool, *OTHERS)
    buffers = spool.buffers()
    for view in buffers.take():
        view[:] = b"x" * len(view)
    assert buffers.take() == OTHERS


@pytest.mark.usefixtures("apart")
def test_one_large_buffer_needs_one_file(spool, pool):
    add(spool, LARGE)
    buffers = spool.buffers()
    assert len(buffers.files) == 1
    assert buffers.take() == [LARGE]


@pytest.mark.usefixtures("apart")
def test_with_one_file_allowed_all_goes_there():
    spool = Spool(PagePool(lambda: Limits(files=1, mappings=10)))
    add(spool, b"ab", *OTHERS)
    buffers = spool.buffers()
    assert isinstance(buffers, PageBuffers)
    assert len(buffers.files) == 1
    assert buffers.take() == [b"ab", *OTHERS]


@pytest.mark.usefixtures("apart")
def test_where_no_thread_can_be_had_the_caller_writes_all(spool, monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    add(spool, *OTHERS)
    assert spool.buffers().take() == OTHERS


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("file_that_fails", [0, 1])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_whichever_file_cannot_grow_nothing_of_the_value_is_lost(
    spool, monkeypatch, file_that_fails, after
):
    write, descriptors, writes = os.write, [], []

    def fill_up(descriptor: int, data: memoryview) -> int:
        if descriptor not in descriptors:
            descriptors.append(descriptor)
        if descriptors.index(descriptor) == file_that_fails:
            writes.append(len(data))
            if len(writes) > after:
                raise OSError("no space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", fill_up)
    add(spool, b"ab", *OTHERS, b"cd")
    assert spool.buffers().take() == [b"ab", *OTHERS, b"cd"]


@pytest.mark.usefixtures("apart")
def test_what_fails_in_the_other_thread_for_another_reason_is_raised_to_the_caller(spool):
    class Broken:
        def __iter__(self):
            raise ZeroDivisionError("in the middle of an array")

    add(spool, LARGE)
    spool._apart._latest.result()
    spool.add(Broken(), 10, readonly=False)
    with pytest.raises(ZeroDivisionError):
        spool.buffers()
