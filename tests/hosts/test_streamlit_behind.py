"""``refresh_mode="background"`` in an app: value and elements are replaced together, behind."""

from __future__ import annotations

import pytest


def test_the_old_page_at_once_and_the_new_one_on_the_next_run(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            number = runs()
            st.text(f"shown {number}")
            return number

        st.text(f"returned {show()}")
        behind.work()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "returned 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "returned 1"]
    assert texts(opened.run()) == ["shown 2", "returned 2"]
    assert behind.runs.noted == 2


def texts(opened):
    assert not opened.exception, [each.value for each in opened.exception]
    return [each.value for each in opened.text]
