"""Models of pydantic 1, which pydantic 2 has within it."""

from __future__ import annotations

import warnings

import pytest

from reprise.keys import digest

pytest.importorskip("pydantic")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydantic 1 on a Python newer than itself
    from pydantic import v1


class Person(v1.BaseModel):
    name: str
    age: int = 0
    tags: list = []
    _note: str = v1.PrivateAttr("n")


class Dog(v1.BaseModel):
    name: str
    age: int = 0


class Open(v1.BaseModel, extra="allow"):
    pass


def noted(note):
    made = Person(name="Lee")
    made._note = note
    return made


DIFFER = [
    ("fields", Person(name="Lee"), Person(name="Lea")),
    ("types of fields", Person(name="Lee", tags=[1]), Person(name="Lee", tags=["1"])),
    ("classes", Person(name="Lee"), Dog(name="Lee")),
    ("which fields were set", Person(name="Lee"), Person(name="Lee", age=0)),
    ("private attributes", noted("a"), noted("b")),
    ("extra fields", Open(a=1), Open(a=2)),
    ("model is not its dict", Dog(name="Lee", age=1), {"name": "Lee", "age": 1}),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_models_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


def test_equal_models_share_a_key():
    assert digest(Person(name="Lee", age=1)) == digest(Person(age=1, name="Lee"))
    assert digest(Person(name="Lee")) == digest(Person(name="Lee").copy(deep=True))
    assert digest(noted("a")) == digest(noted("a"))
