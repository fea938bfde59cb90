"""Which functions a name means, and which beginning of a key tells it from others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.cli.items import matching, short_keys

GROUPS = [
    "app.data:load",
    "app.data:reload",
    "app.other:save",
    "load.all:save_all",
    "/srv/app.py:main",
    "app.data:outer.<locals>.inner|1234567890abcdef",
    "app.data:outer.<locals>.inner|fedcba0987654321",
]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("app.data:load", [0]),
        ("load", [0]),
        ("data:load", [0]),
        ("oad", []),
        ("", []),
        ("save", [2]),
        ("app.py:main", [4]),
        ("main", [4]),
        ("inner", [5, 6]),
        ("app.data:outer.<locals>.inner", [5, 6]),
        ("app.data:outer.<locals>.inner|fedcba0987654321", [6]),
        ("load*", [0]),
        ("*load", [0, 1]),
        ("data:*", [0, 1, 5, 6]),
        ("app.*:*", [0, 1, 2, 4, 5, 6]),
        ("save*", [2, 3]),
        ("outer.*", [5, 6]),
        ("*", range(7)),
        ("load.*", []),
        ("LOAD", []),
        ("[xl]oad", [0]),
    ],
)
def test_a_name_means_whole_functions(name, places):
    found = matching(name, GROUPS)
    assert found.groups == {GROUPS[place] for place in places}
    assert found.candidates == ()


def test_the_end_of_several_names_means_none_of_them():
    found = matching("save", [*GROUPS, "b:save"])
    assert found.groups == frozenset()
    assert found.candidates == ("app.other:save", "b:save")


def test_a_whole_name_wins_over_the_end_of_another():
    assert matching("a:load", ["a:load", "b.a:load"]).groups == {"a:load"}


@given(
    st.sets(
        st.builds(
            lambda start, end: start + end,
            st.sampled_from([bytes(8), bytes(16), bytes(30)]),
            st.binary(max_size=2),
        ).map(lambda key: key.ljust(32, b"\x07")),
        max_size=12,
    )
)
def test_a_short_key_is_the_beginning_of_one_key(keys):
    short = short_keys(keys)
    assert set(short) == keys
    for key, text in short.items():
        assert len(text) >= 12
        assert [other for other in keys if other.hex().startswith(text)] == [key]
