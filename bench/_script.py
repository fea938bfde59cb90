"""Measuring inside a running Streamlit script, as the functions of an app are called."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

SECONDS = 60
"""How long a script may run."""

SCRIPT = "import streamlit as st\nst.session_state['job']()"


def in_script(job: Callable[[], Any]) -> Any:
    """Run ``job`` in the script of an app, with the session and the context that scripts have.

    Returns:
        What ``job`` returned.

    Raises:
        RuntimeError: the script failed.
    """
    from streamlit.logger import set_log_level
    from streamlit.testing.v1 import AppTest

    # It would log, on the first script of a process, that there is no server.
    set_log_level("ERROR")
    results: list[Any] = []
    app = AppTest.from_string(SCRIPT, default_timeout=SECONDS)
    app.session_state["job"] = lambda: results.append(job())
    app.run()
    if app.exception or not results:
        raise RuntimeError(f"the script failed: {[each.value for each in app.exception]}")
    return results[0]


def show_rows(count: int) -> int:
    """Show so many elements, and return a number that no second run returns."""
    import streamlit as st

    for number in range(count // 2):
        st.markdown(f"Flight **{number}** left on time.")
        st.write("gate", number)
    return time.perf_counter_ns()
