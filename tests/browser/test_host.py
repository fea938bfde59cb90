"""What only a browser and a server can show of the Streamlit host, one small app each."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPS = Path(__file__).parent / "apps"


@pytest.fixture
def calls(tmp_path):
    """Reads what the app's functions noted: each call, with how often."""
    path = tmp_path / "calls.txt"
    path.touch()
    return lambda: Counter(path.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def open_app(serve, tmp_path):
    """Starts an app of this directory, which notes its calls where ``calls`` reads them."""

    def start(name, **environment):
        directory = shutil.copytree(APPS, tmp_path / "apps")
        return serve(directory / name, CALLS=str(tmp_path / "calls.txt"), **environment)

    return start


def image_width(user):
    """The width of the image as the browser decoded it; 0 where it could not be had."""
    image = user.page.get_by_test_id("stImage").locator("img")
    return image.evaluate("image => image.decode().then(() => image.naturalWidth, () => 0)")


def test_an_image_stays_after_all_who_saw_it_have_gone(open_app, new_user, calls):
    server = open_app("media.py")
    first = new_user()
    first.visit(server.url)
    assert image_width(first) == 64

    second = new_user()
    second.visit(server.url)
    assert image_width(second) == 64
    assert first.leave() == []
    second.rerun()
    assert image_width(second) == 64
    with second.run():
        second.page.reload()
    assert image_width(second) == 64

    with second.run():
        second.page.get_by_text("Show", exact=True).click()
    second.page.get_by_test_id("stImage").wait_for(state="detached")
    with second.run():
        second.page.get_by_text("Show", exact=True).click()
    assert image_width(second) == 64
    assert calls() == {"picture": 1}


def test_each_session_has_its_own_and_gives_it_back_when_it_ends(
    open_app, new_user, calls, eventually
):
    server = open_app("session.py", STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="1")
    first, second = new_user(), new_user()
    for user in (first, second):
        user.visit(server.url)
    assert first.text("basket:") == "1"
    assert second.text("basket:") == "2"
    for user in (first, second):
        user.rerun()
    assert first.text("basket:") == "1"
    assert second.text("basket:") == "2"
    assert calls() == {"made 1": 1, "made 2": 1}

    assert second.leave() == []
    eventually(lambda: calls()["released 2"] == 1, "the second user's is released")
    first.rerun()
    assert first.text("basket:") == "1"
    assert calls() == {"made 1": 1, "made 2": 1, "released 2": 1}


def test_a_miss_shows_its_spinner_and_a_hit_none(open_app, new_user, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    server = open_app("spinner.py", PIPE=str(pipe))
    first, second = new_user(), new_user()
    spinner = first.page.get_by_test_id("stSpinner")
    with first.run():
        first.page.goto(server.url)
        spinner.get_by_text("Counting the sand...").wait_for()
        spinner.get_by_text("seconds").wait_for()
        pipe.write_text("many", encoding="utf-8")
    assert first.text("grains:") == "many"
    assert spinner.count() == 0

    second.visit(server.url)
    assert second.text("grains:") == "many"


def test_an_edited_function_is_computed_again_and_the_others_are_not(
    open_app, user, calls, tmp_path
):
    server = open_app("edited.py", STREAMLIT_SERVER_RUN_ON_SAVE="true")
    user.visit(server.url)
    assert user.text("edited:") == "before"

    script = tmp_path / "apps" / "edited.py"
    source = script.read_text(encoding="utf-8")
    with user.run():
        script.write_text(source.replace('"before"', '"after"'), encoding="utf-8")
    user.sees(lambda user: user.text("edited:"), "after")
    assert calls() == {"edited": 2, "untouched": 1, "helped": 1}

    with user.run():
        script.write_text(f"# a comment moves every line\n{source}", encoding="utf-8")
    user.sees(lambda user: user.text("edited:"), "before")
    assert calls() == {"edited": 2, "untouched": 1, "helped": 1}


def test_an_edited_helper_in_another_file_computes_again_what_calls_it(
    open_app, user, calls, tmp_path
):
    server = open_app("edited.py", STREAMLIT_SERVER_RUN_ON_SAVE="true")
    user.visit(server.url)
    assert user.text("helped:") == "low"

    helper = tmp_path / "apps" / "rates.py"
    source = helper.read_text(encoding="utf-8")
    with user.run():
        helper.write_text(source.replace('"one"', '"two"'), encoding="utf-8")
    assert calls() == {"edited": 1, "untouched": 1, "helped": 1}

    with user.run():
        helper.write_text(source.replace('"low"', '"high"'), encoding="utf-8")
    user.sees(lambda user: user.text("helped:"), "high")
    assert calls() == {"edited": 1, "untouched": 1, "helped": 2}


def test_a_class_of_the_script_hits_in_every_run(open_app, new_user, calls):
    server = open_app("own_class.py")
    first, second = new_user(), new_user()
    first.visit(server.url)
    assert first.text("sum:") == "6"
    first.rerun()
    second.visit(server.url)
    assert calls() == {"by_name 3": 1, "by_class 3": 1}

    with second.run():
        second.page.get_by_role("slider").press("ArrowRight")
    second.sees(lambda user: user.text("sum:"), "8")
    assert calls() == {"by_name 3": 1, "by_class 3": 1, "by_name 4": 1, "by_class 4": 1}


def test_an_installed_app_is_cached_by_reprise_without_an_edit(open_app, new_user, calls):
    server = open_app("installed.py")
    first, second = new_user(), new_user()
    for user in (first, second):
        user.visit(server.url)
        user.rerun()
        assert user.text("ours:") == "True"
        assert user.text("rows:") == "4"
        assert user.text("shared:") == "True"
        assert user.page.get_by_text("shown inside").count() == 1
    assert calls() == {"table": 1, "connection": 1}
    first.clear_caches()
    first.rerun()
    assert calls() == {"table": 2, "connection": 2}


def test_the_command_runs_an_untouched_app_on_our_decorators(open_app, new_user, calls):
    server = open_app("untouched.py", module="reprise")
    first, second = new_user(), new_user()
    for user in (first, second):
        user.visit(server.url)
        user.rerun()
        assert user.text("ours:") == "True"
        assert user.text("shown inside:") == "flights"
        assert user.text("rows:") == "['flights', 'mine alone']"
        assert user.text("arguments:") == "[]"
    assert calls() == {"table": 1}
    first.clear_caches()
    first.rerun()
    assert calls() == {"table": 2}


def test_our_errors_look_as_streamlits_do(open_app, user, tmp_path):
    server = open_app("untouched.py", module="reprise")
    user.visit(server.url)
    with user.run():
        user.page.get_by_text("Go wrong", exact=True).click()
    box = user.page.get_by_test_id("stException")
    heading = box.get_by_text("reprise.errors.UnhashableParamError")
    assert heading.count() == 1
    codes = [code.strip() for code in box.locator("pre").all_inner_texts()]
    assert "def refused(_connection):" in codes
    assert box.get_by_text("Traceback:").count() == 1
    assert "refused(line for line in sys.argv)" in codes[-1]
    assert "reprise/" not in codes[-1]
    assert "Cannot make a key" not in codes[-1]
    with user.run():
        user.page.get_by_text("Go wrong", exact=True).click()
    assert user.errors() == []


def test_widgets_inside_keep_their_state_and_each_user_sees_their_own(open_app, new_user, calls):
    server = open_app("widgets.py")
    first, second = new_user(), new_user()
    for user in (first, second):
        user.visit(server.url)
        assert user.text("answer:") == "hello  0"
        with user.run():
            user.page.get_by_text("more", exact=True).click()
        user.sees(lambda user: user.text("answer:"), "hello  3")
    assert calls() == {"hello 0  ": 1, "hello 3  ": 1}

    with first.run():
        first.page.get_by_role("slider").press("ArrowRight")
    first.sees(lambda user: user.text("answer:"), "hello  4")
    with second.run():
        second.page.get_by_role("button", name="count").click()
    second.sees(lambda user: user.text("clicks:"), "2")
    assert second.text("answer:") == "hello  3"
    assert first.text("clicks:") == "0"

    first.page.get_by_label("name").fill("Ada")
    with first.run():
        first.page.get_by_role("button", name="send").click()
    first.sees(lambda user: user.text("answer:"), "hello Ada 4")
    with first.run():
        first.page.locator("input[type=file]").set_input_files(
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"content"}
        )
    first.sees(lambda user: user.text("answer:"), "hello Ada 4 content")
    first.rerun()
    second.rerun()
    assert first.text("answer:") == "hello Ada 4 content"
    assert second.text("answer:") == "hello  3"
    assert max(calls().values()) <= 2
