from __future__ import annotations

import threading

import pytest

from reprise.stores.serial import Serial


def refuse():
    raise AssertionError("nothing was to be repaired")


def test_a_change_within_a_change_runs_after_it():
    serial, steps = Serial(refuse), []

    def inner():
        steps.append("inner begins")
        assert not serial.run(lambda: steps.append("innermost"))
        steps.append("inner ends")

    def outer():
        steps.append("outer begins")
        assert not serial.run(inner)
        steps.append("outer ends")

    assert serial.run(outer)
    assert steps == ["outer begins", "outer ends", "inner begins", "inner ends", "innermost"]


def test_a_question_within_a_change_is_answered_at_once():
    serial, answers = Serial(refuse), []
    serial.run(lambda: answers.append(serial.read(lambda: "now")))
    assert answers == ["now"]
    assert serial.read(lambda: "later") == "later"


def test_what_was_asked_for_within_a_failing_change_is_done_all_the_same():
    repairs, done = [], []
    serial = Serial(lambda: repairs.append(len(done)))

    def failing():
        serial.run(lambda: done.append("first"))
        serial.run(lambda: done.append("second"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        serial.run(failing)
    assert done == ["first", "second"]
    assert repairs == [0], "before the next change, and once"
    serial.run(lambda: done.append("third"))
    assert repairs == [0]


def test_a_repair_that_fails_is_tried_again_by_the_next_change():
    attempts = []

    def repair():
        attempts.append(1)
        if len(attempts) == 1:
            raise MemoryError

    serial = Serial(repair)
    for expected in (ZeroDivisionError, MemoryError):
        with pytest.raises(expected):
            serial.run(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        serial.run(lambda: 1 / 0)
    assert len(attempts) == 2


def test_one_thread_waits_for_the_change_of_another():
    serial, steps = Serial(refuse), []
    inside, go_on = threading.Event(), threading.Event()

    def slow():
        inside.set()
        go_on.wait(30)
        steps.append("slow")

    first = threading.Thread(target=serial.run, args=(slow,))
    second = threading.Thread(target=serial.run, args=(lambda: steps.append("second"),))
    first.start()
    assert inside.wait(30)
    second.start()
    assert steps == []
    go_on.set()
    first.join()
    second.join()
    assert steps == ["slow", "second"]
