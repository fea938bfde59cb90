"""Where cached functions are called from: pages, fragments, threads, under every kind of server."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPS = Path(__file__).parent / "apps"


@pytest.mark.parametrize("script", ["places.py", "asgi.py"])
def test_what_is_shown_comes_back_wherever_it_was_called_from(script, serve, user, tmp_path):
    import streamlit as st

    if script == "asgi.py" and not hasattr(st, "App"):
        pytest.skip("this release has no st.App")
    calls = tmp_path / "calls.txt"
    directory = shutil.copytree(APPS, tmp_path / "apps")
    server = serve(directory / script, module="reprise", CALLS=str(calls))

    def sees(turn, full, *places):
        assert user.text("turn:") == turn
        assert user.text("full runs:") == str(full)
        found = user.page.get_by_text("shown in").all_inner_texts()
        assert found == [f"shown in {place}" for place in places]

    user.visit(server.url)
    sees("even fragment 0", 1, "even fragment", "thread", "page")
    with user.run():
        user.page.get_by_role("button", name="Turn").click()
    sees("odd fragment 1", 1, "odd fragment", "thread", "page")
    with user.run():  # recorded by a full run, shown by one of the fragment alone
        user.page.get_by_role("button", name="Turn").click()
    sees("even fragment 2", 1, "even fragment", "thread", "page")
    user.rerun()  # and the other way round
    sees("odd fragment 3", 2, "odd fragment", "thread", "page")

    with user.run():
        user.page.get_by_role("link", name="Other").click()
    assert user.text("second page:") == "here"
    assert user.page.get_by_text("shown in").all_inner_texts() == ["shown in page"]
    noted = Counter(calls.read_text(encoding="utf-8").splitlines())
    assert noted == {"even fragment": 1, "odd fragment": 1, "thread": 1, "page": 1}
