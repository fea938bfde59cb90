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
