"""Counts how often the slow functions really ran: the app's own proof that they are cached.

Streamlit runs the app's script again for every click, but an imported module stays as it is, so
that these counts last as long as the server.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

_lock = threading.Lock()
_everyone: Counter[str] = Counter()
_this_thread = threading.local()


def computed(name: str) -> None:
    """Note that the function called ``name`` is running and was not answered from the cache.

    Args:
        name: The name that the app's table shows.
    """
    with _lock:
        _everyone[name] += 1
    _this_thread.total = total_of_this_thread() + 1


def totals() -> Mapping[str, int]:
    """Count the computations of all users since the server started.

    Returns:
        The number of computations by function name.
    """
    with _lock:
        return dict(_everyone)


def total_of_this_thread() -> int:
    """Count the computations that the calling thread carried out itself.

    Returns:
        Computations since the thread started. A run of the app's script is one thread, so that
        the difference between two calls in one run is what that run computed.
    """
    return getattr(_this_thread, "total", 0)
