"""What cached functions displayed outlives the server that they ran in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPS = Path(__file__).parent / "apps"


def looks(user) -> dict[str, object]:
    page = user.page
    return {
        "aside": user.text("aside:"),
        "came by": user.text("came by:"),
        "returned": user.text("returned:"),
        "metric": page.get_by_test_id("stMetric").inner_text(),
        "pictures": page.evaluate(
            "() => [...document.querySelectorAll('[data-testid=stImage] img')]"
            ".map(one => [one.complete, one.naturalWidth, new URL(one.src).pathname])"
        ),
        "order": page.locator("[data-testid=stMain] [data-testid=stText]").all_inner_texts(),
    }


@pytest.fixture
def calls(tmp_path):
    """The file in which the functions note that they ran."""
    return tmp_path / "calls.txt"


@pytest.fixture
def start(serving, calls, tmp_path):
    """Starts a server of one app; all of them share a store."""
    directory = shutil.copytree(APPS, tmp_path / "apps")
    options = {
        "CALLS": str(calls),
        "REPRISE_STORE": f"disk://{tmp_path / 'store'}",
        "REPRISE_SECRET": "a secret of the tests alone",
    }
    return lambda name: serving(directory / name, **options)


def test_another_server_shows_the_same_page_and_the_function_does_not_run(start, new_user, calls):
    seen = []
    for _ in range(2):
        with start("persisted.py") as server:
            for way in ("", "?by=train"):
                user = new_user()
                user.visit(f"{server.url}/{way}")
                user.sees(lambda one: len(looks(one)["pictures"]), 1)
                user.sees(lambda one: looks(one)["pictures"][0][:2], [True, 8])
                seen.append(looks(user))
                assert user.leave() == []
    one, by_train, again, again_by_train = seen
    assert one["came by"] == "chance"
    assert by_train["came by"] == "train"
    assert (again, again_by_train) == (one, by_train)
    assert calls.read_text(encoding="utf-8").splitlines() == ["report 2026"] * 2


def answers(user) -> list[str]:
    """What the app with widgets inside answers while they are used one after the other."""

    def told(button) -> str:
        with user.run():
            button()
        return f"{user.text('answer:')} / {user.text('clicks:')}"

    page = user.page
    seen = [f"{user.text('answer:')} / {user.text('clicks:')}"]
    seen.append(told(page.get_by_text("more", exact=True).click))
    seen.append(told(lambda: page.get_by_role("slider").press("ArrowRight")))
    seen.append(told(page.get_by_role("button", name="count").click))
    page.get_by_label("name").fill("Ada")
    seen.append(told(page.get_by_role("button", name="send").click))
    return seen


def test_widgets_inside_work_on_another_server_and_the_function_does_not_run(
    start, new_user, calls
):
    seen, ran = [], []
    for _ in range(2):
        with start("widgets.py") as server:
            user = new_user()
            user.visit(server.url)
            seen.append(answers(user))
            assert user.leave() == []
        ran.append(calls.read_text(encoding="utf-8").splitlines())
    one, again = seen
    assert one == again
    assert [text.split() for text in one] == [
        ["hello", "0", "/", "0"],
        ["hello", "3", "/", "0"],
        ["hello", "4", "/", "0"],
        ["hello", "4", "/", "2"],
        ["hello", "Ada", "4", "/", "2"],
    ]
    assert ran[0] == ran[1]
