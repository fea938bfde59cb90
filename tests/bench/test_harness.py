from __future__ import annotations

import itertools
import sys
import time
from types import SimpleNamespace

import pytest

import reprise


@pytest.fixture(autouse=True)
def _empty():
    yield
    reprise.cache_data.clear()


@pytest.fixture
def peer(bench):
    peers = bench("_peers")
    return {each.name: each for each in (*peers.PEERS, *peers.AWAITED)}


def test_a_cache_that_runs_the_function_again_is_found_out(bench):
    numbers = itertools.count()
    measure = bench("_harness").hits(lambda _: next(numbers), 3, stamp=int)
    with pytest.raises(AssertionError, match="ran again"):
        measure()


def test_hits_are_timed_with_the_arguments_that_were_given(bench):
    seen = set()

    def spy(city, *, currency):
        seen.add((city, currency))
        return 1

    assert bench("_harness").hits(spy, "Bonn", stamp=int, currency="USD")() > 0
    assert seen == {("Bonn", "USD")}


@pytest.mark.parametrize(
    ("name", "isolated"),
    [("Reprise", True), ("lru_cache", False), ("cachetools", False), ("joblib", True)],
)
def test_isolation_is_tried(bench, peer, name, isolated):
    assert bench("_peers").isolates(peer[name]) is isolated


def test_isolation_is_tried_of_awaited_results(bench):
    ours, theirs = bench("_peers").AWAITED[:2]
    assert bench("_peers").isolates(ours)
    assert not bench("_peers").isolates(theirs)


def test_every_round_measures_every_cache_and_begins_with_another(bench, peer):
    harness = bench("_harness")
    order = []

    def prepare(one):
        def measure():
            order.append(one.name)
            return 1.0

        return measure

    peers = [peer["Reprise"], peer["lru_cache"]]
    answer = harness.ask(harness.Question("made up", prepare, peers=peers, rounds=4))
    a, b = "Reprise", "lru_cache"
    assert order[2:] == [a, b, b, a, a, b, b, a]
    assert [figure.samples.get_nvalue() for figure in answer.figures.values()] == [4, 4]


def test_a_question_that_no_cache_can_answer_has_the_reasons(bench, peer):
    harness = bench("_harness")

    def prepare(one):
        raise harness.NotComparableError("has no wings")

    answer = harness.ask(harness.Question("made up", prepare, peers=[peer["Reprise"]]))
    assert [(str(each), each.note) for each in answer.figures.values()] == [("n/a", "has no wings")]


def test_what_a_first_run_adds_leaves_the_function_itself_out(bench, monkeypatch):
    frames = bench("_frames")
    clock = iter([100, 108])
    monkeypatch.setattr(frames, "time", SimpleNamespace(perf_counter_ns=lambda: next(clock)))
    assert frames.added(lambda: (103, 106), times=lambda result: result) == pytest.approx(5e-9)


def test_a_hit_is_no_first_run(bench):
    old = time.perf_counter_ns()
    with pytest.raises(AssertionError, match="did not run"):
        bench("_frames").added(lambda: (old, old), times=lambda result: result)


@pytest.mark.parametrize("which", [0, 1])
def test_reruns_of_an_app_are_hits_and_a_cache_that_keeps_nothing_is_found_out(bench, peer, which):
    rerun = bench("rerun")
    assert rerun.prepare(peer["Reprise"], which)() > 0
    with pytest.raises(AssertionError, match="ran functions again"):
        rerun.prepare(peer["lru_cache"], which)()


def test_a_sample_of_a_frame_is_found_out(bench, peer):
    argument = bench("frame_argument")
    assert not argument.overlooks(peer["Reprise"])
    assert argument.overlooks(peer["dogpile memory"])


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is told by /proc")
def test_a_process_of_its_own_tells_times_and_memory(bench):
    rows = 200_000
    found = bench("_processes").run("foreign", "Reprise", rows, 2, needs=0)
    assert len(found.first) == len(found.hit) == 2
    assert min(found.first + found.hit) > 0
    assert found.memory >= rows * bench("_frames").ROW_BYTES


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is told by /proc")
def test_what_does_not_fit_into_memory_is_not_tried(bench):
    with pytest.raises(bench("_harness").NotComparableError, match=r"needs about 1048576\.0 GiB"):
        bench("_processes").run("frame", "Reprise", 10**9, 2, needs=2**50)


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is told by /proc")
def test_anonymous_files_count_as_memory_once(bench):
    import mmap
    import os

    taken = bench("_processes").taken
    size = 32 * 2**20
    before = taken(os.getpid())
    descriptor = os.memfd_create("test")
    try:
        os.write(descriptor, bytes(size))
        with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as mapping:
            assert mapping[size - 1] == 0
            again = os.dup(descriptor)
            grown = taken(os.getpid()) - before
            os.close(again)
    finally:
        os.close(descriptor)
    assert 0.9 * size < grown < 1.5 * size
