"""When the spinner is shown and when it goes, on a screen and a clock that are not real."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from reprise.clocks import SystemClock
from reprise.hosting import Progress
from reprise.hosts.screen import Frame
from reprise.hosts.spinner import Running, Watcher
from reprise.testing import FakeClock

DELAY = 0.3
PATIENCE = 20
"""Real seconds after which something that should have happened is given up."""


class FakeScreen:
    """Keeps what was shown in the order in which it was."""

    def __init__(self):
        self.shown: queue.Queue[Frame | None] = queue.Queue()
        self.now = None
        self.abandoned = False
        self._lock = threading.Lock()

    def available(self):
        return True

    def refresh(self, content):
        with self._lock:
            frame = content()
            if frame is not None or self.now is not None:
                self.shown.put(frame)
            self.now = frame

    def abandon(self):
        self.abandoned = True

    def next(self):
        return self.shown.get(timeout=PATIENCE)


@pytest.fixture
def screen():
    return FakeScreen()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def watcher(clock, screen):
    watcher = Watcher(clock, screen, lambda: DELAY)
    yield watcher
    watcher.close()


def pass_time(clock, seconds):
    """Move the clock once the watcher waits for it."""
    clock.wait_for_sleepers()
    clock.advance(seconds)


def test_what_takes_long_is_shown_until_it_is_done(watcher, clock, screen):
    with Running(watcher, "Running `load(...)`.", show_time=True):
        pass_time(clock, DELAY)
        frame = screen.next()
        assert (frame.text, frame.show_time) == ("Running `load(...)`.", True)
        assert frame.seconds == pytest.approx(DELAY)
        pass_time(clock, 0.08)
        assert screen.next().seconds == pytest.approx(DELAY + 0.08)
    assert screen.now is None


def test_what_is_done_sooner_is_never_shown(watcher, clock, screen):
    with Running(watcher, "quick", show_time=False):
        clock.wait_for_sleepers()
        clock.advance(DELAY - 0.01)
    with Running(watcher, "slow", show_time=False):
        pass_time(clock, DELAY)
        assert screen.next().text == "slow"
    assert screen.next() is None
    assert screen.shown.empty()


def test_many_short_runs_are_not_taken_for_a_long_one(watcher, clock, screen):
    for _ in range(10):
        with Running(watcher, "quick", show_time=False):
            pass_time(clock, DELAY / 2)
    watcher.close()
    assert screen.shown.empty()


def test_an_exception_passes_and_takes_the_spinner_away(watcher, clock, screen):
    def interrupted():
        with Running(watcher, "slow", show_time=False):
            pass_time(clock, DELAY)
            assert screen.next() is not None
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert screen.now is None


def test_of_several_the_oldest_is_shown_and_the_others_are_counted(watcher, clock, screen):
    first = watcher.begin("first", show_time=False)
    second = watcher.begin("second", show_time=True)
    pass_time(clock, DELAY)
    frame = screen.next()
    assert (frame.text, frame.others) == ("first", 1)
    watcher.end(first)
    frame = screen.next()
    assert (frame.text, frame.others, frame.show_time) == ("second", 0, True)
    watcher.end(second)
    assert screen.now is None


def test_what_tells_how_far_it_is_is_shown_with_that(watcher, clock, screen):
    told = [None, Progress(1, 4, "Reading", began=990.0), None]
    with Running(watcher, "Running.", False, lambda: told[0]):
        pass_time(clock, DELAY)
        assert screen.next().progress is None
        del told[0]
        pass_time(clock, 0.08)
        frame = screen.next()
        assert (frame.progress, frame.now) == (told[0], clock.monotonic())
        del told[0]
    assert screen.next() is None


def test_what_has_no_text_is_neither_shown_nor_counted_before_it_tells(watcher, clock, screen):
    told = [None]
    silent = watcher.begin(None, False, lambda: told[0])
    named = watcher.begin("named", show_time=False)
    pass_time(clock, DELAY)
    frame = screen.next()
    assert (frame.text, frame.others, frame.progress) == ("named", 0, None)
    told[0] = Progress(1, 2, "", began=0.0)
    pass_time(clock, 0.08)
    frame = screen.next()
    assert (frame.text, frame.others, frame.progress) == ("", 1, told[0])
    told[0] = None
    watcher.end(named)
    assert screen.next() is None
    watcher.end(silent)


def test_what_is_not_due_yet_is_not_counted(watcher, clock, screen):
    first = watcher.begin("first", show_time=False)
    pass_time(clock, DELAY)
    assert screen.next().others == 0
    second = watcher.begin("second", show_time=False)
    pass_time(clock, 0.08)
    assert screen.next().others == 0
    watcher.end(first)
    assert screen.next() is None
    pass_time(clock, DELAY)
    assert screen.next().text == "second"
    watcher.end(second)


def test_the_watcher_goes_on_after_having_been_idle(watcher, clock, screen):
    for text in ("one", "two", "three"):
        with Running(watcher, text, show_time=False):
            pass_time(clock, DELAY)
            assert screen.next().text == text
        assert screen.next() is None


def test_a_shorter_delay_wakes_a_watcher_that_waits_for_a_longer_one(clock, screen):
    delays = iter([100.0, 1.0])
    watcher = Watcher(clock, screen, lambda: next(delays))
    late = watcher.begin("late", show_time=False)
    clock.wait_for_sleepers()
    soon = watcher.begin("soon", show_time=False)
    pass_time(clock, 1)
    assert screen.next().text == "soon"
    watcher.end(soon)
    watcher.end(late)
    watcher.close()


def test_an_endless_delay_shows_nothing(clock, screen):
    watcher = Watcher(clock, screen, lambda: float("inf"))
    with Running(watcher, "never", show_time=False):
        clock.advance(1e9)
    watcher.close()
    assert screen.shown.empty()


def test_any_number_of_runs_shares_one_thread(watcher):
    before = threading.active_count()
    tickets = [watcher.begin(str(n), show_time=False) for n in range(100)]
    assert threading.active_count() == before + 1
    for ticket in tickets:
        watcher.end(ticket)
    watcher.close()
    assert threading.active_count() == before


def test_closing_clears_the_screen_and_the_watcher_can_be_used_again(watcher, clock, screen):
    ticket = watcher.begin("slow", show_time=False)
    pass_time(clock, DELAY)
    assert screen.next() is not None
    watcher.close()
    assert screen.now is None
    watcher.end(ticket)
    with Running(watcher, "again", show_time=False):
        pass_time(clock, DELAY)
        assert screen.shown.get(timeout=PATIENCE) is None
        assert screen.next().text == "again"


def test_a_forked_child_leaves_the_screen_to_its_parent(watcher, clock, screen):
    ticket = watcher.begin("slow", show_time=False)
    pass_time(clock, DELAY)
    assert screen.next() is not None
    thread = watcher._thread
    condition = watcher._condition
    watcher.after_fork()
    assert screen.abandoned
    watcher.end(ticket)
    assert screen.now is None
    # In a real child the parent's thread is not there; here it has to be sent home.
    with condition:
        condition.notify()
    thread.join(PATIENCE)


def test_a_thread_that_cannot_be_started_costs_the_spinner_only(watcher, screen, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with Running(watcher, "slow", show_time=False):
            pass
    assert screen.shown.empty()


def test_many_threads_at_once_end_with_an_empty_screen(screen):
    watcher = Watcher(SystemClock(), screen, lambda: 0.0)
    barrier = threading.Barrier(8)
    finished = []

    def run(name):
        barrier.wait()
        for _ in range(100):
            with Running(watcher, name, show_time=False):
                pass
        finished.append(name)

    threads = [threading.Thread(target=run, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(finished) == 8
    assert not watcher._tickets
    watcher.close()
    assert screen.now is None


def test_a_short_run_costs_microseconds(screen):
    watcher = Watcher(SystemClock(), screen, lambda: DELAY)
    with Running(watcher, "the first starts the thread", show_time=False):
        pass
    runs = 2_000
    best = min(timed(watcher, runs) for _ in range(5)) / runs
    watcher.close()
    assert best < 50e-6  # some 2 us on an idle machine; a thread or timer each would cost more


def timed(watcher, runs):
    started = time.perf_counter()
    for _ in range(runs):
        with Running(watcher, "quick", show_time=False):
            pass
    return time.perf_counter() - started
