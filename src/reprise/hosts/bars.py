"""What a bar says, in the terminal and in the browser alike."""

from __future__ import annotations

import math

from reprise.hosting import Progress

_LONGEST = 100 * 3600
"""Seconds: what is estimated to take longer is an estimate from too little."""


def share(progress: Progress) -> float | None:
    """How much of the total is done, from 0 to 1; ``None`` where there is no total.

    >>> share(Progress(3, 4, "", 0)), share(Progress(0, 0, "", 0)), share(Progress(3, None, "", 0))
    (0.75, 1.0, None)
    """
    if progress.total is None:
        return None
    return progress.done / progress.total if progress.total else 1.0


def percent(progress: Progress) -> int | None:
    """The share in percent, 100 only when all is done; ``None`` where there is no total."""
    part = share(progress)
    if part is None:
        return None
    # 0.29 * 100 is a little less than 29.
    return 100 if part == 1 else min(99, math.floor(part * 100 + 1e-9))


def amount(progress: Progress) -> str:
    """What is done and of how much: counts as such, and as percent what is none.

    >>> amount(Progress(1200, 5000, "", 0)), amount(Progress(0.5, 2.0, "", 0))
    ('1,200/5,000', '25%')
    >>> amount(Progress(1200, None, "", 0))
    '1,200'
    """
    done, total = progress.done, progress.total
    if total is None:
        return _count(done)
    if isinstance(done, int) and isinstance(total, int):
        return f"{_count(done)}/{_count(total)}"
    return f"{percent(progress)}%"


def times(progress: Progress, now: float) -> str:
    """How long it has been running, and how long it will at that speed where that can be told.

    >>> times(Progress(3, 4, "", began=100), now=130), times(Progress(3, None, "", 100), 4000)
    ('0:30, 0:10 left', '1:05:00')
    """
    seconds, part = max(0.0, now - progress.began), share(progress)
    elapsed = duration(seconds)
    if part is None or not 0 < part < 1:
        return elapsed
    left = seconds * (1 - part) / part
    return f"{elapsed}, {duration(left)} left" if left < _LONGEST else elapsed


def duration(seconds: float) -> str:
    """Whole seconds, for what is looked at again and again.

    >>> duration(8.7), duration(61), duration(3661)
    ('0:08', '1:01', '1:01:01')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def drawn(part: float, width: int, marks: str) -> str:
    """A bar of ``width`` letters: the first mark for what is done, the second for what is not.

    >>> drawn(0.3, 10, "#-")
    '###-------'
    """
    done = min(width, math.floor(part * width + 1e-9))
    return marks[0] * done + marks[1] * (width - done)


def _count(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6g}"
