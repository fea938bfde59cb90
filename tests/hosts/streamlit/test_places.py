"""Cached functions with elements in plain scripts, in the pages of an app, and in threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import reprise

SRC = Path(reprise.__file__).parents[1]

SHOWING = """
import streamlit as st
import reprise.auto

@st.cache_data
def shown(x):
    with st.container():
        st.text(f"shown {x}")
    return [x]
"""


@pytest.fixture(autouse=True)
def as_before():
    yield
    reprise.cache_data.clear()
    reprise.uninstall()


def test_an_app_run_as_a_plain_script_computes_once_and_shows_no_error(tmp_path):
    path = tmp_path / "app.py"
    path.write_text(
        f"{SHOWING}\n"
        "print(shown(1), shown(1), shown.cache_info().misses, hasattr(shown, 'peek'))\n"
        "st.button('press')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    assert done.returncode == 0, done.stderr
    # The value comes without what it showed: there is no page, and Streamlit shows nothing either.
    assert done.stdout.split("\n")[0] == "[1] [1] 1 True"
    assert "Traceback" not in done.stderr
    assert "HostWarning" not in done.stderr


def test_pages_of_a_directory_share_what_is_cached_and_show_it_again(tmp_path, monkeypatch):
    from streamlit.runtime import pages_manager
    from streamlit.testing.v1 import AppTest

    # Some releases decide once a process whether apps have such a directory.
    kept, manager = vars(pages_manager), pages_manager.PagesManager
    monkeypatch.setattr(manager, "uses_pages_directory", None, raising=False)
    monkeypatch.setattr(manager, "DefaultStrategy", kept.get("PagesStrategyV1"), raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shared_by_pages.py").write_text(SHOWING, encoding="utf-8")
    (tmp_path / "pages").mkdir()
    for name in ("main.py", "pages/second.py"):
        page = f"from shared_by_pages import shown, st\nst.text({name!r})\nst.text(shown(1))\n"
        (tmp_path / name).write_text(page, encoding="utf-8")
    opened = AppTest.from_file(str(tmp_path / "main.py"), default_timeout=30)
    try:
        opened.run()
        assert [each.value for each in opened.text] == ["main.py", "shown 1", "[1]"]
        opened.switch_page("pages/second.py").run()
        assert not opened.exception
        assert [each.value for each in opened.text] == ["pages/second.py", "shown 1", "[1]"]
        assert sys.modules["shared_by_pages"].shown.cache_info().misses == 1
    finally:
        del sys.modules["shared_by_pages"]


def test_a_page_of_st_navigation_shows_it_again(open_app, engine):
    def app(engine):
        import streamlit as st

        @engine
        def shown(x):
            st.text(f"shown {x}")
            return [x]

        def home():
            st.text(shown(1))

        st.navigation([st.Page(home, title="Home")]).run()

    opened = open_app(app, engine)
    for _ in range(2):
        assert [each.value for each in opened.run().text] == ["shown 1", "[1]"]
    assert engine.runs == {"shown": 1}


def test_a_thread_with_the_context_of_a_run_shows_it_again(open_app, engine):
    def app(engine):
        import threading

        import streamlit as st
        from streamlit.runtime.scriptrunner import add_script_run_ctx

        @engine
        def shown(x):
            st.text(f"shown {x}")
            return [x]

        for _ in range(2):
            thread = threading.Thread(target=shown, args=(1,))
            add_script_run_ctx(thread)
            thread.start()
            thread.join()

    opened = open_app(app, engine)
    for _ in range(2):
        assert [each.value for each in opened.run().text] == ["shown 1", "shown 1"]
    assert engine.runs == {"shown": 1}


def test_a_fragment_that_calls_a_cached_function_is_shown_again(open_app, engine):
    def app(engine):
        import streamlit as st

        @engine
        def shown(x):
            st.text(f"shown {x}")
            return [x]

        @st.fragment
        def part():
            st.text(shown(1))

        part()
        part()

    opened = open_app(app, engine)
    for _ in range(2):
        assert [each.value for each in opened.run().text] == ["shown 1", "[1]"] * 2
        assert not opened.exception
    assert engine.runs == {"shown": 1}
