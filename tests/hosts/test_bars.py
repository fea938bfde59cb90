"""What bars say: true, on one line, and done only when all is done."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reprise.hosting import Progress
from reprise.hosts import bars
from reprise.hosts.screen import Frame, describe
from reprise.hosts.streamlit.bar import View, view

counts = st.integers(0, 10**15)
floats = st.floats(0, 1e300)


@st.composite
def progresses(draw):
    total = draw(st.none() | counts | floats)
    done = draw(counts | floats)
    return Progress(
        done if total is None else min(done, total), total, draw(st.text()), draw(st.floats(0, 1e9))
    )


@given(progresses(), st.floats(0, 1e10))
def test_percent_is_the_share_and_a_hundred_only_when_all_is_done(progress, now):
    percent, share = bars.percent(progress), bars.share(progress)
    if progress.total is None:
        assert percent is share is None
        return
    assert 0 <= share <= 1
    assert (percent == 100) == (share == 1)
    assert percent - 0.01 <= 100 * share
    assert 100 * share < percent + 1.01


@given(st.integers(0, 100_000), st.integers(1, 100_000))
@example(29, 100)  # whose quotient, times a hundred, is a little less
@example(10**15 - 1, 10**15)
def test_what_is_done_in_whole_percent_is_never_rounded_up(done, total):
    if done <= total:
        progress = Progress(done, total, "", 0.0)
        assert bars.percent(progress) == done * 100 // total


@given(st.floats(0, 1), st.integers(1, 100))
def test_a_bar_is_as_wide_as_it_is_and_full_when_all_is_done(share, width):
    drawn = bars.drawn(share, width, "#-")
    filled = drawn.count("#")
    assert drawn == "#" * filled + "-" * (width - filled)
    assert filled - 1e-6 <= share * width < filled + 1 + 1e-6
    assert bars.drawn(1.0, width, "#-") == "#" * width
    assert bars.drawn(0.0, width, "#-") == "-" * width


@given(progresses(), st.floats(0, 1e10), st.booleans(), st.integers(0, 3))
def test_the_line_is_one_line_and_begins_with_the_figures(progress, now, show_time, others):
    line = describe(Frame("Running.", 1.0, show_time, others, progress, now))
    assert line.isprintable()
    assert f"({bars.times(progress, now)})" in line
    figures = r"[\d,.e+-]+ \(" if progress.total is None else r"[#-]{20} [ \d]{3}% "
    assert re.match(figures, line)
    assert line.endswith(f" and {others} more") is (others > 0)


@pytest.mark.parametrize(
    ("progress", "seconds", "said"),
    [
        (Progress(0, 10, "", 100), 5, "0:05"),
        (Progress(10, 10, "", 100), 5, "0:05"),
        (Progress(1, 10, "", 100), 5, "0:05, 0:45 left"),
        (Progress(0.25, 1.0, "", 100), 3600, "1:00:00, 3:00:00 left"),
        (Progress(1, 10**9, "", 100), 5, "0:05"),
        (Progress(1e-300, 1e300, "", 100), 5, "0:05"),
        (Progress(5, 10, "", 100), -3, "0:00, 0:00 left"),
        (Progress(5, None, "", 100), 61, "1:01"),
    ],
)
def test_what_is_left_is_told_where_it_can_be(progress, seconds, said):
    assert bars.times(progress, 100 + seconds) == said


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (
            Progress(12345, 20000, "", 0),
            "############--------  61% 12,345/20,000 (0:00, 0:00 left)",
        ),
        (Progress(0.5, 1, "", 0), "##########----------  50% (0:00, 0:00 left)"),
        (Progress(0, 0, "Nothing", 0), "#################### 100% 0/0 (0:00) Nothing"),
        (Progress(1.5, None, "GB", 0), "1.5 (0:00) GB"),
        (Progress(1, None, "", 0), "1 (0:00) Running."),
    ],
)
def test_the_words_of_the_terminal(progress, said):
    shown = Frame("Running." if said.endswith(".") else "", 1.0, True, progress=progress)
    assert describe(shown) == said


def test_the_text_of_the_progress_wins():
    progress = Progress(1, None, "Reading", 0)
    assert describe(Frame("Running.", 1.0, True, progress=progress)) == "1 (0:00) Reading"


@pytest.mark.parametrize(
    ("text", "progress", "seen"),
    [
        (None, None, None),
        ("", None, View("", show_time=True)),
        ("Loading", None, View("Loading", show_time=True)),
        ("Loading", Progress(1, 2, "", 0), View("Loading 1/2 (0:08, 0:08 left)", 50)),
        ("Loading", Progress(1, 2, "Reading", 0), View("Reading 1/2 (0:08, 0:08 left)", 50)),
        (None, Progress(0.1, 0.3, "", 0), View("33% (0:08, 0:16 left)", 33)),
        (None, Progress(7, None, "", 0), View("7 (0:08)")),
    ],
)
def test_what_the_page_shows(text, progress, seen):
    assert view(text, True, progress, now=8.5) == seen
