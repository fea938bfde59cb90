"""How long what was stored lives, and what other processes notice of it, and when."""

from __future__ import annotations

import threading

import pytest

from reprise import MISSING, cache_data
from reprise.engine.outside import Outside
from reprise.engine.persistence import CURRENT_FOR
from reprise.engine.refresher import Refresher
from reprise.errors import StoreWarning
from reprise.signing import Signer
from reprise.stores.disk import DiskStore
from reprise.stores.disk.looking import view
from reprise.testing import FakeClock


@pytest.fixture
def processes(place, fresh, runs):
    """Makes a function in each of as many processes as are asked for."""

    def processes(count, body=None, **options):
        body = body or (lambda x: [x, len(runs)])

        def decorated():
            @cache_data(persist=place, **options)
            def load(x):
                runs(x)
                return body(x)

            return load

        made = []
        for _ in range(count):
            fresh()
            made.append(decorated())
        return made

    return processes


def test_a_ttl_counts_from_when_the_value_was_made(processes, clock):
    one, other, third = processes(3, ttl=10)
    assert one(1) == [1, 1]
    clock.advance(6)
    assert other(1) == [1, 1]
    clock.advance(3.9)
    assert [one(1), other(1), third(1)] == [[1, 1]] * 3
    clock.advance(0.2)
    assert [one(1), other(1), third(1)] == [[1, 2]] * 3


def test_a_ttl_counts_by_the_wall_clock_of_a_machine_that_started_anew(processes, fresh, place):
    (one,) = processes(1, ttl=100)
    assert one(1) == [1, 1]
    fresh(FakeClock(monotonic=5.0, time=1.7e9 + 99))
    assert _again(one, place)(1) == [1, 1]
    fresh(FakeClock(monotonic=5.0, time=1.7e9 + 101))
    assert _again(one, place)(1) == [1, 2]


def _again(function, place):
    """The function decorated once more, in the runtime of now."""
    return cache_data(persist=place, ttl=100)(function.__wrapped__)


def test_each_decoration_obeys_its_own_ttl(place, fresh, runs, clock):
    def decorated(ttl):
        @cache_data(persist=place, ttl=ttl)
        def load():
            runs(1)
            return len(runs)

        return load

    fresh()
    assert decorated(100)() == 1
    clock.advance(50)
    fresh()
    assert decorated(60)() == 1
    assert decorated(40)() == 2
    fresh()
    assert decorated(100)() == 2


def test_a_stale_result_is_served_and_refreshed_for_all(processes, clock, runs):
    one, other, third = processes(3, ttl=10, refresh_mode="background")
    assert one(1) == other(1) == [1, 1]
    clock.advance(11)
    assert other(1) == [1, 1]
    _until(lambda: third.peek(1) == [1, 2])
    clock.advance(1)
    assert one(1) == other(1) == [1, 2]
    assert len(runs) == 2


def test_what_another_has_just_refreshed_is_not_refreshed_again(processes, clock, runs):
    one, other, third = processes(3, ttl=10, refresh_mode="background")
    assert one(1) == other(1) == [1, 1]
    clock.advance(9.8)
    assert other(1) == [1, 1], "it has just seen that this is what the store has"
    clock.advance(0.3)
    assert one(1) == [1, 1]
    _until(lambda: third.peek(1) == [1, 2])
    assert other(1) == [1, 1]
    _until(lambda: other.peek(1) == [1, 2])
    assert len(runs) == 2


def test_a_stale_result_of_another_process_is_served_by_a_fresh_one(processes, clock, runs):
    one, other = processes(2, ttl=10, refresh_mode="background")
    assert one(1) == [1, 1]
    clock.advance(15)
    assert other(1) == [1, 1]
    _until(lambda: other.peek(1) == [1, 2])
    clock.advance(25)
    (late,) = processes(1, ttl=10, refresh_mode="background")
    assert late(1) == [1, 3]


def _until(condition):
    """Wait for what happens in another thread."""
    event = threading.Event()
    for _ in range(2000):
        if condition():
            return
        event.wait(0.005)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("arguments", [(), (1,)])
def test_a_clear_holds_here_at_once_and_elsewhere_within_a_second(processes, clock, arguments):
    one, other, third = processes(3)
    assert [one(1), other(1), one(2), other(2)] == [[1, 1], [1, 1], [2, 2], [2, 2]]
    one.clear(*arguments)
    assert one.peek(1) is MISSING
    assert third.peek(1) is MISSING
    assert one(1) == [1, 3]
    clock.advance(1)
    assert other(1) == [1, 3]
    assert other(2) == ([2, 2] if arguments else [2, 4])
    assert third(1) == [1, 3]


def test_clearing_all_functions_clears_what_is_stored(processes, clock, fresh):
    one, other = processes(2)
    assert one(1) == other(1)
    cache_data.clear()  # of the runtime made last, which has other
    assert other.peek(1) is MISSING
    clock.advance(1)
    assert one.peek(1) is MISSING
    assert one(1) == [1, 2]


def test_a_clear_in_one_process_holds_for_what_another_computes_meanwhile(
    processes, fresh, clock, runs
):
    clears = []

    def body(x):
        number = len(runs)
        if clears:
            clears.pop()()
        return [x, number]

    one, other = processes(2, body)
    for clear in (other.clear, lambda: other.clear(1)):
        clears.append(clear)
        before = len(runs)
        assert one(1) == [1, before + 1], "who asked before the clear gets what came of it"
        assert other.peek(1) is MISSING
        assert one.peek(1) is MISSING, "its own memory does not keep it, either"
        assert one(1) == other(1) == [1, before + 2]
        other.clear()
        one.clear()


def test_a_clear_of_another_call_leaves_other_functions_alone(place, processes, runs):
    def bystander():
        @cache_data(persist=place)
        def unrelated():
            return "kept"

        return unrelated

    (one,) = processes(1)
    aside = bystander()

    @cache_data(persist=place)
    def outer():
        one.clear("nothing of the kind")
        return "outer"

    assert outer() == "outer"
    assert outer.peek() == "outer"
    assert aside() == "kept"


def test_a_refresh_replaces_what_others_have_within_a_second(processes, clock):
    one, other, third = processes(3)
    assert one(1) == other(1) == [1, 1]
    assert one.refresh(1) == [1, 2]
    assert one(1) == third(1) == [1, 2]
    clock.advance(1)
    assert other(1) == [1, 2]


class SlowAtFirst:
    """Counts its runs; the first one goes on when it is told to."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()
        self.numbers = iter(range(1, 10))

    def __call__(self, x):
        number = next(self.numbers)
        if number == 1:
            self.begun.set()
            assert self.go.wait(60)
        return number


@pytest.mark.parametrize("late_is", ["call", "refresh"])
def test_what_began_before_a_refresh_does_not_replace_what_came_of_it(processes, clock, late_is):
    """Not in the store, not in the memory of the process that was late."""
    body = SlowAtFirst()
    late, other, third = processes(3, body)
    answers = []
    compute = late if late_is == "call" else late.refresh
    thread = threading.Thread(target=lambda: answers.append(compute(1)))
    thread.start()
    assert body.begun.wait(60)
    assert other.refresh(1) == 2
    body.go.set()
    thread.join()
    assert answers == [1], "its own caller asked before"
    assert late(1) == other(1) == third(1) == 2
    clock.advance(1)
    assert late(1) == other(1) == 2


def test_a_refresh_replaces_what_was_kept_while_it_ran(processes, clock):
    body = SlowAtFirst()
    one, other = processes(2, body)
    thread = threading.Thread(target=lambda: one.refresh(1))
    thread.start()
    assert body.begun.wait(60)
    assert other(1) == 2
    body.go.set()
    thread.join()
    clock.advance(1)
    assert one(1) == other(1) == 1, "what was refreshed is not older than the refresh"
    assert other.refresh(1) == 3
    clock.advance(1)
    assert one(1) == other(1) == 3


def test_hits_of_all_processes_are_counted(place, fresh, folder, clock):
    """Those that memory answered and those that the store did."""

    def run(*calls):
        runtime = fresh()

        @cache_data(persist=place, version=1)
        def load(x):
            return [x]

        for x in calls:
            assert load(x) == [x]
            clock.advance(0.4)
        runtime.close()

    run(1, 1, 1, 2)
    run(1, 2, 1, 3)
    run(*[1] * 10)
    with view(folder, Signer(b"the secret of these tests")) as found:
        hits, rows = found.hits(), found.rows()
    assert [hits.get(row.version, 0) for row in rows] == [14, 1, 0]


def test_hits_of_a_process_that_goes_on_are_told_in_time(processes, clock, folder):
    one, other = processes(2)
    for _ in range(300):
        one(1)
        clock.advance(0.5)

    def written():
        with view(folder, Signer(b"the secret of these tests")) as found:
            return sum(found.hits().values())

    _until(lambda: 100 <= written() <= 299)
    assert other(1) == [1, 1]


def test_a_refresh_that_fails_leaves_what_is_stored(processes, clock, runs):
    def body(x):
        if len(runs) == 2:
            raise LookupError("gone")
        return len(runs)

    one, other = processes(2, body)
    assert one(1) == 1
    with pytest.raises(LookupError):
        one.refresh(1)
    clock.advance(1)
    assert one(1) == other(1) == 1


def test_a_look_takes_nothing_into_memory(processes, runs):
    one, other = processes(2)
    one(1)
    assert other.peek(1) == [1, 1]
    assert other.explain(1).action == "serve"
    assert other.cache_info().entries == 0
    assert other.cache_info().hits == other.cache_info().misses == 0


def test_bounds_hold_in_the_store(place, processes, runs, folder):
    (one,) = processes(1, max_entries=3)
    for number in range(10):
        one(number)
    (other,) = processes(1, max_entries=3)
    assert sum(other.peek(number) is not MISSING for number in range(10)) == 3
    assert other.peek(9) == [9, 10]


def test_a_value_above_max_size_is_kept_nowhere(processes, runs):
    one, other = processes(2, lambda x: b"x" * x, max_size=1000)
    assert one(10_000) == other(10_000) == b"x" * 10_000
    assert len(runs) == 2
    assert one(10) == other(10)
    assert len(runs) == 3


def test_hits_of_the_fast_path_ask_the_store_twice_a_second_at_most(
    processes, clock, monkeypatch, runs
):
    asked = []
    real = DiskStore.version

    def version(self, key):
        asked.append(key)
        return real(self, key)

    monkeypatch.setattr(DiskStore, "version", version)
    monkeypatch.setattr(DiskStore, "get", lambda self, key: pytest.fail("it is in memory"))
    (one,) = processes(1)
    one(1)
    entered = []
    engine = vars(one)["__reprise_engine__"]
    vars(one)["__reprise_engine__"] = lambda values: entered.append(values) or engine(values)
    for _ in range(100):
        for _ in range(10):
            one(1)
        clock.advance(0.1)
    assert len(asked) == len(entered)
    assert 10 / CURRENT_FOR - 2 <= len(asked) <= 10 / CURRENT_FOR
    assert runs == [1]
    assert one.cache_info().hits == 1000


def test_who_is_served_first_does_not_share_the_interpreter_with_a_sweep(
    processes, clock, monkeypatch
):
    begun = []
    monkeypatch.setattr(Refresher, "submit", lambda _, job: begun.append(job))
    one, other = processes(2)
    one(1)
    assert len(begun) == 1
    other(1)
    assert len(begun) == 1
    other(2)  # which is not there
    assert len(begun) == 2


def test_a_clock_that_was_set_back_is_told_of_once(processes, place, fresh, runs, monkeypatch):
    # A sweep behind would remove what comes from the future, perhaps before anybody asks for it.
    monkeypatch.setattr(Outside, "tend", lambda *_: None)
    one = processes(1, ttl=100)[0]
    one(1), one(2)
    fresh(FakeClock(time=1.7e9 - 3600))
    late = _again(one, place)
    with pytest.warns(StoreWarning, match="clock was set back") as told:
        assert late(1) == [1, 3]
        assert late(2) == [2, 4]
    assert len(told) == 1
    assert late(1) == [1, 3]
