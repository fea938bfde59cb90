"""Trouble with the store: the function answers, rightly, with one warning, and once it is over."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import warnings

import numpy as np
import pytest

from reprise import StoreError, cache_data
from reprise.engine.outside import Outside
from reprise.errors import StoreWarning
from reprise.stores.disk import DiskStore

SIZES = {"small": 3, "a file": 20_000, "a mapped file": 700_000}

# The pieces of a row that say something of its entry.
COLUMNS = ("header", "inline", "seal", "layout", "grp", "created", "expires", "size", "key")


@pytest.fixture
def still(monkeypatch):
    """Nothing is swept behind: it would use what a test takes away."""
    monkeypatch.setattr(Outside, "tend", lambda *_: None)


@pytest.fixture
def decorated(place, runs):
    """Decorates the function anew, in the runtime of now."""

    def decorated():
        @cache_data(persist=place, ttl=1e6)
        def load(size):
            runs(size)
            return {"values": np.arange(size), "text": "x" * size if size < 100 else ""}

        return load

    return decorated


def is_right(value, size):
    return np.array_equal(value["values"], np.arange(size)) and list(value) == ["values", "text"]


@pytest.fixture
def warned():
    """Counts the warnings of what it is called with, all of which must be about the store."""

    def warned(call):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            call()
        assert all(one.category is StoreWarning for one in told), [str(one) for one in told]
        return len(told)

    return warned


def changed(folder, column, change):
    """Change one column of the newest row behind the store's back; false if it is not there."""
    index = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
    index.text_factory = bytes
    try:
        newest = "WHERE version = (SELECT max(version) FROM entries)"
        (value,) = index.execute(f"SELECT {column} FROM entries {newest}").fetchone()
        if value is None:
            return False
        index.execute(f"UPDATE entries SET {column} = ? {newest}", (change(value),))
        return True
    finally:
        index.close()


def offsets_of(folder, column):
    lengths = []
    changed(folder, column, lambda value: lengths.append(value) or value)
    return len(lengths[0]) if lengths and isinstance(lengths[0], bytes) else 0


@pytest.mark.parametrize("column", COLUMNS)
def test_a_bit_that_flipped_anywhere_in_a_row_is_a_miss(
    column, folder, fresh, decorated, runs, warned
):
    decorated()(3)
    length = offsets_of(folder, column)

    def flip(at):
        def flip(value):
            if isinstance(value, bytes):
                return value[:at] + bytes([value[at] ^ (1 << at % 8)]) + value[at + 1 :]
            return value + 1

        return flip

    for at in range(length or 1):
        before = len(runs)
        assert changed(folder, column, flip(at))
        fresh()
        load = decorated()
        told = warned(lambda load=load: [is_right(load(3), 3) or pytest.fail("wrong")] * 3)
        assert len(runs) - before == (1 if column != "size" else len(runs) - before)
        assert told <= 1
        assert told == 1 or column in ("key", "size")
    fresh()
    assert warned(lambda: decorated()(3)) == 0, "it works again"
    assert length or column in ("created", "expires", "size")


@pytest.mark.parametrize("column", ["header", "inline", "seal", "layout"])
def test_a_row_that_was_cut_short_is_a_miss(column, folder, fresh, decorated, warned):
    decorated()(3)
    for length in range(offsets_of(folder, column)):
        assert changed(folder, column, lambda value, length=length: value[:length])
        fresh()
        load = decorated()
        assert warned(lambda load=load: is_right(load(3), 3) or pytest.fail("wrong")) == 1


@pytest.mark.parametrize("size", [20_000, 700_000])
@pytest.mark.parametrize("way", ["cut", "flip", "longer", "gone", "folder"])
def test_a_file_that_was_damaged_is_a_miss(way, size, folder, fresh, decorated, runs, warned):
    decorated()(size)
    (file,) = (path for path in folder.glob("parts/*/*") if path.is_file())
    whole = file.stat().st_size
    step = 97 * whole // 10_000 if way == "cut" else 997 * whole // 100_000
    spots = {0, 1, whole // 2, whole - 1, *range(0, whole, step)} if way in ("cut", "flip") else {0}
    for at in sorted(spots)[: 40 if size > 100_000 else None]:
        _damage(way, file, at)
        fresh()
        load = decorated()
        before = len(runs)
        told = warned(lambda load=load: [is_right(load(size), size) or pytest.fail("wrong")] * 2)
        if len(runs) == before:
            # Between two parts lie bytes that no part has, and behind the last.
            assert way in ("flip", "longer")
            file.unlink()
            fresh()
            warned(lambda: decorated()(size))
        else:
            assert told == 1
        fresh()
        assert warned(lambda: decorated()(size)) == 0, "it works again"


def _damage(way, file, at):
    if way == "cut":
        os.truncate(file, at)
    elif way == "flip":
        with file.open("r+b") as opened:
            opened.seek(at)
            byte = opened.read(1)
            opened.seek(at)
            opened.write(bytes([byte[0] ^ 4]))
    elif way == "longer":
        with file.open("ab") as opened:
            opened.write(b"more")
    else:
        file.unlink()
        if way == "folder":
            file.mkdir()
            file.rmdir()


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("whole", [True, False])
def test_a_folder_deleted_while_running(size, whole, folder, fresh, decorated, warned, clock):
    fresh()
    load = decorated()
    held = load(size)
    for _ in range(3):
        clock.advance(1)
        for path in [folder] if whole else list(folder.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        assert warned(lambda: is_right(load(size), size) or pytest.fail("wrong")) <= 1
        assert is_right(held, size)
    clock.advance(1)
    fresh()
    assert warned(lambda: is_right(decorated()(size), size)) == 0


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("garbage", [b"garbage" * 10_000, None])
def test_an_index_that_was_overwritten_while_running(
    garbage, folder, fresh, decorated, warned, clock, runs
):
    fresh()
    load = decorated()
    load(3)
    index = folder / "index.sqlite3"
    content = index.read_bytes()[:5000] if garbage is None else garbage
    index.write_bytes(content)
    clock.advance(1)
    sizes = (3, 4)
    told = warned(lambda: [is_right(load(size), size) or pytest.fail("wrong") for size in sizes])
    assert told <= 2
    clock.advance(1)
    fresh()
    told = warned(
        lambda: [is_right(decorated()(one), one) or pytest.fail("wrong") for one in sizes]
    )
    assert told <= 2
    before = len(runs)
    fresh()
    assert warned(lambda: [decorated()(size) for size in (3, 4)]) == 0
    assert len(runs) == before


@pytest.mark.usefixtures("still")
def test_a_disk_that_is_really_full(small_disk, fresh, runs, warned, monkeypatch):
    place = f"disk://{small_disk}/store?max_size=1GB"
    (small_disk / "filler").write_bytes(bytes(2_000_000))

    def decorated():
        @cache_data(persist=place)
        def load(number):
            runs(number)
            return np.random.default_rng(number).bytes(300_000 if number % 3 else 30_000)

        return load

    fresh()
    load = decorated()

    def use():
        for number in range(40):
            assert load(number) == load.__wrapped__(number)

    assert 1 <= warned(use) <= 2
    (small_disk / "filler").unlink()
    fresh()
    shutil.rmtree(small_disk / "store")
    assert warned(lambda: decorated()(1)) == 0
    before = len(runs)
    fresh()
    assert warned(lambda: decorated()(1)) == 0
    assert len(runs) == before


@pytest.mark.usefixtures("still")
def test_a_folder_that_turned_read_only(small_disk, fresh, runs, warned, clock):
    def decorated():
        @cache_data(persist=f"disk://{small_disk}/store")
        def load(number):
            runs(number)
            return [number]

        return load

    runtime = fresh()
    load = decorated()
    load(1)
    for outside in runtime.outsides._opened.values():
        outside.store.close()  # or the disk would be busy
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    clock.advance(1)
    told = warned(lambda: [load(number) for number in (1, 2, 3)] + [load.clear(3)])
    assert 1 <= told <= 4, "one for each matter"
    clock.advance(1)
    assert warned(lambda: [load(number) for number in (4, 5)] + [load.clear()]) == 0
    fresh()
    assert warned(lambda: decorated()(7) == [7] or pytest.fail("wrong")) >= 1
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    before = len(runs)
    fresh()
    assert warned(lambda: decorated()(1)) == 0
    assert len(runs) == before


@pytest.mark.usefixtures("still")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else(folder, fresh, decorated, in_child):
    decorated()(3)

    def stranger():
        os.setuid(65534)
        fresh()
        load = decorated()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            right = all(is_right(load(size), size) for size in (3, 4, 5))
        return 10 * right + (1 <= len(told) <= 3)

    assert in_child(stranger) == 11


@pytest.mark.parametrize("error", [StoreError("lost"), OSError("lost"), RuntimeError("a bug")])
@pytest.mark.parametrize("verb", ["get", "keep", "keys", "moment", "version", "lock", "sweep"])
def test_whatever_a_store_raises_the_caller_is_answered(
    verb, error, fresh, decorated, runs, warned, monkeypatch, clock
):
    def fail(*_, **__):
        raise error

    decorated()(4)
    monkeypatch.setattr(DiskStore, verb, fail)
    fresh()
    load = decorated()

    def use():
        for size in (3, 4, 3, 4):
            assert is_right(load(size), size)
            clock.advance(1)

    # To write, one looks for what is replaced, too.
    assert 1 <= warned(use) <= (2 if verb == "keys" else 1)
    assert warned(use) == 0
    monkeypatch.undo()
    clock.advance(100)
    assert warned(lambda: is_right(load(5), 5) or pytest.fail("wrong")) == 0


def test_a_refresh_that_cannot_be_told_to_the_store_is_made_all_the_same(
    fresh, decorated, runs, warned, monkeypatch
):
    load = decorated()
    load(4)

    def fail(*_):
        raise StoreError("lost")

    monkeypatch.setattr(DiskStore, "supersede", fail)
    assert warned(lambda: is_right(load.refresh(4), 4) or pytest.fail("wrong")) == 1
    assert len(runs) == 2


@pytest.mark.parametrize("error", [StoreError("lost"), RuntimeError("a bug")])
def test_hits_that_cannot_be_written_are_lost_without_a_word(
    error, fresh, decorated, warned, monkeypatch
):
    def fail(*_):
        raise error

    runtime = fresh()
    load = decorated()
    load(4)
    load(4)
    monkeypatch.setattr(DiskStore, "flush", fail)
    assert warned(runtime.close) == 0


def test_an_interrupted_wait_for_the_store_ends_the_call(fresh, decorated, monkeypatch):
    """Ctrl-C is no trouble of the store."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    for verb in ("keys", "keep", "moment", "lock"):
        with monkeypatch.context() as patch:
            patch.setattr(DiskStore, verb, interrupted)
            fresh()
            with pytest.raises(KeyboardInterrupt):
                decorated()(sum(map(ord, verb)))


def test_a_store_that_keeps_callers_waiting_is_left_alone_for_a_while(
    fresh, decorated, runs, warned, monkeypatch, clock
):
    asked = []

    def slow(*_):
        asked.append(1)
        clock.advance(5)
        raise StoreError("the index is locked")

    assert is_right(decorated()(4), 4)
    fresh()
    load = decorated()
    with monkeypatch.context() as patch:
        patch.setattr(DiskStore, "keys", slow)
        assert warned(lambda: [load(size) for size in range(10, 20)]) == 1
        assert len(asked) == 1
        clock.advance(31)
        load(20)
        assert len(asked) == 2
        load.clear()  # must not be forgotten while it is left alone
    clock.advance(31)
    ran = len(runs)
    assert is_right(load(4), 4)
    assert len(runs) == ran + 1
    fresh()
    assert is_right(decorated()(4), 4)
    assert len(runs) == ran + 1
