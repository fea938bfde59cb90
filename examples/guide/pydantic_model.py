"""Passes a model of pydantic."""

from __future__ import annotations

import streamlit as st
from pydantic import BaseModel

from chapter import begin, finish
from counts import ran
from reprise import cache_data

BEGAN = begin(
    "Models of pydantic",
    "They count by their fields and need no `hash_funcs`. With one, only what it says counts: the "
    "second function knows people by their name and does not see how old they are.",
)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int = 30


@cache_data
def same_person(person: Person) -> Person:
    """Gives the person back."""
    ran("same_person")
    return person


@cache_data(hash_funcs={Person: lambda person: person.name})
def same_name(person: Person) -> Person:
    """Gives back the first person of that name."""
    ran("same_name")
    return person


left, right = st.columns(2)
name = left.text_input("Name", value="Lee")
age = right.slider("Age", 1, 99, 30)
person = Person(name=name, age=age)
left.metric("By all fields", f"{same_person(person).name}, {same_person(person).age}")
right.metric("By name", f"{same_name(person).name}, {same_name(person).age}")

finish(BEGAN, same_person, same_name)
