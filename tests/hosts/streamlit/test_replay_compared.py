"""Where Streamlit's own cache shows another page than the functions, and Reprise does not.

Each app runs twice in each of three sessions: without a cache, with ``st.cache_data`` of the
installed Streamlit, and with ours. What Streamlit gets wrong is asserted too: once it gets it
right, the test says so, and the case can leave.
"""

from __future__ import annotations

import inspect

import pytest
import streamlit as st
from wrong_apps import CASES, Pages

import reprise

# Streamlit 1.40 calls what newer releases of Altair want to be called otherwise.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")


@pytest.fixture
def their_cache():
    """Streamlit's own decorators, by kind, with nothing in them."""
    theirs = {"data": st.cache_data, "resource": st.cache_resource}
    for decorate in theirs.values():
        assert "streamlit" in inspect.getfile(type(decorate))
        decorate.clear()
    yield {kind: decorate(show_spinner=False) for kind, decorate in theirs.items()}
    for decorate in theirs.values():
        decorate.clear()


@pytest.fixture
def our_cache():
    """Ours, by kind, with nothing in them."""
    ours = {"data": reprise.cache_data, "resource": reprise.cache_resource}
    for decorate in ours.values():
        decorate.clear()
    yield {kind: decorate(show_spinner=False) for kind, decorate in ours.items()}
    for decorate in ours.values():
        decorate.clear()


@pytest.mark.parametrize(
    ("app", "wrong", "kind"), [pytest.param(*one, id=one[0].__name__) for one in CASES]
)
def test_streamlit_shows_another_page_and_reprise_the_same(
    open_app, their_cache, our_cache, app, wrong, kind
):
    def pages(decorate):
        opened = open_app(app, decorate)
        return [opened.run().page(), opened.run().page()]

    plain = lambda function: function
    pages(plain)  # Streamlit says some things once a process
    first, second = pages(plain)
    their_first, their_second = pages(their_cache[kind])
    assert their_first == first
    assert wrong(Pages(second, their_second)), f"{st.__version__} has it right:\n{their_second}"
    for _ in range(2):
        assert pages(our_cache[kind]) == [first, second]
