"""What the kernel tells of private mappings: attacked by every way to write to one."""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from reprise.values import residence

PAGE = mmap.PAGESIZE
PAGES = 64

pytestmark = pytest.mark.usefixtures("page_map")

WAYS = [way for way in (residence._by_scan, residence._by_entries) if residence._tells_copies(way)]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__.strip("_"))
def untouched(request, monkeypatch):
    """The question, asked in each way that works here."""
    monkeypatch.setattr(residence, "_way", lambda: request.param)
    # In pieces that are smaller than what the tests map.
    monkeypatch.setattr(residence, "_PIECE", 7)
    return residence.untouched


@pytest.fixture(params=["memory file", "temporary file"])
def mapping(request, tmp_path):
    content = bytes(range(256)) * (PAGES * PAGE // 256)
    if request.param == "memory file":
        descriptor = os.memfd_create("test")
    else:
        descriptor = os.open(tmp_path / "pages", os.O_RDWR | os.O_CREAT)
    os.write(descriptor, content)
    made = mmap.mmap(descriptor, len(content), access=mmap.ACCESS_COPY)
    os.close(descriptor)
    return made


@pytest.fixture
def start(mapping):
    return residence.address_of(mapping)


def asked(untouched, start):
    """The pages that are said to be copied, each asked for by itself."""
    places = [start + page * PAGE for page in range(PAGES)]
    return [page for page, at in enumerate(places) if not untouched(at, at + PAGE)]


def test_pages_that_nobody_has_seen_are_untouched(untouched, mapping, start):
    assert untouched(start, start + PAGES * PAGE)
    assert asked(untouched, start) == []


def test_pages_that_were_read_are_untouched(untouched, mapping, start):
    assert len(mapping[:]) == PAGES * PAGE
    assert untouched(start, start + PAGES * PAGE)
    assert asked(untouched, start) == []


def test_the_page_that_was_written_to_is_told_from_its_neighbours(untouched, mapping, start):
    mapping[:]
    for page in (0, 13, PAGES - 1):
        mapping[page * PAGE + 17] = 1
    assert asked(untouched, start) == [0, 13, PAGES - 1]
    assert untouched(start + PAGE, start + 13 * PAGE)
    assert not untouched(start + PAGE, start + 14 * PAGE)
    assert not untouched(start + 13 * PAGE, start + (PAGES - 1) * PAGE)
    assert untouched(start + 14 * PAGE, start + (PAGES - 1) * PAGE)


def test_a_part_of_a_page_counts_with_all_of_the_page(untouched, mapping, start):
    mapping[PAGE] = 1
    mapping[3 * PAGE + PAGE - 1] = 1
    assert untouched(start, start + PAGE)
    assert not untouched(start, start + PAGE + 1)
    assert not untouched(start + 2 * PAGE - 1, start + 2 * PAGE)
    assert untouched(start + 2 * PAGE, start + 3 * PAGE)
    assert not untouched(start + 2 * PAGE, start + 3 * PAGE + 1)


def with_numpy(mapping):
    np.frombuffer(mapping, np.float64)[PAGE:][0] = 1.5


def with_a_view(mapping):
    memoryview(mapping)[8 * PAGE : 8 * PAGE + 1] = b"x"


def with_the_same_bytes(mapping):
    mapping[8 * PAGE] = mapping[8 * PAGE]


def by_writing_back(mapping):
    before = mapping[8 * PAGE]
    mapping[8 * PAGE] = before ^ 255
    mapping[8 * PAGE] = before


def in_another_thread(mapping):
    thread = threading.Thread(target=with_a_view, args=(mapping,))
    thread.start()
    thread.join()


def by_its_address(mapping):
    ctypes.memset(residence.address_of(mapping) + 8 * PAGE, 7, 1)


def by_reading_a_file_into_it(mapping):
    with Path("/dev/zero").open("rb", buffering=0) as file:
        assert file.readinto(memoryview(mapping)[8 * PAGE : 8 * PAGE + 1]) == 1


def through_the_memory_of_the_process(mapping):
    """As a debugger does it."""
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(residence.address_of(mapping) + 8 * PAGE)
        memory.write(b"x")


def by_moving_it_about(mapping):
    mapping.move(8 * PAGE, 0, 1)


@pytest.mark.parametrize("read_before", [True, False])
@pytest.mark.parametrize(
    "write",
    [
        with_numpy,
        with_a_view,
        with_the_same_bytes,
        by_writing_back,
        in_another_thread,
        by_its_address,
        by_reading_a_file_into_it,
        through_the_memory_of_the_process,
        by_moving_it_about,
    ],
)
def test_no_way_to_write_stays_unseen(untouched, mapping, start, write, read_before):
    if read_before:
        mapping[:]
    write(mapping)
    assert asked(untouched, start) == [8]


def test_what_was_taken_back_to_the_file_is_untouched_again(untouched, mapping, start):
    before = mapping[:]
    mapping[5 * PAGE] ^= 255
    assert not untouched(start, start + PAGES * PAGE)
    mapping.madvise(mmap.MADV_DONTNEED)
    assert untouched(start, start + PAGES * PAGE)
    assert mapping[:] == before


def test_another_mapping_of_the_file_is_untouched(untouched):
    descriptor = os.memfd_create("test")
    os.ftruncate(descriptor, 2 * PAGE)
    first, second = (mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY) for _ in range(2))
    os.close(descriptor)
    first[0] = 1
    assert not untouched(residence.address_of(first), residence.address_of(first) + PAGE)
    assert untouched(residence.address_of(second), residence.address_of(second) + 2 * PAGE)


def test_a_forked_child_and_its_parent_are_told_apart(untouched, mapping, start, in_child):
    mapping[:]

    def write_and_ask():
        before = untouched(start, start + PAGES * PAGE)
        mapping[0] = 1
        return before and asked(untouched, start) == [0]

    assert in_child(write_and_ask) == 1
    assert untouched(start, start + PAGES * PAGE)
    mapping[PAGE] = 1
    assert in_child(lambda: asked(untouched, start) == [1]) == 1


def test_memory_that_is_of_no_file_is_untouched_at_most_while_it_is_empty(untouched):
    memory = mmap.mmap(-1, PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory[0] = 1
    start = residence.address_of(memory)
    assert not untouched(start, start + PAGE)


def test_what_lies_beyond_all_memory_is_never_untouched(monkeypatch):
    monkeypatch.setattr(residence, "_way", lambda: residence._by_entries)
    assert not residence.untouched((1 << 63) - PAGE, (1 << 63) + PAGE)


def test_without_a_page_map_nothing_is_untouched(untouched, mapping, start, monkeypatch):
    monkeypatch.setattr(residence, "_PAGEMAP", "/proc/self/nothing")
    assert not untouched(start, start + PAGE)


def test_a_page_map_that_is_always_empty_is_found_out(tmp_path, monkeypatch):
    """Such a one tells that no page was copied, whatever was written."""
    empty = tmp_path / "pagemap"
    with empty.open("wb") as file:
        file.truncate(1 << 39)
    monkeypatch.setattr(residence, "_PAGEMAP", str(empty))
    assert not any(map(residence._tells_copies, (residence._by_scan, residence._by_entries)))


@pytest.mark.parametrize(
    "lie",
    [
        lambda *_: True,
        lambda *_: False,
        lambda _, start, stop: stop - start == PAGE,
        lambda _, start, stop: stop - start > PAGE,
    ],
)
def test_a_way_that_does_not_tell_the_truth_is_not_used(lie):
    assert not residence._tells_copies(lie)


def test_where_no_memory_file_can_be_made_nothing_is_known(monkeypatch):
    def refuse(*_):
        raise PermissionError("not here")

    monkeypatch.setattr(os, "memfd_create", refuse)
    assert not residence._tells_copies(residence._by_entries)
    monkeypatch.delattr(os, "memfd_create")
    assert not residence._tells_copies(residence._by_entries)


def test_a_descriptor_is_left_open_by_no_question(untouched, mapping, start):
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - no entries are needed
    for _ in range(20):
        untouched(start, start + PAGE)
    residence._tells_copies(residence._by_scan)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_without_ctypes_there_is_no_address():
    """And it is not loaded for that: it would make the first import slower."""
    script = (
        "import mmap, sys\n"
        "from reprise.values import residence\n"
        "assert 'ctypes' not in sys.modules\n"
        "print(residence.address_of(mmap.mmap(-1, 1)), 'ctypes' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "None False\n"
