from __future__ import annotations

import gc
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reprise.values import pages
from reprise.values.pages import Extent, Limits, PagePool, process_limits

PAGE = pages.mmap.PAGESIZE


@pytest.fixture
def pool() -> PagePool:
    return PagePool(lambda: Limits(files=3, mappings=3))


@pytest.fixture(params=["memfd", "temporary file"])
def filled(request, pool, monkeypatch):
    """A sealed file with two buffers, and their extents."""
    if request.param == "temporary file":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    file = pool.create()
    extents = [
        file.append([memoryview(b"ab"), memoryview(b"c")]),
        file.append([memoryview(b"d" * 5000)]),
    ]
    file.seal()
    return file, extents


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_buffers_come_back_each_at_the_start_of_a_page(filled):
    file, extents = filled
    assert extents == [Extent(0, 3), Extent(PAGE, PAGE + 5000)]
    assert [bytes(view) for view in file.views(extents)] == [b"abc", b"d" * 5000]
    assert file.size == PAGE + 2 * PAGE


def test_what_one_holder_writes_no_other_sees(filled):
    file, extents = filled
    early, writer = file.views(extents), file.views(extents)
    writer[0][:] = b"xyz"
    assert (
        bytes(early[0]) == bytes(file.views(extents)[0]) == bytes(file.read(extents[0])) == b"abc"
    )
    assert bytes(writer[0]) == b"xyz"


def test_a_mapping_outlives_its_file(filled):
    file, extents = filled
    views = file.views(extents)
    del file, filled
    gc.collect()
    views[1][:1] = b"e"
    assert bytes(views[1][:2]) == b"ed"


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only memory files can be sealed")
def test_a_sealed_memory_file_cannot_be_written_or_cut(pool):
    file = pool.create()
    extent = file.append([memoryview(b"abc")])
    file.seal()
    with pytest.raises(PermissionError):
        os.write(file._descriptor, b"x")
    with pytest.raises(PermissionError):
        os.ftruncate(file._descriptor, 0)
    assert bytes(file.views([extent])[0]) == b"abc"


def test_above_the_bound_of_mappings_holders_get_copies_of_their_own(filled, pool):
    file, extents = filled
    held = [file.views(extents) for _ in range(5)]
    assert pool.mappings == 3
    for number, views in enumerate(held):
        views[0][:1] = b"%d" % number
    assert [bytes(views[0]) for views in held] == [b"%dbc" % number for number in range(5)]
    held.clear()
    gc.collect()
    assert pool.mappings == 0


def test_above_the_bound_of_files_none_is_made(pool):
    files = [pool.create() for _ in range(3)]
    with pytest.raises(OSError, match="as many page files as allowed"):
        pool.create()
    files.pop()
    assert pool.create().size == 0


def test_a_mapping_that_the_system_refuses_becomes_a_copy(filled, monkeypatch):
    def refuse(descriptor: int, length: int) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(pages, "_map", refuse)
    file, extents = filled
    views = file.views(extents)
    views[0][:1] = b"x"
    assert bytes(views[0]) == b"xbc"
    assert bytes(file.views(extents)[0]) == b"abc"


def test_a_failed_append_leaves_what_was_there(pool):
    def chunks():
        yield memoryview(b"x" * 10_000)
        raise OSError("full")

    file = pool.create()
    first = file.append([memoryview(b"abc")])
    with pytest.raises(OSError, match="full"):
        file.append(chunks())
    second = file.append([memoryview(b"de")])
    file.seal()
    assert [bytes(view) for view in file.views([first, second])] == [b"abc", b"de"]
    assert os.fstat(file._descriptor).st_size == second.stop


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_no_descriptor_is_left_when_all_have_let_go():
    pool = PagePool()
    before = descriptors()
    for _ in range(50):
        file = pool.create()
        extent = file.append([memoryview(b"abc")])
        file.seal()
        views = [file.views([extent]) for _ in range(3)]
        assert descriptors() > before
        del file, views
    gc.collect()
    assert descriptors() == before
    assert (pool.files, pool.mappings) == (0, 0)


def test_threads_that_map_at_once_get_their_own(pool):
    file = pool.create()
    extent = file.append([memoryview(bytes(PAGE))])
    file.seal()

    def write(number: int) -> bool:
        (view,) = file.views([extent])
        view[:4] = number.to_bytes(4, "big")
        return int.from_bytes(view[:4], "big") == number and not any(view[4:])

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(write, range(1, 500)))
    assert not any(file.read(extent))


def test_most_of_the_process_limits_are_left_to_the_program():
    resource = pytest.importorskip("resource")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = process_limits()
    assert 0 < limits.files <= soft // 8
    assert 0 < limits.mappings <= pages._max_map_count() // 4
    if pages._MAPPING_KEEPS_DESCRIPTOR:
        assert limits.mappings <= soft // 8
