"""Bounds what widgets inside cached functions take of the memory."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data

BEGAN = begin(
    "Widgets take memory",
    "Five sliders make 3,125 combinations, and each has a result of its own, 8 MB here, even where "
    "the result is the same. So bound them: one function keeps four results, the other as many as "
    "fit into 20 MB. Move the sliders and look at what is kept. Without a bound Reprise warns in "
    "the server's log when a function has more than a hundred results.",
)


def sliders(name: str) -> tuple[int, ...]:
    """Asks five questions.

    Args:
        name: What makes their keys differ from those of others.

    Returns:
        The answers.
    """
    places = st.columns(5)
    return tuple(
        place.slider("ABCDE"[n], 1, 5, key=f"{name} {n}") for n, place in enumerate(places)
    )


@cache_data(experimental_allow_widgets=True, max_entries=4)
def four_results() -> NDArray[np.float64]:
    """A million numbers, whatever the answers."""
    ran("four_results")
    sliders("four")
    take(0.5)
    return np.ones(1_000_000)


@cache_data(experimental_allow_widgets=True, max_size="20 MB")
def twenty_megabytes() -> NDArray[np.float64]:
    """A million numbers, whatever the answers."""
    ran("twenty_megabytes")
    sliders("twenty")
    take(0.5)
    return np.ones(1_000_000)


for function in (four_results, twenty_megabytes):
    with st.container(border=True):
        st.markdown(f"**{function.__name__}**")
        function()
        info = function.cache_info()
        left, right = st.columns(2)
        left.metric(f"Results of {function.__name__}", info.entries)
        right.metric(f"MB of {function.__name__}", f"{info.bytes / 1e6:.1f}")
st.button("Rerun")

finish(BEGAN, four_results, twenty_megabytes)
