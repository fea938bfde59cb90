"""``reprise.progress()``: a cached function tells how far it is."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Final

from reprise.errors import InvalidOptionError
from reprise.flights import tell


def progress(done: float, total: float | None = None, text: str = "") -> None:
    """Tell how far the cached function is that runs: it is shown as a bar in its spinner's place.

    The function is the innermost one decorated with ``show_progress=True`` that the caller runs
    inside of: helpers may call this too, in tasks and by ``asyncio.to_thread`` as well. In a thread
    that was started by hand nothing happens, unless it runs its work by
    ``contextvars.copy_context().run``; neither does outside of such functions, so that a library
    may call this anywhere. A call takes well under a microsecond, and the bar is drawn about ten
    times a second, so a loop may tell each of its rounds.

    The bar is shown where a spinner would be: in the page of each user who waits for the result, in
    a terminal, and not in a file or pipe. Of cached functions that call each other the outermost
    one's is shown, as with spinners.

    Args:
        done: How much is done, in units of your own: a finite number from 0 up. What is more than
            ``total`` counts as ``total``.
        total: How much there is to do, in the same units; ``None`` when nobody knows: then a
            counter is shown.
        text: What is being done; the text of ``show_spinner`` stands there if it is empty. In the
            browser it may contain Markdown, as that may.

    Raises:
        InvalidOptionError: one of these is nothing that it can be, wherever this was called.

    >>> import reprise
    >>> @reprise.cache_data(show_progress=True)
    ... def squares(n):
    ...     found = []
    ...     for i in range(n):
    ...         found.append(i * i)
    ...         reprise.progress(i + 1, n, "Multiplying")
    ...     return found
    >>> squares(4)
    [0, 1, 4, 9]
    """
    # What most calls give is let through by a few comparisons.
    if not (type(done) in _PLAIN and 0 <= done < _SMALL):
        done = _number("done", done)
    if not (total is None or (type(total) in _PLAIN and 0 <= total < _SMALL)):
        total = _number("total", total)
    if not isinstance(text, str):
        raise InvalidOptionError(
            f"progress needs a str as text, not {text!r}:\n\n"
            f'    reprise.progress({done}, {total}, "Reading")'
        )
    tell(done, total, text)


_PLAIN: Final = frozenset((int, float))
_SMALL: Final = 10**15
"""Below it, whole numbers can be divided and written without a thought."""


def _number(name: str, value: object) -> float:
    """``value`` as a number of Python's own, of whatever library it was."""
    if not isinstance(value, bool) and isinstance(value, Real):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if 0 <= number < math.inf:
            return int(value) if isinstance(value, Integral) and number < _SMALL else number
    unless = " or None" if name == "total" else ""
    raise InvalidOptionError(
        f"progress needs a finite number from 0 up{unless} as {name}, not {value!r}:\n\n"
        f"    for done, item in enumerate(items):\n"
        f"        reprise.progress(done, len(items))"
    )
