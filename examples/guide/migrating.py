"""Keeps an app with the old ``st.cache`` alive, and says how to bring it up to date."""

from __future__ import annotations

import warnings

import streamlit as st

import reprise
from chapter import begin, finish
from counts import ran
from reprise import cache_data, cache_resource

reprise.install()

BEGAN = begin(
    "Coming from st.cache",
    "`st.cache` was one decorator for everything; Streamlit has taken it away. After "
    "`reprise.install()` such an app runs again, and each function tells once which decorator it "
    "should have, judged by what it really returned.",
)


@cache_resource
def hints() -> dict[str, str]:
    """What the old decorator said: each function says it once."""
    return {}


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")

    @st.cache(suppress_st_warning=True)  # type: ignore[attr-defined, untyped-decorator, unused-ignore]
    def old_table() -> list[int]:
        """Data, cached in the old way."""
        ran("old_table")
        return [1, 2, 3]

    @st.cache(allow_output_mutation=True)  # type: ignore[attr-defined, untyped-decorator, unused-ignore]
    def old_lock() -> object:
        """A resource, cached in the old way."""
        import threading

        ran("old_lock")
        return threading.Lock()

    table, lock = old_table(), old_lock()
for warning in caught:
    text = str(warning.message)
    hints()["old_table" if "old_table" in text else "old_lock"] = text


@cache_data
def new_table() -> list[int]:
    """Data: without allow_output_mutation and suppress_st_warning."""
    ran("new_table")
    return [1, 2, 3]


@cache_resource
def new_lock() -> object:
    """A resource."""
    import threading

    ran("new_lock")
    return threading.Lock()


for name, hint in hints().items():
    with st.container(border=True):
        st.markdown(f"**{name}** says")
        st.code(hint, language=None, wrap_lines=True)
st.write(f"The old way and the new give the same: {table == new_table()}")
st.write(f"The lock is one for all: {lock is old_lock() and new_lock() is new_lock()}")
st.button("Rerun")

finish(BEGAN, old_table, old_lock, new_table, new_lock)
