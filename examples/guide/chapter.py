"""What all chapters of the guide have in common: a beginning and an end."""

from __future__ import annotations

import inspect
import textwrap
import time
from typing import Any

import pandas as pd
import streamlit as st

from counts import runs_of
from reprise import CachedFunction

AnyCached = CachedFunction[..., Any]


def begin(title: str, text: str) -> float:
    """Display the head of a chapter.

    Args:
        title: Its title.
        text: What is to be seen, and why; Markdown.

    Returns:
        The moment at which the page began, for :func:`finish`.
    """
    st.set_page_config(page_title=title, layout="centered")
    st.title(title, anchor=False)
    st.markdown(text)
    return time.perf_counter()


def finish(began: float, *functions: Any) -> None:
    """Display the cached functions of a chapter, with how often each of them ran.

    Args:
        began: What :func:`begin` gave.
        functions: The chapter's cached functions; ``Any``, for some have Streamlit's types.
    """
    seconds = time.perf_counter() - began
    with st.container(border=True, key="ledger"):
        st.markdown("**What the cache did**")
        st.table(ledger(functions))
        st.caption(
            f"For all users, since the server started. This run of the page took {seconds:.2f} s."
        )
    with st.expander("The code"):
        st.code("\n\n".join(map(source, functions)))


def ledger(functions: tuple[AnyCached, ...]) -> pd.DataFrame:
    """Count for each function.

    Args:
        functions: Cached functions that call :func:`counts.ran` with their own name.

    Returns:
        How often it ran, and how often the cache answered.
    """
    table = [
        {
            "Function": name_of(function),
            "Ran": runs_of(name_of(function)),
            "Answered by the cache": function.cache_info().hits,
        }
        for function in functions
    ]
    return pd.DataFrame(table).set_index("Function")


def name_of(function: AnyCached) -> str:
    """The name by which a cached function is counted and shown.

    Args:
        function: A cached function or method.

    Returns:
        Its plain name.
    """
    return str(inspect.unwrap(function).__name__)


def source(function: AnyCached) -> str:
    """What stands in the chapter's file.

    Args:
        function: A cached function or method.

    Returns:
        Its source, decorator included.
    """
    return textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
