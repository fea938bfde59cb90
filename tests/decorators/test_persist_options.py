"""Where results are kept, as decorators, settings and Streamlit's spelling say it."""

from __future__ import annotations

import asyncio

import pytest

import reprise
from reprise import cache_data, config
from reprise.errors import (
    InvalidOptionError,
    InvalidSettingError,
    RepriseDeprecationWarning,
    StoreWarning,
    UnserializableReturnValueError,
)
from reprise.signing import Signer
from reprise.stores.disk import DiskStore


class Odd:
    """Only pickle writes one."""

    def __eq__(self, other):
        return type(other) is Odd

    __hash__ = None


@pytest.fixture(autouse=True)
def away(folder, tmp_path, monkeypatch):
    """No setting of this project, and none that a test makes outlives it."""
    monkeypatch.chdir(tmp_path)
    config.reset()
    yield
    config.reset()


@pytest.fixture
def persists(fresh, runs):
    """Whether a function with these options finds in a fresh process what it computed before."""

    def persists(decorator=cache_data, **options):
        def decorated():
            @decorator(**options)
            def load(number):
                runs(number)
                return [number]

            return load

        before = len(runs)
        for _ in range(2):
            fresh()
            assert decorated()(before) == decorated()(before) == [before]
        return len(runs) == before + 1

    return persists


@pytest.mark.parametrize("persist", [True, "disk", "disk://"])
def test_the_usual_folder_is_this_user_s(persist, persists, tmp_path):
    assert persists(persist=persist)
    assert list((tmp_path / "caches").rglob("index.sqlite3"))


def test_a_place_that_is_named(persists, place, folder):
    assert persists(persist=place)
    assert (folder / "index.sqlite3").exists()


def test_a_store_that_is_given(persists, folder, clock):
    store = DiskStore(folder, signer=Signer(b"its own, which counts"), clock=clock, max_size=1e9)
    assert persists(persist=store)
    assert (folder / "index.sqlite3").exists()


@pytest.mark.parametrize("persist", [None, False])
def test_without_a_store_nothing_is_kept(persist, persists, tmp_path):
    assert not persists(persist=persist)
    assert not list(tmp_path.rglob("index.sqlite3"))


@pytest.mark.parametrize("way", ["configure", "environment", "file", "store"])
def test_a_store_for_all_functions(
    way, persists, place, folder, monkeypatch, tmp_path, clock, fresh
):
    if way == "configure":
        reprise.configure(store=place)
    elif way == "store":
        signer = Signer(b"its own, which counts")
        reprise.configure(store=DiskStore(folder, signer=signer, clock=clock, max_size=1e9))
    elif way == "environment":
        monkeypatch.setenv("REPRISE_STORE", place)
    else:
        (tmp_path / "pyproject.toml").write_text(f'[tool.reprise]\nstore = "{place}"\n')
    config.reset() if way in ("environment", "file") else None
    assert persists()
    assert (folder / "index.sqlite3").exists()
    assert not persists(persist=False)
    assert persists(persist="disk"), "which means this store"
    assert not (tmp_path / "caches").exists()
    assert not persists(reprise.cache_resource)


def test_a_store_that_is_set_after_decorating(place, fresh, runs, clock):
    @cache_data
    def load(x):
        runs(x)
        return [x]

    load(1)
    reprise.configure(store=place)
    assert load(2) == [2]
    load(1)
    assert runs == [1, 2]
    clock.advance(1)
    again = cache_data(load.__wrapped__)
    again.clear(2)
    fresh()
    late = cache_data(load.__wrapped__)
    assert late.peek(2) is reprise.MISSING
    late(3)
    assert load(3) == [3]
    assert runs == [1, 2, 3]
    late.refresh(3)
    clock.advance(1)
    assert load(3) == [3]
    late.clear()
    clock.advance(1)
    assert load(3) == [3]
    assert runs == [1, 2, 3, 3, 3], "an untimed wrapper looks, too"


@pytest.mark.parametrize(
    "persist", ["Disk", "", "disks", "redis://x", "disk://x?size=1", 1, 0, 2.5, [], "memory://"]
)
def test_a_bad_place_is_named_when_decorating(persist):
    with pytest.raises(InvalidOptionError) as told:
        cache_data(persist=persist)(len)
    assert repr(persist).strip("'") in str(told.value)


@pytest.mark.parametrize("codec", ["pickle", True, 1, ""])
def test_a_bad_codec_is_named(codec, place):
    with pytest.raises(InvalidOptionError, match="persist_codec") as told:
        cache_data(persist=place, persist_codec=codec)(len)
    assert repr(codec) in str(told.value)


@pytest.mark.parametrize("store", ["redis://x", "somewhere", "memory://"])
def test_a_bad_setting_is_told_when_decorating(store, monkeypatch):
    monkeypatch.setenv("REPRISE_STORE", store)
    config.reset()
    with pytest.raises(InvalidSettingError, match="setting store") as told:
        cache_data(len)
    cache_data(persist=False)(len)
    assert store in str(told.value)


def test_sessions_end_with_the_process(place):
    with pytest.raises(InvalidOptionError, match='scope="session"'):
        cache_data(persist=place, scope="session")(len)
    cache_data(persist=False, scope="session")(len)


def test_safe_refuses_what_only_pickle_writes(place, fresh, runs):
    def decorated(**options):
        @cache_data(persist=place, **options)
        def load():
            runs(1)
            return {"inner": [Odd()]}

        return load

    safe = decorated(persist_codec="safe")
    for _ in range(2):
        with pytest.raises(UnserializableReturnValueError, match="Odd"):
            safe()
    assert safe.peek() is reprise.MISSING
    reprise.configure(persist_codec="safe")
    with pytest.raises(UnserializableReturnValueError, match="Odd"):
        decorated()()
    assert decorated(persist_codec="auto")() == {"inner": [Odd()]}
    assert len(runs) == 4
    fresh()
    assert decorated(persist_codec="auto")() == {"inner": [Odd()]}
    assert len(runs) == 4


def test_safe_reads_no_pickle_that_another_stored(place, fresh, runs):
    def decorated(codec):
        @cache_data(persist=place, persist_codec=codec)
        def load():
            runs(1)
            return {"inner": [Odd()]} if len(runs) == 1 else "plain"

        return load

    decorated("auto")()
    fresh()
    assert decorated("safe")() == "plain"


def test_a_value_that_cannot_be_packed_stays_in_memory(place, fresh, runs, monkeypatch):
    from reprise.values import codecs

    def refuse(*_, **__):
        raise codecs.UndecodableError("not this one")

    monkeypatch.setattr(codecs, "pack", refuse)

    @cache_data(persist=place)
    def load(x):
        runs(x)
        return [x]

    with pytest.warns(StoreWarning, match="not this one") as told:
        assert [load(1), load(2), load(1), load(2)] == [[1], [2], [1], [2]]
    assert len(told) == 1
    assert runs == [1, 2]


def test_coroutine_functions(place, fresh, runs):
    def decorated():
        @cache_data(persist=place)
        async def load(x):
            runs(x)
            await asyncio.sleep(0)
            return [x]

        return load

    async def use(load):
        found = await asyncio.gather(*[load(x % 2) for x in range(10)])
        for one in found:
            one.append("spoilt")
        return [await load(0), await load(1)]

    for _ in range(2):
        fresh()
        assert asyncio.run(use(decorated())) == [[0], [1]]
    assert sorted(runs.noted) == [0, 1]


def test_a_task_that_is_cancelled_while_another_process_computes_ends(place, fresh, folder):
    """And whoever waits behind it goes on."""

    @cache_data(persist=place)
    async def load():
        return "done"

    async def use():
        held = []
        real = DiskStore.lock

        def lock(self, key):
            held.append(real(self, key))
            if len(held) == 1:
                other.append(real(self, key))
                assert other[0].try_acquire()
            return held[-1]

        other = []
        DiskStore.lock = lock
        try:
            task = asyncio.create_task(load())
            while not other:  # noqa: ASYNC110 - set by another thread, which has no loop
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 5)
            other[0].release()
            return await asyncio.wait_for(load(), 5)
        finally:
            DiskStore.lock = real

    assert asyncio.run(use()) == "done"


def test_the_old_decorator(persists, place):
    reprise.configure(store=place)
    with pytest.warns(RepriseDeprecationWarning):
        assert persists(reprise.cache, persist=True)
