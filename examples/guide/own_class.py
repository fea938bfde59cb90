"""Passes objects of one's own class."""

from __future__ import annotations

import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data

BEGAN = begin(
    "Objects of your own",
    "Each run makes a new `Score`. It counts by what it holds, so that the first function needs no "
    "`hash_funcs`. Those who want to say what counts do so by class or by name, for methods too. "
    "`id` counts the very object: that function runs each time, for no two runs share a score.",
)


class Score:
    """A number of points."""

    def __init__(self, points: int) -> None:
        self.points = points

    @cache_data
    def tripled(self, factor: int = 3) -> int:
        """A method: the object counts by what it holds."""
        ran("tripled")
        return self.points * factor

    @cache_data(hash_funcs={"__main__.Score": lambda score: hash(score.points)})
    def quadrupled(self, factor: int = 4) -> int:
        """A method whose object counts by its points."""
        ran("quadrupled")
        return self.points * factor


def points_of(score: Score) -> int:
    """What identifies a score."""
    return score.points


@cache_data
def as_it_is(score: Score, factor: int) -> int:
    """Nothing is said about scores."""
    ran("as_it_is")
    return score.points * factor


@cache_data(hash_funcs={Score: points_of})
def by_points(score: Score, factor: int) -> int:
    """A score counts by its points."""
    ran("by_points")
    return score.points * factor


@cache_data(hash_funcs={"__main__.Score": id})
def by_identity(score: Score, factor: int) -> int:
    """A score counts as the object that it is."""
    ran("by_identity")
    return score.points * factor


score = Score(int(st.number_input("Points", value=15, step=1)))
# The older scores stay alive, or Python could give the place of one in memory to the next.
st.session_state.setdefault("scores", []).append(score)
places = st.columns(5)
places[0].metric("as it is", as_it_is(score, 2))
places[1].metric("by points", by_points(score, 2))
places[2].metric("method", score.tripled())
places[3].metric("method, by name", score.quadrupled())
places[4].metric("by id", by_identity(score, 2))
st.button("Rerun")

finish(BEGAN, as_it_is, by_points, Score.tripled, Score.quadrupled, by_identity)
