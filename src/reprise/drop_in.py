"""``reprise.install()``: an existing Streamlit app on these decorators, without an edit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, cast

from reprise.decorators import cache_data, cache_resource
from reprise.deprecated import cache
from reprise.engine import runtime as runtimes

if TYPE_CHECKING:
    from reprise.hosts.streamlit.host import StreamlitHost

_one_at_a_time: Final = threading.Lock()
"""Two sessions may install at the same moment, each in the thread of its script."""


def install() -> None:
    """Make ``st.cache_data``, ``st.cache_resource`` and ``st.cache`` be Reprise's.

    Call it before the app decorates its functions, as the first thing in its first file, or let
    ``import reprise.auto`` or the command ``reprise run app.py`` do it. Modules that had imported
    Streamlit's decorators by name get ours, too. Functions that were decorated before keep working
    with the decorator they have, and are cleared together with ours. Calling it again changes
    nothing. :func:`uninstall` gives everything back.

    Raises:
        ImportError: Streamlit is not installed.

    >>> import reprise
    >>> reprise.install()
    >>> import streamlit as st
    >>> st.cache_data is reprise.cache_data
    True
    >>> reprise.uninstall()
    >>> st.cache_data is reprise.cache_data
    False
    """
    host = _host()
    with _one_at_a_time:
        host.replace_decorators(cache_data, cache_resource, cache)
        # What was decorated with Streamlit's own before is cleared together with ours.
        runtimes.current().also_clears(
            "streamlit", lambda kind: host.clear_replaced(f"cache_{kind}")
        )


def uninstall() -> None:
    """Give Streamlit's own decorators back to it; the opposite of :func:`install`.

    Functions that were decorated with ours meanwhile keep working with them. So what listens to
    what functions display stays in place; it only passes on while none of ours runs.

    Raises:
        ImportError: Streamlit is not installed.
    """
    host = _host()
    with _one_at_a_time:
        host.restore_decorators()


def _host() -> StreamlitHost:
    try:
        import streamlit  # noqa: F401 - only to say clearly that it is missing
    except ImportError as error:
        if error.name != "streamlit":  # it is there, and lacks something that it needs itself
            raise
        raise ImportError(
            "Reprise's decorators are to be put into Streamlit, which is not installed. "
            'Install both with:\n\n    pip install "reprise-cache[streamlit]"',
            name="streamlit",
        ) from error
    return cast("StreamlitHost", runtimes.current().hosts.of("streamlit"))
