"""Who hears of lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reprise.observe.trace import Board, printable


def test_the_switch_knows_whether_anyone_listens():
    board, told = Board(), []
    board.connect(told.append)
    board.add(print)
    board.add(repr)
    board.remove(print)
    board.remove(repr)
    assert told == [False, True, True, True, False]


def test_to_remove_what_was_never_added_changes_nothing():
    board = Board()
    board.add(print)
    board.remove(repr)
    assert board.listening


def test_the_setting_counts_once_however_often_it_is_read():
    board = Board()
    board.always(True)
    board.always(True)
    board.always(False)
    assert not board.listening


def test_without_anyone_who_listens_a_line_goes_nowhere(capsys):
    Board().tell("line")
    assert capsys.readouterr() == ("", "")


def test_it_works_in_a_forked_child():
    board, lines = Board(), []
    board.add(lines.append)
    lock = board._lock
    board.after_fork()
    assert board._lock is not lock
    board.tell("line")
    assert lines == ["line"]


@given(st.text(st.characters()))
def test_any_text_can_be_printed_on_one_line(text):
    told = printable(text)
    assert told.isprintable()
    assert told == text or not text.isprintable()
