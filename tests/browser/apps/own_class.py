"""Arguments of a class that every run of the script creates anew."""

from __future__ import annotations

import streamlit as st
from calls import note

from reprise import cache_data


class Point:
    """A class of the script itself."""

    def __init__(self, x: int) -> None:
        self.x = x


@cache_data(hash_funcs={"__main__.Point": lambda point: point.x})
def by_name(point: Point) -> int:
    """Its arguments are known by the name of their class."""
    note(f"by_name {point.x}")
    return point.x


@cache_data(hash_funcs={Point: lambda point: point.x})
def by_class(point: Point) -> int:
    """Its arguments are known by the class of this run."""
    note(f"by_class {point.x}")
    return point.x


x = st.slider("x", 1, 9, 3, key="x")
st.text(f"sum: {by_name(Point(x)) + by_class(Point(x))}")
