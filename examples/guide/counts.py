"""Counts what really ran, and stands for slow work.

Streamlit runs a page again for every click, but an imported module stays as it is, so that these
counts last as long as the server.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter

_lock = threading.Lock()
_runs: Counter[str] = Counter()


def ran(name: str) -> None:
    """Note that a function is running and was not answered from the cache.

    Args:
        name: The name under which :func:`runs_of` will be asked.
    """
    with _lock:
        _runs[name] += 1


def runs_of(name: str) -> int:
    """Count the runs of one function, for all users, since the server started.

    Args:
        name: The name that the function gave to :func:`ran`.

    Returns:
        How often it ran; 0 where it never did.
    """
    with _lock:
        return _runs[name]


def take(seconds: float) -> None:
    """Stand for work that takes long.

    Args:
        seconds: How long; the variable ``GUIDE_PACE`` multiplies it, and 0 makes the guide fast.
    """
    time.sleep(seconds * float(os.environ.get("GUIDE_PACE", "1")))
