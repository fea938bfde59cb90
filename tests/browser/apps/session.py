"""A resource of which each session has its own."""

from __future__ import annotations

import itertools

import streamlit as st
from calls import note

from reprise import cache_resource


class Basket:
    """Something that belongs to one user."""

    def __init__(self) -> None:
        self.number: int = next(NUMBERS)
        note(f"made {self.number}")


@cache_resource
def numbers() -> itertools.count[int]:
    """One row of numbers for all sessions."""
    return itertools.count(1)


NUMBERS = numbers()


@cache_resource(scope="session", on_release=lambda basket: note(f"released {basket.number}"))
def basket() -> Basket:
    """The session's own."""
    return Basket()


st.text(f"basket: {basket().number}")
